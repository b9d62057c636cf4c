import { readdir } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, type IVectorSearchRepository } from '@vecport/abstractions';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type ExportRequest, exportDataset, previewExport } from '../src/index.js';
import { cutAfter } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let repository: IVectorSearchRepository;
let folder: string;
let pages: number;

beforeEach(async () => {
  const { repository: stored } = await filled(dense('c', 8), randomPoints(7, 500, 8));
  folder = await tempFolder();
  pages = 0;
  repository = {
    ...stored,
    exportAll: async function* (options) {
      for await (const batch of stored.exportAll?.(options) ?? []) {
        pages++;
        yield batch;
      }
    },
  };
});

const request = (options: Partial<ExportRequest> = {}): ExportRequest =>
  exporting(repository, localStorage(folder), { partRows: 90, ...options });

describe('a preview', () => {
  it('tells the plan with estimates, reads one page and writes nothing', async () => {
    const costly = { ...repository, traits: { ...repository.traits, readCost: 'Every request is charged.' } };
    const { plan, target, collections } = await previewExport(request({ repositories: [costly], parallel: 2 }));
    expect(pages).toBe(1);
    expect(await readdir(folder)).toEqual([]);
    expect(target).toBe('empty');
    expect(plan.collections[0]).toMatchObject({ name: 'c', partRows: 90, units: [{ expected: 500 }] });
    expect(collections).toEqual([
      expect.objectContaining({
        ...{ name: 'c', points: 500, slices: 6, parts: 6, partRows: 90, warnings: [] },
        readCost: 'Every request is charged.',
        vectors: { default: expect.objectContaining({ dimension: 8 }) },
        units: [{ points: 500, slices: 6, parts: 6, consistency: 'snapshot', tenant: undefined }],
        sample: expect.objectContaining({ points: 84 }),
        estimatedMs: expect.any(Number),
      }),
    ]);
    const { estimatedBytes = 0, parts } = collections[0] ?? {};
    expect(estimatedBytes).toBeGreaterThan(500 * 32);
    const { manifest } = await exportDataset(request());
    expect(manifest.collections[0]?.parts).toHaveLength(parts ?? 0);
  });

  it('tells the pinned plan of an unfinished export', async () => {
    const cut = cutAfter(repository, 3);
    await expect(exportDataset(request({ repositories: [cut], parallel: 1, batchSize: 50 }))).rejects.toThrow('cut');
    const before = await readdir(folder);
    await expect(previewExport(request({ resume: true, limit: 3 }))).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    const { plan, target } = await previewExport(request({ resume: true }));
    const pinned = await previewExport(request({ resume: true, id: 'another' }));
    expect(target).toBe('unfinished');
    expect([pinned.plan.id, pinned.plan.startedAt]).toEqual(['test', plan.startedAt]);
    expect(await readdir(folder)).toEqual(before);
    expect((await previewExport(request())).target).toBe('unfinished');
  });

  it('counts no more points than the limit and the list of ids', async () => {
    const limited = await previewExport(request({ limit: 50 }));
    expect(limited.collections[0]).toMatchObject({ points: 50, slices: 1 });
    const ids = Array.from({ length: 200 }, (_, n) => `point-${String(n).padStart(6, '0')}`);
    const listed = await previewExport(request({ ids }));
    expect(listed.collections[0]).toMatchObject({ points: 200, slices: 3, sample: { points: 100 } });
  });

  it('gives back what the source holds, and has no sample of an empty collection', async () => {
    const released: number[] = [];
    const holding: IVectorSearchRepository = {
      ...repository,
      releaseSlices: async ({ slices }) => {
        released.push(slices.length);
      },
    };
    await previewExport(request({ repositories: [holding] }));
    expect(released).toEqual([6]);
    const { store } = await filled(dense('none', 2), []);
    const empty = await previewExport(request({ repositories: [await store.repository('none')] }));
    expect(empty.collections[0]).toMatchObject({ points: 0, sample: undefined, estimatedBytes: 0 });
  });

  it('tells when every point is read to be filtered', async () => {
    const blind: IVectorSearchRepository = {
      ...repository,
      traits: { ...repository.traits, exportFilterOperators: [] },
    };
    const { collections } = await previewExport(request({ repositories: [blind], selection: { filter: eq('n', 1) } }));
    expect(collections[0]?.warnings).toEqual([expect.stringContaining('every point is read')]);
  });
});
