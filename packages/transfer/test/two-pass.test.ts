import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ExportOptions, eq, gte, type IVectorSearchRepository } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import fc from 'fast-check';
import { type ExportReport, type ExportRequest, exportDataset, type SourceBatch } from '../src/index.js';
import { twoPassSource } from '../src/two-pass-source.js';
import { cutAfter, partHashes } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let repository: IVectorSearchRepository;

beforeAll(async () => {
  ({ repository } = await filled(dense('c', 2), randomPoints(11, 300, 2)));
});

const run = async (storage: Storage, options: Partial<ExportRequest> = {}): Promise<ExportReport> =>
  exportDataset(exporting(repository, storage, { partRows: 40, ...options }));

describe('an export in two passes', () => {
  it('has the same points as one in a single pass, whatever the pages and requests', async () => {
    const scan = await run(localStorage(await tempFolder()));
    const hashes: (readonly string[])[] = [];
    for (const options of [
      { batchSize: 100, retrieveBatch: 100, parallel: 1 },
      { batchSize: 33, retrieveBatch: 10, parallel: 8 },
      { batchSize: 7, retrieveBatch: 1000, parallel: 3 },
    ]) {
      const folder = await tempFolder();
      const { manifest, warnings } = await run(localStorage(folder), { read: 'two-pass', ...options });
      expect(warnings).toEqual([]);
      expect(manifest.collections[0]).toMatchObject({
        digest: scan.manifest.collections[0]?.digest,
        consistency: 'scan',
      });
      hashes.push(await partHashes(folder));
    }
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });

  it('asks for ids alone first, and for points by id several requests at a time', async () => {
    const asked: ExportOptions[] = [];
    let now = 0;
    let most = 0;
    const watched = {
      ...repository,
      exportAll: (options: ExportOptions = {}) => {
        asked.push(options);
        return repository.exportAll?.(options) ?? [];
      },
      get: async (...args: Parameters<IVectorSearchRepository['get']>) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        const batch = await repository.get(...args);
        now--;
        return batch;
      },
    } as IVectorSearchRepository;
    const options = { read: 'two-pass', retrieveBatch: 10, parallel: 4, partRows: 1000 } as const;
    await run(localStorage(await tempFolder()), { ...options, repositories: [watched] });
    expect(asked[0]).toMatchObject({ fields: [], vectors: 'none' });
    expect(most).toBe(4);
  });

  it('goes on where it was, with other pages and requests', async () => {
    const [whole, folder] = [await tempFolder(), await tempFolder()];
    await run(localStorage(whole), { read: 'two-pass' });
    for (const pages of [2, 4, 1, 3]) {
      const repositories = [cutAfter(repository, pages)];
      const options = { repositories, batchSize: 30 + pages, retrieveBatch: 6 + pages, parallel: pages };
      const broken = run(localStorage(folder), { read: 'two-pass', resume: true, ...options });
      await expect(broken).rejects.toThrow('cut');
    }
    await expect(run(localStorage(folder), { resume: true })).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining('read: two-pass, not scan'),
    });
    const report = await run(localStorage(folder), { read: 'two-pass', resume: true });
    expect(report.warnings).toEqual([]);
    expect(await partHashes(folder)).toEqual(await partHashes(whole));
  });

  it('counts points that are gone at the second pass, and warns', async () => {
    const living = await filled(dense('c', 2), randomPoints(11, 100, 2));
    const gone = ['point-000003', 'point-000050', 'point-000051'];
    const vanishing = {
      ...living.repository,
      exportAll: async function* (options: ExportOptions = {}) {
        for await (const batch of living.repository.exportAll?.({ ...options, batchSize: 100 }) ?? []) {
          await living.repository.deleteMany(gone);
          yield batch;
        }
      },
    };
    const storage = localStorage(await tempFolder());
    const report = await run(storage, { read: 'two-pass', repositories: [vanishing], partRows: 1000 });
    expect(report.warnings).toEqual([
      expect.stringContaining('100 points before, 97 after'),
      "c: 3 points whose ids were read were gone when they were fetched (for example 'point-000003', 'point-000050', 'point-000051').",
    ]);
    expect((await openDataset(storage)).collection().counts).toMatchObject({ exported: 97, missing: 3 });
    expect(report.missing.count).toBe(0);
  });

  it('filters and chooses fields as a single pass does, also where the provider cannot filter a full read', async () => {
    const blind: IVectorSearchRepository = {
      ...repository,
      traits: { ...repository.traits, exportFilterOperators: ['and'] },
    };
    const selection = { filter: gte('n', 200), fields: ['n', 'group'], excludeFields: ['group'] };
    const scan = await run(localStorage(await tempFolder()), { selection });
    for (const repositories of [[repository], [blind]]) {
      const twice = await run(localStorage(await tempFolder()), { selection, read: 'two-pass', repositories });
      expect(twice.manifest.collections[0]?.digest).toEqual(scan.manifest.collections[0]?.digest);
      expect(twice.manifest.collections[0]?.counts.exported).toBe(100);
    }
  });

  it('can be limited', async () => {
    const { manifest } = await run(localStorage(await tempFolder()), {
      read: 'two-pass',
      limit: 55,
      retrieveBatch: 20,
    });
    expect(manifest.collections[0]?.counts.exported).toBe(55);
  });
});

describe('a place in two passes', () => {
  it('is found again whatever the pages are then', async () => {
    const all = (await repository.get((await first(repository)).ids)).ids;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(20),
        async (pageThen, requestThen, pageNow, batches) => {
          const read = (batchSize: number, size: number, after?: string): AsyncIterable<SourceBatch> =>
            twoPassSource(repository, { filter: eq('group', 'dune') }, { batchSize, size, concurrent: 2 }).read({
              slice: { token: 'vecport:whole' },
              after,
            });
          const seen: string[] = [];
          let cursor: string | undefined;
          let left = batches;
          for await (const batch of read(pageThen, requestThen)) {
            if (left-- === 0) break;
            seen.push(...batch.ids);
            cursor = batch.cursor;
          }
          for await (const batch of read(pageNow, 9, cursor)) seen.push(...batch.ids);
          expect(seen).toEqual(all);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of another kind is refused', () => {
    const source = twoPassSource(repository, {}, { size: 1, concurrent: 1 });
    for (const after of ['', '[]', '[-1]', '["x"]', '[1,2]'])
      expect(() => source.read({ slice: { token: 'x' }, after })).toThrow('not a place');
  });
});

async function first(inner: IVectorSearchRepository): Promise<{ readonly ids: readonly string[] }> {
  const options = { filter: eq('group', 'dune'), batchSize: 1000 };
  for await (const batch of inner.exportAll?.(options) ?? []) return batch;
  return { ids: [] };
}
