import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type IVectorSearchRepository } from '@vecport/abstractions';
import { type Dataset, openDataset, openDatasetChain, validateDataset, wholeDigest } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import fc from 'fast-check';
import { type ExportRequest, exportDataset, importDataset, verifyDataset } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

interface Exported {
  readonly dataset: Dataset;
  readonly folder: string;
}

async function exportOf(
  repository: IVectorSearchRepository,
  id: string,
  options: Partial<ExportRequest> = {},
): Promise<Exported> {
  const folder = await tempFolder();
  const storage = localStorage(folder);
  await exportDataset(exporting(repository, storage, { id, partRows: 7, ...options }));
  return { dataset: await openDataset(storage), folder };
}

async function ids(dataset: Dataset): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const batch of dataset.read(dataset.collection(), { columns: 'ids' })) found.push(...batch.ids);
  return found.toSorted();
}

/** Change one point, add one, remove one. */
async function touch(repository: IVectorSearchRepository, n: number): Promise<void> {
  await repository.upsert(`point-${String(n).padStart(6, '0')}`, Float32Array.of(n, 9, 9), { changed: n });
  await repository.upsert(`new-${n}`, Float32Array.of(1, 2, n));
  await repository.delete(`point-${String(n + 1).padStart(6, '0')}`);
}

