import { afterAll, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import fc from 'fast-check';
import { datasetSlices, datasetSource, exportDataset } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

describe('datasetSource', () => {
  it('goes on after any number of rows, whatever the batches before and after', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(1, 57, 2));
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage));
    const dataset = await openDataset(storage);
    const stored = dataset.collection();
    const [slice] = datasetSlices(stored);
    if (slice === undefined) throw new Error('the dataset has no part');
    const read = async (batchSize: number, after?: string): Promise<string[]> => {
      const batches = await Array.fromAsync(datasetSource(dataset, stored, batchSize).read({ slice, after }));
      expect(batches.every(({ ids, metadata }) => ids.length > 0 && metadata.offsets.length === ids.length + 1)).toBe(
        true,
      );
      return batches.flatMap(({ ids }) => ids);
    };
    const all = await read(1000);
    expect(all.length).toBe(57);
    await fc.assert(
      fc.asyncProperty(fc.nat(57), fc.integer({ min: 1, max: 60 }), async (rows, batchSize) => {
        expect(await read(batchSize, String(rows))).toEqual(all.slice(rows));
      }),
      { numRuns: 40 },
    );
  });
});
