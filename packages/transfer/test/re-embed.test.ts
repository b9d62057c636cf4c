import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type IVectorSearchRepository, rows } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import {
  type EmbeddingServer,
  fakeEmbedding,
  memoryRepositories,
  removeTempFolders,
  startEmbeddingServer,
  tempFolder,
} from '@vecport/testkit';
import { exportDataset, importDataset, migrateCollections, reEmbedding } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

const MODEL = 'new-model';
let server: EmbeddingServer;

beforeEach(async () => {
  server = await startEmbeddingServer(5);
});
afterEach(async () => server.close());

const items = Array.from({ length: 30 }, (_, n) => ({
  id: `item-${n}`,
  embedding: Float32Array.of(n, 1, 0),
  metadata: { text: `text of ${n}`, nested: { title: `title ${n}` } },
}));

const source = async () => filled({ ...dense('items', 3), embeddingModel: 'old-model' }, items);

const transform = async (textField = 'text', retries = 2) =>
  reEmbedding({
    service: { url: server.url, apiKey: 'secret-key', model: MODEL, batchSize: 7, retry: { retries, firstDelayMs: 1 } },
    textField,
  });

async function expectNew(repository: IVectorSearchRepository, textOf: (n: number) => string): Promise<void> {
  expect(await repository.describe()).toMatchObject({
    embeddingModel: MODEL,
    vectors: { default: { dimension: 5, metric: 'euclidean' } },
  });
  const found = [...rows(await repository.get(items.map(({ id }) => id)))];
  expect(found).toHaveLength(items.length);
  found.forEach(({ embedding, metadata }, n) => {
    expect(embedding).toEqual(fakeEmbedding(MODEL, textOf(n), 5));
    expect(metadata).toEqual(items[n]?.metadata);
  });
}

describe('re-embedding', () => {
  it('gives an export, what is imported of it, and the description the new vectors', async () => {
    const { repository } = await source();
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { transform: await transform(), partRows: 8 }));
    const dataset = await openDataset(storage);
    expect(dataset.collection()).toMatchObject({ selection: { transform: (await transform()).sha256 } });
    const target = memoryRepositories();
    const report = await importDataset({ dataset, target, mode: 'create', verify: true });
    expect(report.collections[0]?.comparison).toMatchObject({ equal: true });
    await expectNew(await target.repository('items'), (n) => `text of ${n}`);
    expect(server.requests.every(({ authorization }) => authorization === 'Bearer secret-key')).toBe(true);
    expect(Math.max(...server.requests.map(({ input }) => input.length))).toBe(7);
  });

  it('is done on the way into a store, and verified there', async () => {
    const { repository } = await source();
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage));
    const dataset = await openDataset(storage);
    const target = memoryRepositories();
    const state = localStorage(await tempFolder());
    const work = { mode: 'create', verify: true, searchParity: { queries: 5 }, state } as const;
    const report = await importDataset({ dataset, target, transform: await transform('nested.title'), ...work });
    expect(report).toMatchObject({
      complete: true,
      parity: { ok: true, reports: [{ recall: 1, truth: 'exact', queries: 5 }] },
    });
    await expectNew(await target.repository('items'), (n) => `title ${n}`);
  });

  it('is done between two stores', async () => {
    const { store } = await source();
    const target = memoryRepositories();
    const report = await migrateCollections({
      source: store,
      collections: ['items'],
      target,
      mode: 'create',
      verify: true,
      searchParity: { queries: 5 },
      transform: await transform(),
    });
    expect(report).toMatchObject({
      complete: true,
      collections: [{ read: 30, accepted: 30, comparison: { equal: true } }],
      parity: { reports: [{ recall: 1, truth: 'exact' }] },
    });
    await expectNew(await target.repository('items'), (n) => `text of ${n}`);
  });

  it('asks again when the service is busy for a while, or an answer is cut', async () => {
    const { store } = await source();
    const changed = await transform();
    const cut = { body: '{"data":[{"index":0,' };
    server.answers.push({ status: 429, headers: { 'retry-after': '0' } }, { status: 503 }, cut);
    const target = memoryRepositories();
    await migrateCollections({ source: store, collections: ['items'], target, mode: 'create', transform: changed });
    await expectNew(await target.repository('items'), (n) => `text of ${n}`);
  });

  it.each([
    ['a wrong key', { status: 401 }, 'unauthorized', '401'],
    ['an unknown model', { status: 404 }, 'invalid-argument', '404'],
    ['too few vectors', { body: '{"data":[]}' }, 'provider-error', 'has no 1 vectors'],
    ['a vector that is empty', { body: '{"data":[{"index":0,"embedding":[]}]}' }, 'provider-error', 'empty'],
  ])('ends at once for %s', async (_, answer, code, reason) => {
    server.answers.push(answer);
    await expect(transform()).rejects.toMatchObject({ code, reason: expect.stringContaining(reason) });
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a vector of another length, and a point without the text, by name', async () => {
    const { store, repository } = await source();
    const run = async (changed: Awaited<ReturnType<typeof transform>>) =>
      migrateCollections({
        source: store,
        collections: ['items'],
        target: memoryRepositories(),
        mode: 'create',
        transform: changed,
      });
    const changed = await transform();
    server.answers.push({
      body: JSON.stringify({
        data: items.slice(0, 7).map((_, index) => ({ index, embedding: index === 3 ? [1] : [1, 2, 3, 4, 5] })),
      }),
    });
    await expect(run(changed)).rejects.toMatchObject({
      reason: expect.stringMatching(/failed in the batch.*'item-\d+' 1 dimensions/),
    });
    await repository.upsert('item-4', Float32Array.of(1, 1, 1), { text: 4 });
    await expect(run(await transform())).rejects.toMatchObject({
      reason: expect.stringContaining("'item-4' has no text in the field 'text'"),
    });
  });

  it('says that nobody answers', async () => {
    await server.close();
    await expect(transform('text', 0)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