describe('an increment', () => {
  it('holds what changed and is new, and the ids that are gone', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(1, 50, 3));
    const base = await exportOf(repository, 'base');
    await touch(repository, 3);
    const { dataset, folder } = await exportOf(repository, 'inc', { since: base.dataset });
    expect(await ids(dataset)).toEqual(['new-3', 'point-000003']);
    expect(dataset.manifest.parent).toEqual({ id: 'base', digest: base.dataset.collection().digest.content });
    expect(dataset.collection()).toMatchObject({
      counts: { before: 50, after: 50, exported: 2 },
      increment: { changed: 1, added: 1, deleted: 1, whole: { count: 50 } },
    });
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: 2 });
    await truncate(join(folder, dataset.collection().increment?.tombstones?.path ?? ''), 30);
    expect((await validateDataset(dataset)).problems).toMatchObject([{ code: 'wrong-size' }]);
  });

  it('is empty when nothing changed, and for metadata that is only spelled in another way', async () => {
    const point = (text: string) => batchFromRecords([{ id: 'a', embedding: Float32Array.of(1), metadataText: text }]);
    const { repository } = await filled(dense('c', 1), []);
    await repository.upsertMany(point('{"a":1,"b":2}'));
    const base = await exportOf(repository, 'base');
    await repository.upsertMany(point('{ "b": 2, "a": 1 }'));
    const { dataset } = await exportOf(repository, 'inc', { since: base.dataset });
    expect(dataset.collection()).toMatchObject({
      parts: [],
      increment: { changed: 0, added: 0, deleted: 0, whole: base.dataset.collection().digest },
    });
  });

  it('is what a full export is, together with its parents: any changes, any length', async () => {
    const change = fc.record({ at: fc.nat(29), kind: fc.constantFrom('put', 'drop'), value: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 12 }), { minLength: 1, maxLength: 2 }),
        async (rounds) => {
          const { repository } = await filled(dense('c', 2), randomPoints(2, 20, 2));
          const layers = [(await exportOf(repository, 'd0')).dataset];
          for (const [round, changes] of rounds.entries()) {
            for (const { at, kind, value } of changes) {
              const id = `point-${String(at).padStart(6, '0')}`;
              if (kind === 'put') await repository.upsert(id, Float32Array.of(value, at), { value });
              else await repository.delete(id);
            }
            const since = await openDatasetChain(layers);
            layers.push((await exportOf(repository, `d${round + 1}`, { since, parallel: 3 })).dataset);
          }
          const full = (await exportOf(repository, 'full')).dataset;
          const chain = await openDatasetChain(layers);
          expect(chain.collection().digest).toEqual(full.collection().digest);
          expect(wholeDigest(chain.manifest)).toEqual(wholeDigest(full.manifest));
          expect(await validateDataset(chain)).toMatchObject({ ok: true, digest: full.collection().digest });
          expect(await ids(chain)).toEqual(await ids(full));
          const target = memoryRepositories();
          const report = await importDataset({ dataset: chain, target, mode: 'create', verify: true });
          expect(report).toMatchObject({ complete: true, collections: [{ comparison: { equal: true } }] });
        },
      ),
      { numRuns: 10 },
    );
  }, 120_000);

  it('is applied to a store that holds its parent', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(3, 30, 3));
    const base = await exportOf(repository, 'base');
    const target = memoryRepositories();
    await importDataset({ dataset: base.dataset, target, mode: 'create' });
    await touch(repository, 5);
    const { dataset } = await exportOf(repository, 'inc', { since: base.dataset });
    const report = await importDataset({ dataset, target, mode: 'append' });
    expect(report.collections).toMatchObject([{ accepted: 2, removed: 1 }]);
    const full = (await exportOf(repository, 'full')).dataset;
    const against = { c: await target.repository('c') };
    expect(await verifyDataset({ dataset: full, against })).toMatchObject({ ok: true });
    expect(await verifyDataset({ dataset: await openDatasetChain([base.dataset, dataset]), against })).toMatchObject({
      ok: true,
      comparisons: [{ equal: true, points: 30 }],
    });
  });

  it('is refused without its parent, and with a wrong one, by name', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(4, 10, 3));
    const base = (await exportOf(repository, 'base')).dataset;
    await touch(repository, 1);
    const inc = (await exportOf(repository, 'inc', { since: base })).dataset;
    const other = (await exportOf(repository, 'base')).dataset;
    const target = memoryRepositories();
    const code = 'invalid-argument';
    await expect(importDataset({ dataset: inc, target, mode: 'create' })).rejects.toMatchObject({
      code,
      reason: expect.stringContaining("'inc' is an increment to 'base'"),
    });
    expect(await target.collections()).toEqual([]);
    await expect(openDatasetChain([inc])).rejects.toMatchObject({ code, reason: expect.stringContaining("'base'") });
    await expect(openDatasetChain([base, base])).rejects.toMatchObject({
      reason: expect.stringContaining('no increment'),
    });
    await expect(openDatasetChain([other, inc])).rejects.toMatchObject({ reason: expect.stringContaining('digest') });
    await expect(openDatasetChain([base, inc, inc])).rejects.toMatchObject({
      reason: expect.stringContaining("is an increment to 'base', not to 'inc'"),
    });
  });

  it('is not made against another choice of points, or other collections', async () => {
    const { repository, store } = await filled(dense('c', 3), randomPoints(5, 10, 3));
    const base = (await exportOf(repository, 'base')).dataset;
    await store.create(dense('d', 3));
    const other = await store.repository('d');
    const storage = localStorage(await tempFolder());
    const run = async (options: Partial<ExportRequest>) =>
      exportDataset(exporting(repository, storage, { since: base, ...options }));
    await expect(run({ selection: { fields: ['n'] } })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(run({ limit: 5 })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(run({ repositories: [other] })).rejects.toMatchObject({
      reason: expect.stringContaining('it holds c'),
    });
    // Nothing was left behind by any of them.
    await expect(run({})).resolves.toMatchObject({ resumed: 'no' });
  });

  it('reads all points again when it is resumed, and ends as if it had run through', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(6, 60, 3));
    const base = (await exportOf(repository, 'base')).dataset;
    for (let n = 0; n < 40; n += 2) await touch(repository, n);
    const whole = (await exportOf(repository, 'inc', { since: base })).dataset;
    const folder = await tempFolder();
    const abort = new AbortController();
    const request = exporting(repository, localStorage(folder), { id: 'inc', partRows: 7, since: base, batchSize: 5 });
    const cut = exportDataset({
      ...request,
      signal: abort.signal,
      onEvent: ({ type }) => void (type === 'part' && abort.abort(new Error('cut'))),
    });
    await expect(cut).rejects.toThrow('cut');
    const { since: _, ...full } = request;
    await expect(exportDataset({ ...full, resume: true })).rejects.toMatchObject({
      reason: expect.stringContaining('another parent'),
    });
    const report = await exportDataset({ ...request, resume: true });
    expect(report.restarted).toHaveLength(1);
    expect(report.manifest.collections[0]?.increment).toEqual(whole.collection().increment);
    expect(report.manifest.collections[0]?.parts).toEqual(whole.collection().parts);
    await rm(folder, { recursive: true });
  });

  it('knows tenants that are new, changed and gone', async () => {
    const store = memoryRepositories();
    await store.create({ ...dense('c', 3), multiTenant: true });
    const fill = async (tenant: string, count: number) => {
      await store.createTenant('c', tenant);
      await (await store.repository('c', { tenant })).upsertMany(randomPoints(7, count, 3));
    };
    const all = async (id: string, names: readonly string[], since?: Dataset) => {
      const storage = localStorage(await tempFolder());
      const repositories = [];
      for (const tenant of names) repositories.push(await store.repository('c', { tenant }));
      const [first] = repositories as [IVectorSearchRepository];
      await exportDataset(exporting(first, storage, { repositories, id, since }));
      return openDataset(storage);
    };
    await fill('stays', 20);
    await fill('goes', 10);
    const base = await all('base', ['goes', 'stays']);
    const stays = await store.repository('c', { tenant: 'stays' });
    await touch(stays, 4);
    await fill('comes', 5);
    const inc = await all('inc', ['comes', 'stays'], base);
    expect(inc.collection()).toMatchObject({
      increment: { changed: 1, added: 6, deleted: 1, whole: { count: 25 } },
      tenants: [
        { name: 'comes', increment: { added: 5, deleted: 0 } },
        { name: 'stays', increment: { changed: 1, added: 1, deleted: 1 } },
      ],
    });
    // A tenant that comes back holds nothing of what it held before.
    await store.createTenant('c', 'goes');
    const chain = await openDatasetChain([base, inc]);
    const back = await all('back', ['comes', 'goes', 'stays'], chain);
    const whole = await openDatasetChain([base, inc, back]);
    expect(await validateDataset(whole)).toMatchObject({ ok: true, rows: 35 });
    expect(whole.collection().digest).toEqual((await all('full', ['comes', 'goes', 'stays'])).collection().digest);
    const target = memoryRepositories();
    const report = await importDataset({ dataset: whole, target, mode: 'create', verify: true });
    expect(report).toMatchObject({ complete: true, collections: [{ accepted: 35, comparison: { equal: true } }] });
  });
});
