import { afterAll, describe, expect, it } from '@jest/globals';
import type { IVectorSearchRepository } from '@vecport/abstractions';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, migrateCollections } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

/** A source that is read page by page, and the name of whose state changes with every write, or that has none. */
async function scanned(named: boolean) {
  const { store, repository } = await filled(dense('c', 2), randomPoints(1, 50, 2));
  let writes = 0;
  const { slices: _, releaseSlices: __, revision: ___, ...whole } = repository;
  const source: IVectorSearchRepository = {
    ...whole,
    traits: { ...repository.traits, consistency: 'scan' },
    ...(named && { revision: async () => `state ${writes}` }),
    exportAll: async function* (options) {
      for await (const batch of repository.exportAll?.(options) ?? []) yield batch;
      // As many points as before, one of them another.
      await repository.upsert('point-000003', Float32Array.of(8, 8));
      writes++;
    },
  };
  return { source, from: { ...store, repository: async () => source } };
}

const exported = async (source: IVectorSearchRepository) =>
  exportDataset(exporting(source, localStorage(await tempFolder()), { batchSize: 10 }));

describe('a source of which points are replaced while it is read', () => {
  it('is noticed where the provider names its state', async () => {
    const { source } = await scanned(true);
    const { warnings, manifest } = await exported(source);
    expect(warnings).toEqual(['c: the source changed while it was read: from state 0 to state 1, 50 points exported.']);
    expect(manifest.collections[0]).toMatchObject({ consistency: 'scan', changesSeenBy: 'revision' });
  });

  it('is not noticed where it does not, and the manifest says so', async () => {
    const { source } = await scanned(false);
    const { warnings, manifest } = await exported(source);
    expect(warnings).toEqual([]);
    expect(manifest.collections[0]).toMatchObject({ consistency: 'scan', changesSeenBy: 'counts' });
  });

  it('is noticed by a migration', async () => {
    const { from } = await scanned(true);
    const target = memoryRepositories();
    const { warnings } = await migrateCollections({ source: from, collections: ['c'], target, mode: 'create' });
    expect(warnings).toEqual([expect.stringContaining('from state 0 to state 1')]);
  });

  it('that is read in a state with a name of its own is not taken for changed', async () => {
    const { source } = await scanned(true);
    const quiet: IVectorSearchRepository = {
      ...source,
      revision: async () => 'state 7',
      slices: async () => ({ slices: [{ token: 'all' }], consistency: 'point-in-time', snapshot: 'a point in time' }),
      exportAll: (options) => source.exportAll?.({ ...options, slice: undefined }) ?? (async function* () {})(),
    };
    expect((await exported(quiet)).warnings).toEqual([]);
  });
});
