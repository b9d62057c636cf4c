import { afterAll, describe, expect, it } from '@jest/globals';
import { type CollectionDescription, type Metric, sliceBatch, type VectorBatch } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { compareSearches, exportDataset, migrateCollections, verifyDataset } from '../src/index.js';
import { sampleQueries } from '../src/sample-queries.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

function withMetric(metric: Metric): CollectionDescription {
  return { ...dense('c', 8), vectors: { default: { kind: 'dense', dimension: 8, elementType: 'float32', metric } } };
}

async function datasetOf(description: CollectionDescription, points: ReturnType<typeof randomPoints>) {
  const { repository, store } = await filled(description, points);
  const storage = localStorage(await tempFolder());
  await exportDataset(exporting(repository, storage));
  return { repository, store, dataset: await openDataset(storage) };
}

describe('comparing searches', () => {
  it.each(['cosine', 'dot', 'euclidean', 'manhattan'] as const)(
    'finds a recall of 1 for the metric %s where the target has the same points',
    async (metric) => {
      const { repository, dataset } = await datasetOf(withMetric(metric), randomPoints(1, 300, 8));
      const report = await verifyDataset({ dataset, against: { c: repository }, searchParity: { queries: 20 } });
      expect(report.parity).toEqual({
        ok: true,
        notCompared: [],
        reports: [
          {
            collection: 'c',
            tenant: undefined,
            vector: 'default',
            queries: 20,
            k: 10,
            recall: 1,
            lowest: 1,
            truth: 'exact',
          },
        ],
      });
    },
  );

  it('counts what is missing, and holds it against the smallest recall', async () => {
    const { repository, dataset } = await datasetOf(withMetric('cosine'), randomPoints(2, 200, 8));
    for (let n = 0; n < 200; n += 2) await repository.delete(`point-${String(n).padStart(6, '0')}`);
    const compare = async (minRecall?: number) =>
      verifyDataset({ dataset, against: { c: repository }, searchParity: { queries: 50, minRecall } });
    const { parity } = await compare();
    // Of ten points that should be found some five are gone.
    expect(parity?.reports[0]?.recall).toBeGreaterThan(0.35);
    expect(parity?.reports[0]?.recall).toBeLessThan(0.65);
    expect(parity?.ok).toBe(true);
    expect(await compare(0.9)).toMatchObject({ ok: false, parity: { ok: false } });
  });

  it('takes points of equal distance for one another', async () => {
    const same = Array.from({ length: 40 }, (_, n) => ({ id: `p${n}`, embedding: Float32Array.of(1, 0) }));
    const { dataset } = await datasetOf(dense('c', 2), same);
    const { repository } = await filled(dense('c', 2), same.toReversed());
    const { parity } = await verifyDataset({ dataset, against: { c: repository }, searchParity: { queries: 3 } });
    expect(parity?.reports).toMatchObject([{ recall: 1 }]);
  });

  it('asks the source of a migration, and both sides of each tenant', async () => {
    const store = memoryRepositories();
    await store.create({ ...dense('c', 3), multiTenant: true });
    for (const tenant of ['a', 'b']) {
      await store.createTenant('c', tenant);
      await (await store.repository('c', { tenant })).upsertMany(randomPoints(3, 50, 3));
    }
    const report = await migrateCollections({
      source: store,
      collections: ['c'],
      target: memoryRepositories(),
      mode: 'create',
      searchParity: { queries: 4, k: 5 },
    });
    expect(report.parity?.reports).toMatchObject([
      { tenant: 'a', truth: 'source', queries: 4, k: 5, recall: 1 },
      { tenant: 'b', truth: 'source', queries: 4, k: 5, recall: 1 },
    ]);
  });

  it('says which vectors it leaves out, and refuses numbers that say nothing', async () => {
    const description: CollectionDescription = {
      ...dense('c', 3),
      vectors: { words: { kind: 'sparse', elementType: 'float32', metric: 'dot' } },
    };
    const { repository } = await filled(description, []);
    const unit = { description, points: async function* () {}, target: repository };
    expect(await compareSearches([unit], { queries: 1 }, undefined)).toEqual({
      ok: true,
      reports: [],
      notCompared: ["c: Searches of 'words' were not compared: it has sparse vectors."],
    });
    const { dataset } = await datasetOf(dense('c', 3), []);
    for (const searchParity of [{ queries: 0 }, { queries: 1, k: 0 }, { queries: 1, minRecall: 2 }]) {
      await expect(verifyDataset({ dataset, searchParity })).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });
});

describe('a sample', () => {
  it('is the same of the same points, in any order and batches, and another for another seed', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(4, 100, 3));
    const all = await repository.get(randomPoints(4, 100, 3).map(({ id }) => id));
    const inParts = async function* (size: number): AsyncGenerator<VectorBatch> {
      for (let start = 100 - size; start >= 0; start -= size) yield sliceBatch(all, start, start + size);
    };
    const ids = async (size: number, seed: number) =>
      (await sampleQueries(inParts(size), 'default', 7, seed)).map(({ id }) => id);
    expect(await ids(100, 1)).toEqual(await ids(5, 1));
    expect(new Set(await ids(5, 1)).size).toBe(7);
    expect(await ids(5, 1)).not.toEqual(await ids(5, 2));
  });
});
