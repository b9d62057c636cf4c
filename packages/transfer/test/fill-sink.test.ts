import { readdir } from 'node:fs/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { IVectorSearchRepository } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, type FillRequest, fillSink, type TransferSink } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

/** Keeps the ids of each part; may die at one. */
function collecting(seen: string[], dieAt = ''): TransferSink<number> {
  return {
    open: async () => {
      let rows = 0;
      return {
        write: async ({ ids }) => {
          if (ids.includes(dieAt)) throw new Error('cut');
          seen.push(...ids);
          rows += ids.length;
        },
        commit: async () => rows,
        abort: async () => {},
      };
    },
  };
}

const isReceipt = (value: unknown): value is number => typeof value === 'number';
const points = randomPoints(1, 100, 3);
const all = points.map(({ id }) => id);

async function requestOf(more: Partial<FillRequest<number>> = {}): Promise<FillRequest<number>> {
  const { repository } = await filled(dense('c', 3), points);
  return { source: [repository], sink: collecting([]), isReceipt, name: 'test', partRows: 10, batchSize: 10, ...more };
}

describe('fillSink', () => {
  it('gives every point of a living collection once, in parts', async () => {
    const seen: string[] = [];
    const report = await fillSink(await requestOf({ sink: collecting(seen) }));
    expect(report).toMatchObject({ points: 100, resumed: false, warnings: [] });
    expect(report.receipts.reduce((sum, rows) => sum + rows, 0)).toBe(100);
    expect(seen.toSorted()).toEqual(all);
  });

  it('gives every point of a dataset once', async () => {
    const { repository } = await filled(dense('c', 3), points);
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { partRows: 30 }));
    const seen: string[] = [];
    const source = { dataset: await openDataset(storage) };
    expect(await fillSink(await requestOf({ source, sink: collecting(seen) }))).toMatchObject({ points: 100 });
    expect(seen.toSorted()).toEqual(all);
  });

  it('goes on after the parts that were committed, and forgets its state then', async () => {
    const folder = await tempFolder();
    const request = await requestOf({ state: localStorage(folder) });
    const seen: string[] = [];
    await expect(fillSink({ ...request, sink: collecting(seen, 'point-000055') })).rejects.toThrow('cut');
    await expect(fillSink({ ...request, resume: true, name: 'other' })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    const rest: string[] = [];
    const report = await fillSink({ ...request, resume: true, sink: collecting(rest) });
    expect(report).toMatchObject({ points: 100, resumed: true });
    expect(rest.length).toBeLessThan(100);
    expect([...new Set([...seen, ...rest])].toSorted()).toEqual(all);
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  it('notices points that the source does not give', async () => {
    const { repository } = await filled(dense('c', 3), points);
    const losing: IVectorSearchRepository = {
      ...repository,
      exportAll: async function* (options) {
        for await (const batch of repository.exportAll?.(options) ?? [])
          if (!batch.ids.includes('point-000003')) yield batch;
      },
    };
    await expect(fillSink(await requestOf({ source: [losing] }))).rejects.toMatchObject({ code: 'incomplete' });
  });
});
