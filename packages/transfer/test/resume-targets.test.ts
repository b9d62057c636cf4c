import { cp } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IVectorSearchRepository, VecportError, type VectorBatch } from '@vecport/abstractions';
import { type Dataset, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { type MemoryRepositories, memoryRepositories, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, importDataset, type TargetMode, type TargetStore } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

const POINTS = 300;
const PART_ROWS = 50;

let dataset: Dataset;

beforeAll(async () => {
  dataset = await exported();
});

afterAll(removeTempFolders);

describe('an import whose target is not as the killed run left it', () => {
  it.each(['create', 'replace'] as const)('makes a target again that is gone (%s)', async (mode) => {
    const target = memoryRepositories();
    const state = await stoppedImport(target, mode);
    await target.drop('items');
    const events: string[] = [];
    const report = await resume(target, state, mode, (event) => events.push(event.change));
    expect(report).toMatchObject({ complete: true, resumed: true });
    expect(events).toEqual(['created']);
    expect(await countIn(target)).toBe(POINTS);
  });

  it('does not make a target that it was to append to', async () => {
    const target = memoryRepositories();
    await target.create(dense('items', 3));
    const state = await stoppedImport(target, 'append');
    await target.drop('items');
    await expect(resume(target, state, 'append')).rejects.toMatchObject({ code: 'not-found' });
    expect(await target.collections()).toEqual([]);
  });

  it('writes everything again to a target that lost points', async () => {
    const target = memoryRepositories();
    const state = await stoppedImport(target, 'create');
    const repository = await target.repository('items');
    const ids = [];
    for await (const batch of repository.exportAll?.() ?? []) ids.push(...batch.ids);
    await repository.deleteMany(ids.slice(0, 1));
    expect(await resume(target, state, 'create')).toMatchObject({ complete: true, resumed: true });
    expect(await countIn(target)).toBe(POINTS);
  });

  it('writes what is left, and not more, to a target that has what was written', async () => {
    const target = memoryRepositories();
    const state = await stoppedImport(target, 'create');
    const there = await countIn(target);
    let written = 0;
    const counting = around(target, async (batch, write) => {
      written += batch.ids.length;
      return write(batch);
    });
    expect(await resume(counting, state, 'create')).toMatchObject({ complete: true });
    expect(there).toBeGreaterThan(0);
    expect(written).toBe(POINTS - there);
  });
});

describe('an import that was killed while it made its target', () => {
  it('makes it anew when it is empty', async () => {
    const target = memoryRepositories();
    const state = await diedMaking(target);
    expect(await resume(target, state, 'create')).toMatchObject({ complete: true, resumed: true });
    expect(await countIn(target)).toBe(POINTS);
  });

  it('leaves it alone when there are points in it', async () => {
    const target = memoryRepositories();
    const state = await diedMaking(target);
    await (await target.repository('items')).upsert('mine', Float32Array.of(1, 2, 3));
    await expect(resume(target, state, 'create')).rejects.toMatchObject({ code: 'already-exists' });
    expect(await countIn(target)).toBe(1);
  });
});

it('a target whose making was answered by a lost connection is made once more', async () => {
  const target = memoryRepositories();
  let made = 0;
  const flaky: TargetStore = {
    ...target,
    create: async (description) => {
      await target.create(description);
      if (++made === 1) throw new VecportError('unavailable', 'The connection was lost.');
    },
  };
  expect(await importDataset({ dataset, target: flaky, mode: 'create' })).toMatchObject({ complete: true });
  expect(made).toBe(2);
  expect(await countIn(target)).toBe(POINTS);
});

it('a collection that is there is not taken for one of an import that was killed while it forgot its work', async () => {
  const target = memoryRepositories();
  const state = await stoppedImport(target, 'create');
  // The plan goes before the list of targets.
  await localStorage(state).delete('plan.json');
  await expect(resume(target, state, 'create')).rejects.toMatchObject({ code: 'already-exists' });
});

it('an import notices files that change after they were checked, and writes all again when they are back', async () => {
  const target = memoryRepositories();
  const [first, second] = dataset.collection().parts.map(({ path }) => path);
  if (first === undefined || second === undefined) throw new Error('There are too few parts.');
  let swapped = false;
  const pathOf = (path: string): string => (swapped && path === first ? second : path);
  const { storage } = dataset;
  // From then on a part holds what another does: a valid file of the same size.
  const changing = await openDataset({
    ...storage,
    read: async (path, range, options) => storage.read(pathOf(path), range, options),
  });
  const request = { dataset: changing, target, mode: 'create', state: localStorage(await tempFolder()) } as const;
  const onTarget = (): void => {
    swapped = true;
  };
  await expect(importDataset({ ...request, onTarget })).rejects.toMatchObject({
    code: 'corrupt-data',
    reason: expect.stringContaining('changed while they were imported'),
  });
  swapped = false;
  const report = await importDataset({ ...request, resume: true, verify: true });
  expect(report).toMatchObject({ complete: true, resumed: true, collections: [{ comparison: { equal: true } }] });
});

/** A dataset whose parts have files of one size each. */
async function exported(): Promise<Dataset> {
  const points = Array.from({ length: POINTS }, (_, n) => ({
    id: `point-${100 + n}`,
    embedding: Float32Array.of(n, 1, 2),
    metadata: { n: 100 + n },
  }));
  const { repository } = await filled(dense('items', 3), points);
  const folder = localStorage(await tempFolder());
  const encoding = { format: 'parquet', compression: 'none', vectors: 'plain' } as const;
  await exportDataset(exporting(repository, folder, { partRows: PART_ROWS, encoding }));
  return openDataset(folder);
}

/** Import into a target whose writes stop after some parts. Gives the folder of its state. */
async function stoppedImport(target: MemoryRepositories, mode: TargetMode): Promise<string> {
  const state = await tempFolder();
  let writes = 0;
  const stopping = around(target, async (batch, write) => {
    if (++writes > 3) throw new VecportError('forbidden', 'No more.');
    return write(batch);
  });
  const run = importDataset({ dataset, target: stopping, mode, state: localStorage(state), parallel: 1 });
  await expect(run).rejects.toMatchObject({ code: 'forbidden' });
  expect(await countIn(target)).toBe(3 * PART_ROWS);
  return state;
}

/** What a run leaves that is killed when it has made its target and nobody knows yet. */
async function diedMaking(target: MemoryRepositories): Promise<string> {
  const [state, left] = [await tempFolder(), await tempFolder()];
  const dying: TargetStore = {
    ...target,
    create: async (description) => {
      await target.create(description);
      await cp(state, left, { recursive: true, filter: (path) => !path.endsWith('.lock') });
      throw new VecportError('forbidden', 'Dead.');
    },
  };
  const run = importDataset({ dataset, target: dying, mode: 'create', state: localStorage(state) });
  await expect(run).rejects.toMatchObject({ code: 'forbidden' });
  return left;
}

async function resume(
  target: TargetStore,
  state: string,
  mode: TargetMode,
  onTarget?: Parameters<typeof importDataset>[0]['onTarget'],
) {
  return importDataset({ dataset, target, mode, state: localStorage(state), resume: true, onTarget });
}

async function countIn(target: MemoryRepositories): Promise<number> {
  return (await target.repository('items')).count();
}

type Write = (batch: VectorBatch) => ReturnType<IVectorSearchRepository['upsertMany']>;

/** A store whose writes go through a function. */
function around(
  target: MemoryRepositories,
  write: (batch: VectorBatch, write: Write) => ReturnType<IVectorSearchRepository['upsertMany']>,
): TargetStore {
  return {
    ...target,
    repository: async (name, options) => {
      const inner = await target.repository(name, options);
      return {
        ...inner,
        upsertMany: async (batch) => write(batch as VectorBatch, async (given) => inner.upsertMany(given)),
      };
    },
  };
}
