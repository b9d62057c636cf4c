import { afterAll, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, importDataset, migrateCollections, type TargetStore } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

/** A store whose collections can be tuned, and what was done with them. */
function tunable(log: string[], failing = false): TargetStore {
  const store = memoryRepositories();
  return {
    ...store,
    repository: async (name, options) => {
      const whole = await store.repository(name, options);
      return {
        ...whole,
        upsertMany: async (points, more) => {
          log.push('write');
          if (failing) throw new Error('broken');
          return whole.upsertMany(points, more);
        },
        bulkLoad: async () => {
          log.push('tune');
          return { restore: async () => void log.push('restore') };
        },
      };
    },
  };
}

describe('settings for loading', () => {
  it('are there for all writes into a new collection, and put back before it is compared', async () => {
    const { repository, store } = await filled(dense('c', 3), randomPoints(1, 20, 3));
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage));
    const dataset = await openDataset(storage);
    const log: string[] = [];
    const target = tunable(log);
    const report = await importDataset({ dataset, target, mode: 'create', verify: true, batchSize: 10 });
    expect(report.complete).toBe(true);
    expect(log).toEqual(['tune', 'write', 'write', 'restore']);
    log.length = 0;
    await importDataset({ dataset, target, mode: 'append' });
    expect(log).toEqual(['write']);
    log.length = 0;
    await migrateCollections({ source: store, collections: ['c'], target, mode: 'replace' });
    expect(log).toEqual(['tune', 'write', 'restore']);
  });

  it('are put back when the work fails, whose error is told', async () => {
    const { store } = await filled(dense('c', 3), randomPoints(1, 20, 3));
    const log: string[] = [];
    const run = migrateCollections({ source: store, collections: ['c'], target: tunable(log, true), mode: 'create' });
    await expect(run).rejects.toThrow('broken');
    expect(log).toEqual(['tune', 'write', 'restore']);
  });
});
