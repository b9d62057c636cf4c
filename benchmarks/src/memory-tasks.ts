import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { exportDataset, importDataset, type MigrationSource, migrateCollections } from '@vecport/transfer';
import { discardingStore, generatedSource } from './generated-places.js';
import type { Work } from './report.js';

type Finish = (work: Work) => Promise<void>;

/**
 * Work on generated points, with the settings of memory of the command `vecport`. The argument is the
 * number of points, where a dataset of them is, which an export writes and an import reads, how many slices are worked
 * on at the same time, and the dimensions of an export, 384 if not said.
 */
export const MEMORY_TASKS: Readonly<Record<string, (argument: string, finish: Finish) => Promise<void>>> = {
  'memory-export': async (argument, finish) => {
    const { points, folder, parallel, dimension } = placeOf(argument);
    keepMemoryFlat();
    await rm(folder, { recursive: true, force: true });
    const repository = await generatedSource(points, dimension);
    await finish(async () => {
      const { manifest } = await exportDataset({
        repositories: [repository],
        source: { provider: repository.provider },
        storage: localStorage(folder),
        parallel,
        id: 'memory',
        tool: { name: 'benchmark', version: '0' },
      });
      const parts = manifest.collections.flatMap((collection) => collection.parts);
      return {
        rows: parts.reduce((sum, { rows }) => sum + rows, 0),
        bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    });
  },
  'memory-import': async (argument, finish) =>
    withState(async (state) => {
      const { points, folder, parallel } = placeOf(argument);
      const target = discardingStore((await generatedSource(points)).traits);
      await finish(async () => {
        const dataset = await openDataset(localStorage(folder));
        await importDataset({ dataset, target, mode: 'create', parallel, state: localStorage(state) });
        return { rows: target.accepted() };
      });
    }),
  'memory-migrate': async (argument, finish) =>
    withState(async (state) => {
      const { points, parallel } = placeOf(argument);
      const repository = await generatedSource(points);
      const target = discardingStore(repository.traits);
      await finish(async () => {
        await migrateCollections({
          source: storeOf(repository),
          collections: [repository.collection],
          target,
          mode: 'create',
          parallel,
          state: localStorage(state),
        });
        return { rows: target.accepted() };
      });
    }),
};

function storeOf(repository: Awaited<ReturnType<typeof generatedSource>>): MigrationSource {
  const { provider, traits } = repository;
  return {
    provider,
    traits,
    url: 'generated:',
    multiTenant: false,
    repository: async () => repository,
    tenants: async () => [],
  };
}

async function withState(work: (state: string) => Promise<void>): Promise<void> {
  keepMemoryFlat();
  const state = await mkdtemp(join(tmpdir(), 'vecport-bench-'));
  try {
    await work(state);
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/** As the command `vecport` does; the other setting is in the environment, as it is for that command. */
function keepMemoryFlat(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

interface MemoryPlace {
  readonly points: number;
  readonly folder: string;
  readonly parallel: number;
  readonly dimension: number | undefined;
}

function placeOf(argument: string): MemoryPlace {
  const [points, folder = '', parallel, dimension] = argument.split('#');
  return {
    points: Number(points),
    folder,
    parallel: Number(parallel),
    dimension: dimension === undefined ? undefined : Number(dimension),
  };
}
