import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq, type IVectorSearchRepository, metadataText } from '@vecport/abstractions';
import { openDataset, readPart, validateDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { type MemoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { compareWithRepository, type ExportRequest, exportDataset, verifyDataset } from '../src/index.js';
import { cutAfter, partHashes } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let store: MemoryRepositories;
let repository: IVectorSearchRepository;

beforeAll(async () => {
  ({ store, repository } = await filled(dense('c', 2), randomPoints(11, 300, 2)));
});

const run = async (storage: Storage, options: Partial<ExportRequest> = {}) =>
  exportDataset(exporting(repository, storage, { partRows: 40, ...options }));

/** Interrupts an export several times; every run has other pages and workers. */
async function piecemeal(folder: string, options: Partial<ExportRequest>): Promise<void> {
  for (const pages of [3, 5, 2]) {
    const repositories = [cutAfter(breakingGets(repository, pages), pages)];
    const broken = run(localStorage(folder), {
      resume: true,
      batchSize: 5 + pages,
      repositories,
      parallel: pages,
      ...options,
    });
    await expect(broken).rejects.toThrow('cut');
  }
}

/** The same repository, whose gets break for good after so many. */
function breakingGets(inner: IVectorSearchRepository, gets: number): IVectorSearchRepository {
  let left = gets;
  return {
    ...inner,
    get: async (ids, options) => {
      if (left-- <= 0) throw new Error('cut');
      return inner.get(ids, options);
    },
  };
}

async function idsOf(storage: Storage): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const collection of (await openDataset(storage)).manifest.collections) {
    for (const part of collection.parts) {
      for await (const batch of readPart(storage, part, { columns: 'ids' })) ids.push(...batch.ids);
    }
  }
  return ids;
}

