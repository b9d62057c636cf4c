import { afterAll, describe, expect, it } from '@jest/globals';
import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { localStorage, type Storage } from '@vecport/storage';
import {
  type MemoryRepositories,
  memoryRepositories,
  randomPoints,
  removeTempFolders,
  tempFolder,
} from '@vecport/testkit';
import { type MigrationSource, migrateCollections, type TargetMode } from '../src/index.js';
import { cutAfter } from './faults.js';
import { dense } from './stores.js';

/*
 * Sources that hold the state of a plan as long as the process lives that made it: a migration that is resumed cannot
 * go on with it.
 */
const NAMES = ['first', 'second'] as const;
const POINTS = 300;

afterAll(removeTempFolders);

describe('a migration whose state at the source is gone when it is resumed', () => {
  it.each(['create', 'replace', 'append'] as const)('is read from its start again, with a word (%s)', async (mode) => {
    const { source, target, state } = await interrupted(mode);
    const changing = await source.repository('first');
    await changing.delete('point-000001');
    await changing.upsert('new', Float32Array.of(1, 2));
    const report = await migrate(pointsInTime(source), target, { mode, state, resume: true });
    expect(report).toMatchObject({ complete: true, resumed: true });
    expect(report.warnings).toEqual([
      expect.stringMatching(/^first: it was read from its start again: the provider could not go on \(.* is gone\)/),
      expect.stringMatching(/^second: it was read from its start again/),
    ]);
    expect(report.warnings[0]?.includes('still in the target')).toBe(mode === 'append');
    expect(report.collections.map(({ read }) => read)).toEqual([POINTS, POINTS]);
    // What is gone at the source was dropped with the target, where that may be dropped.
    expect(await countsIn(target)).toEqual(mode === 'append' ? [POINTS + 1, POINTS] : [POINTS, POINTS]);
  });

  it('goes on by the new plan when it is interrupted again', async () => {
    const { source, target, state } = await interrupted('create');
    const living = pointsInTime(source);
    const breaking: MigrationSource = {
      ...living,
      repository: async (name) => {
        const repository = await living.repository(name);
        return name === 'second' ? cutAfter(repository, 4) : repository;
      },
    };
    await expect(migrate(breaking, target, { state, resume: true })).rejects.toThrow('cut');
    const report = await migrate(living, target, { state, resume: true });
    expect(report).toMatchObject({ complete: true, resumed: true, warnings: [] });
    expect(await countsIn(target)).toEqual([POINTS, POINTS]);
  });

  it('fails when it is not resumed', async () => {
    const source = await filledStore();
    const gone: MigrationSource = {
      ...source,
      repository: async (name) => ({
        ...(await pointsInTime(source).repository(name)),
        slices: async (count, options) =>
          (await (await source.repository(name)).slices?.(count, options)) ?? { slices: [], consistency: 'scan' },
      }),
    };
    const run = migrate(gone, memoryRepositories(), { state: localStorage(await tempFolder()) });
    await expect(run).rejects.toMatchObject({ code: 'expired' });
  });
});

it('a migration reads on after errors that go away', async () => {
  const source = await filledStore();
  let pages = 0;
  const flaky: MigrationSource = {
    ...source,
    repository: async (name) => {
      const inner = await source.repository(name);
      return {
        ...inner,
        exportAll: async function* (options) {
          for await (const batch of inner.exportAll?.(options) ?? []) {
            yield batch;
            if (++pages % 3 === 0) throw new VecportError('unavailable', 'Busy.', { retryAfterMs: 1 });
          }
        },
      };
    },
  };
  const target = memoryRepositories();
  const report = await migrate(flaky, target, { state: localStorage(await tempFolder()), verify: false });
  expect(report.collections.map(({ read }) => read)).toEqual([POINTS, POINTS]);
  expect(await countsIn(target)).toEqual([POINTS, POINTS]);
  expect(pages).toBeGreaterThan(6);
});

interface MigrateOptions {
  readonly mode?: TargetMode;
  readonly state: Storage;
  readonly resume?: boolean;
  readonly verify?: boolean;
}

async function migrate(source: MigrationSource, target: MemoryRepositories, options: MigrateOptions) {
  return migrateCollections({
    source,
    target,
    collections: NAMES,
    mode: 'create',
    verify: true,
    batchSize: 50,
    parallel: 1,
    ...options,
  });
}

/** A migration that ended in its first collection, with the process that held the state of both. */
async function interrupted(mode: TargetMode) {
  const source = await filledStore();
  const target = memoryRepositories();
  if (mode === 'append') for (const name of NAMES) await target.create(dense(name, 2));
  const state = localStorage(await tempFolder());
  const held = pointsInTime(source);
  const cut: MigrationSource = { ...held, repository: async (name) => cutAfter(await held.repository(name), 4) };
  await expect(migrate(cut, target, { mode, state })).rejects.toThrow('cut');
  return { source, target, state };
}

async function filledStore(): Promise<MemoryRepositories> {
  const store = memoryRepositories();
  for (const [seed, name] of NAMES.entries()) {
    await store.create(dense(name, 2));
    await (await store.repository(name)).upsertMany(randomPoints(seed, POINTS, 2));
  }
  return store;
}

async function countsIn(target: MemoryRepositories): Promise<readonly number[]> {
  return Promise.all(NAMES.map(async (name) => (await target.repository(name)).count()));
}

/** The store as a process sees it that holds the state of the plans it makes, and of no others. */
function pointsInTime(store: MemoryRepositories): MigrationSource {
  const held = new Set<string>();
  return {
    ...store,
    repository: async (name) => heldRepository(await store.repository(name), held),
  };
}

function heldRepository(inner: IVectorSearchRepository, held: Set<string>): IVectorSearchRepository {
  const keyOf = (token: string): string => `${inner.collection} ${token}`;
  return {
    ...inner,
    slices: async (count, options) => {
      const slices = (await inner.slices?.(count, options))?.slices ?? [];
      for (const { token } of slices) held.add(keyOf(token));
      return { slices, consistency: 'point-in-time' };
    },
    exportAll: async function* (options = {}) {
      if (options.slice !== undefined && !held.has(keyOf(options.slice.token)))
        throw new VecportError('expired', 'The point in time is gone.');
      yield* inner.exportAll?.(options) ?? [];
    },
  };
}
