import { readdir } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { type Dataset, openDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import {
  type MemoryRepositories,
  memoryRepositories,
  randomPoints,
  removeTempFolders,
  tempFolder,
} from '@vecport/testkit';
import {
  type Dispatch,
  exportDataset,
  type ImportReport,
  importDataset,
  importSlice,
  type MigrationReport,
  migrateCollections,
  migrateSlice,
  type SliceTurn,
} from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let source: MemoryRepositories;
let target: MemoryRepositories;
let dataset: Dataset;
let folder: string;
let state: Storage;

beforeEach(async () => {
  const { store, repository } = await filled(dense('c', 2), randomPoints(7, 100, 2));
  source = store;
  const exported = localStorage(await tempFolder());
  await exportDataset(exporting(repository, exported, { partRows: 30 }));
  dataset = await openDataset(exported);
  target = memoryRepositories();
  folder = await tempFolder();
  state = localStorage(folder);
});

const signal = new AbortController().signal;
type Take = (run: string, slice: number) => Promise<SliceTurn>;

const importing: Take = async (run, slice) =>
  importSlice({ dataset, target, state, place: { collection: 0, unit: 0, slice }, run, maxParts: 1, signal });
const migrating: Take = async (run, slice) =>
  migrateSlice({ source, target, state, place: { collection: 0, unit: 0, slice }, run, maxParts: 1, signal });

const all =
  (take: Take): Dispatch =>
  async ({ run, slices }) => {
    for (const slice of slices.keys()) await Promise.all([take(run, slice), take(run, slice)]);
  };

const some =
  (take: Take): Dispatch =>
  async ({ run }) => {
    await take(run, 0);
    throw new Error('given up');
  };

const imported = async (options: Partial<Parameters<typeof importDataset>[0]> = {}): Promise<ImportReport> =>
  importDataset({ dataset, target, mode: 'create', state, verify: true, ...options });
const migrated = async (options: Partial<Parameters<typeof migrateCollections>[0]> = {}): Promise<MigrationReport> =>
  migrateCollections({ source, collections: ['c'], target, mode: 'create', state, verify: true, ...options });

describe.each([
  ['an import', imported, importing],
  ['a migration', migrated, migrating],
] as const)('%s whose slices others write', (_name, work, take) => {
  it('is proven as one of one process is, though everything is written twice', async () => {
    const report = await work({ dispatch: all(take) });
    expect(report).toMatchObject({ complete: true, resumed: false });
    expect(report.collections).toMatchObject([{ accepted: 100, refused: 0, comparison: { equal: true } }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes on with what an earlier run left, with and without others', async () => {
    await expect(work({ dispatch: some(take) })).rejects.toThrow('given up');
    await expect(work({ dispatch: some(take), resume: true })).rejects.toThrow('given up');
    expect(await work({ resume: true })).toMatchObject({ complete: true, resumed: true });
  });

  it('writes again what the target has lost', async () => {
    await expect(work({ dispatch: some(take) })).rejects.toThrow('given up');
    await target.drop('c');
    const report = await work({ dispatch: all(take), resume: true });
    expect(report.collections).toMatchObject([{ comparison: { equal: true } }]);
  });

  it('is not called complete when a slice was not written', async () => {
    await expect(work({ dispatch: async () => {} })).rejects.toMatchObject({ code: 'incomplete' });
  });

  it('needs a folder for its state', async () => {
    await expect(work({ dispatch: all(take), state: undefined })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('keeps the points that the target refuses', async () => {
    target = memoryRepositories({
      refuseWrite: ({ id }) => (id.endsWith('7') ? new VecportError('provider-error', 'It ends in 7.') : undefined),
    });
    const report = await work({ dispatch: all(take), verify: false });
    expect(report.collections[0]?.refused).toBeGreaterThan(0);
    expect(report.quarantine?.points).toBe(report.collections[0]?.refused);
  });
});