describe('a limit', () => {
  it('takes the first points of the slices in their order, whatever the pages and interruptions', async () => {
    const [whole, folder, limited] = [await tempFolder(), await tempFolder(), await tempFolder()];
    await run(localStorage(whole));
    await run(localStorage(limited), { limit: 123 });
    await piecemeal(folder, { limit: 123 });
    const report = await run(localStorage(folder), { limit: 123, resume: true, parallel: 8 });
    expect(await partHashes(folder)).toEqual(await partHashes(limited));
    expect(await idsOf(localStorage(folder))).toEqual((await idsOf(localStorage(whole))).slice(0, 123));
    expect(report).toMatchObject({
      warnings: [],
      manifest: { collections: [{ selection: { limit: 123 }, counts: { exported: 123, before: 300 } }] },
    });
    expect((await validateDataset(await openDataset(localStorage(folder)))).ok).toBe(true);
  });

  it('counts over all collections', async () => {
    const several = await filled(dense('one', 2), randomPoints(1, 30, 2));
    for (const name of ['two', 'three']) {
      await several.store.create(dense(name, 2));
      await (await several.store.repository(name)).upsertMany(randomPoints(2, 30, 2));
    }
    const repositories = await Promise.all(['one', 'two', 'three'].map(async (name) => several.store.repository(name)));
    const { manifest } = await run(localStorage(await tempFolder()), { repositories, limit: 40 });
    expect(manifest.collections.map(({ counts }) => counts.exported)).toEqual([30, 10, 0]);
  });

  it('is no shorter than what there is, and no page is larger than it', async () => {
    const asked: (number | undefined)[] = [];
    const watched: IVectorSearchRepository = {
      ...repository,
      exportAll: (options) => {
        asked.push(options?.batchSize);
        return repository.exportAll?.(options) ?? [];
      },
    } as IVectorSearchRepository;
    await run(localStorage(await tempFolder()), { limit: 7, repositories: [watched] });
    expect(asked).toEqual([7]);
    const { manifest } = await run(localStorage(await tempFolder()), { limit: 5000 });
    expect(manifest.collections[0]?.counts.exported).toBe(300);
    await expect(run(localStorage(await tempFolder()), { limit: 0 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});

describe('a list of ids', () => {
  const ids = Array.from({ length: 150 }, (_, n) => `point-${String((n * 7) % 320).padStart(6, '0')}`);
  const there = ids.filter((id) => Number(id.slice(6)) < 300);

  it('takes those points in its order, and counts those that are not there', async () => {
    const [folder, whole] = [await tempFolder(), await tempFolder()];
    await run(localStorage(whole), { ids });
    await piecemeal(folder, { ids, retrieveBatch: 4 });
    const report = await run(localStorage(folder), { ids, resume: true, retrieveBatch: 11, parallel: 3 });
    expect(await idsOf(localStorage(folder))).toEqual(there);
    expect(await partHashes(folder)).toEqual(await partHashes(whole));
    expect(report.missing).toEqual({ count: 150 - there.length, ids: ids.filter((id) => !there.includes(id)) });
    expect(report.manifest.collections[0]).toMatchObject({
      consistency: 'scan',
      counts: { before: 150, exported: there.length, missing: 150 - there.length },
      selection: { ids: { count: 150, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    });
    const again = await run(localStorage(folder), { ids, resume: true });
    expect(again).toMatchObject({ resumed: 'complete', missing: { count: 150 - there.length } });
  });

  it('needs no full read, and keeps the fields asked for', async () => {
    const { exportAll: _all, slices: _slices, ...rest } = repository;
    const storage = localStorage(await tempFolder());
    await run(storage, { ids: ['point-000001'], repositories: [rest], selection: { fields: ['n'] } });
    const [part] = (await openDataset(storage)).collection().parts;
    const texts: (string | undefined)[] = [];
    if (part !== undefined)
      for await (const batch of readPart(storage, part)) texts.push(metadataText(batch.metadata, 0));
    expect(texts).toEqual(['{"n":1}']);
  });

  it('may be empty', async () => {
    const { manifest, missing } = await run(localStorage(await tempFolder()), { ids: [] });
    expect([manifest.collections[0]?.counts.exported, missing.count]).toEqual([0, 0]);
  });

  it.each<[string, Partial<ExportRequest>, string]>([
    ['an id twice', { ids: ['a', 'a'] }, "'a' twice"],
    ['a filter', { ids: ['a'], selection: { filter: eq('n', 1) } }, 'exclude each other'],
  ])('is refused with %s', async (_case, options, message) => {
    await expect(run(localStorage(await tempFolder()), options)).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining(message),
    });
  });

  it('is refused for two collections', async () => {
    await store.create(dense('other', 2)).catch(() => undefined);
    const repositories = [repository, await store.repository('other')];
    await expect(run(localStorage(await tempFolder()), { ids: ['a'], repositories })).rejects.toThrow('2 are named');
  });

  it('is refused by a resumed run when it is another one', async () => {
    const storage = localStorage(await tempFolder());
    const options = { ids, retrieveBatch: 10, parallel: 1 };
    await expect(run(storage, { ...options, repositories: [breakingGets(repository, 6)] })).rejects.toThrow('cut');
    await expect(run(storage, { ...options, ids: ids.toReversed(), resume: true })).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining('another selection'),
    });
  });
});

describe('fields that are left out', () => {
  it('are not in the files, and the dataset is equal to what is left of the source', async () => {
    const storage = localStorage(await tempFolder());
    await run(storage, { selection: { excludeFields: ['group', 'weight', 'tags'] } });
    const dataset = await openDataset(storage);
    expect(dataset.collection().selection).toEqual({ excludeFields: ['group', 'weight', 'tags'] });
    expect(await compareWithRepository(dataset.collection(), repository)).toMatchObject({ equal: true });
    const fields = localStorage(await tempFolder());
    await run(fields, { selection: { fields: ['n', 'group'], excludeFields: ['group'] } });
    expect((await openDataset(fields)).collection().digest).toEqual(dataset.collection().digest);
  });

  it('of metadata that has none of them leave its spelling', async () => {
    const points = [{ id: 'a', embedding: Float32Array.of(1, 2), metadataText: '{ "x" : 1.0 }' }];
    const odd = await filled(dense('odd', 2), points);
    const [left, plain] = [localStorage(await tempFolder()), localStorage(await tempFolder())];
    await run(left, { repositories: [odd.repository], selection: { excludeFields: ['y'] } });
    await run(plain, { repositories: [odd.repository] });
    expect((await openDataset(left)).collection().digest).toEqual((await openDataset(plain)).collection().digest);
  });
});

it.each<[string, Partial<ExportRequest>]>([
  ['a limit', { limit: 10 }],
  ['a list of ids', { ids: ['point-000001'] }],
])('a dataset with %s is not compared with its source', async (_case, options) => {
  const storage = localStorage(await tempFolder());
  await run(storage, options);
  const dataset = await openDataset(storage);
  await expect(verifyDataset({ dataset, against: { c: repository } })).rejects.toMatchObject({ code: 'not-supported' });
});
