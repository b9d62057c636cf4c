import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rows, VecportError } from '@vecport/abstractions';
import { adapterModule, memoryAdapter, removeTempFolders, startEmbeddingServer, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import type { Job } from '../src/jobs/job.js';
import { adminOf, type TestAdmin } from './support/admin.js';
import { slowLayer } from './support/slow-layer.js';
import { startTestApplication } from './support/start-test-application.js';
import { writeOnlyAdapter } from './support/write-only-adapter.js';

const ITEMS = 1923;

describe('Jobs of the admin API', () => {
  let application: Application;
  let admin: TestAdmin;

  const start = async (...options: Parameters<typeof startTestApplication>): Promise<void> => {
    application = await startTestApplication(...options);
    admin = adminOf(application);
  };

  beforeEach(() => {
    application = undefined as never;
  });

  afterEach(async () => {
    await application?.close();
    await removeTempFolders();
  });

  it('export vectors in the background: 202 with a job that can be watched', async () => {
    await start();
    const response = await admin.post('/admin/cache/embeddings/export?async=true');
    expect(response.status).toBe(202);
    const job = (await response.json()) as Job;
    expect(response.headers.get('location')).toBe(`/admin/jobs/${job.id}`);
    expect(job).toMatchObject({ kind: 'export-vectors', status: 'running' });

    const steps = await admin.events(job.id);
    const last = steps.at(-1);
    expect(last).toMatchObject({
      status: 'succeeded',
      result: { exported: ITEMS, skipped: 0 },
      progress: { done: ITEMS, total: ITEMS },
    });
    expect(steps.some(({ status, progress }) => status === 'running' && progress.done > 0)).toBe(true);
    expect(last?.log.length).toBeGreaterThanOrEqual(ITEMS / 100);
    expect(await admin.job(job.id)).toEqual(last);
    expect(await (await admin.get('/admin/jobs')).json()).toEqual({ jobs: [last] });
  });

  it('run one at a time of each kind, and a cancelled one stops', async () => {
    const { layer, reading } = slowLayer();
    await start({ host: { layers: [layer] } });
    const first = await admin.started('/admin/cache/embeddings/export?async=true');
    await reading.begun;
    const second = await admin.post('/admin/cache/embeddings/export?async=true');
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ code: 'conflict', detail: expect.stringContaining(first.id) });

    const cancelled = await admin.delete(`/admin/jobs/${first.id}`);
    expect(await cancelled.json()).toMatchObject({ id: first.id, status: 'cancelled' });
    expect(reading.closed).toBe(true);
    expect((await application.cache.stats()).entries).toBeLessThan(ITEMS);

    const again = await admin.delete(`/admin/jobs/${first.id}`);
    expect(await again.json()).toMatchObject({ status: 'cancelled' });
  });

  it('are remembered after a restart, and what ran then is interrupted', async () => {
    const dataFolder = await tempFolder();
    const { layer, reading } = slowLayer();
    await start({ dataFolder, host: { layers: [layer] } });
    const job = await admin.started('/admin/exports');
    await reading.begun;
    await application.close();

    await start({ dataFolder });
    expect(await admin.job(job.id)).toMatchObject({ kind: 'export-dataset', status: 'interrupted' });
    expect(await (await admin.get('/admin/exports')).json()).toMatchObject({ exports: [{ state: 'unfinished' }] });
  });

  it('seed without one call of the embedding service when the cache is warm, and with one for each text when it is not', async () => {
    const service = await startEmbeddingServer(384);
    try {
      await start({ settings: { embeddingService: { url: service.url, apiKey: 'k' } } });
      const before = await firstVector(application);
      await admin.finished(await admin.started('/admin/cache/embeddings/export?async=true'));
      const warm = await admin.finished(await admin.started('/admin/seed'));
      expect(warm).toMatchObject({ status: 'succeeded', result: { items: ITEMS, fromCache: ITEMS, embedded: 0 } });
      expect(service.requests).toEqual([]);
      expect(await firstVector(application)).toEqual(before);

      expect(await (await admin.delete('/admin/cache')).json()).toEqual({ removed: ITEMS });
      const cold = await admin.finished(await admin.started('/admin/seed'));
      expect(cold).toMatchObject({ status: 'succeeded', result: { items: ITEMS, fromCache: 0, embedded: ITEMS } });
      expect(service.requests.flatMap(({ input }) => input)).toHaveLength(ITEMS);
      expect(service.requests[0]).toMatchObject({ model: 'all-MiniLM-L6-v2', authorization: 'Bearer k' });
      expect(await application.repository.count()).toBe(ITEMS);
    } finally {
      await service.close();
    }
  });

  it('export the collection, list it, show it, and import it again', async () => {
    await start();
    const exported = await admin.finished(await admin.started('/admin/exports'));
    expect(exported).toMatchObject({ status: 'succeeded', result: { points: ITEMS } });
    const { id } = exported.result as { readonly id: string };
    expect(await (await admin.get('/admin/exports')).json()).toMatchObject({
      exports: [{ name: id, state: 'complete', summary: { points: ITEMS } }],
    });
    const shown = (await (await admin.get(`/admin/exports/${id}`)).json()) as { readonly files: readonly string[] };
    expect(shown).toMatchObject({ manifest: { id }, files: expect.arrayContaining(['manifest.json']) });
    const records = await (await admin.get(`/admin/exports/${id}/records?limit=2`)).json();
    expect(records).toMatchObject({ records: [{ dimension: 384, vector: expect.any(Array) }, { dimension: 384 }] });
    const part = shown.files.find((path) => path.endsWith('.parquet')) ?? '';
    const bytes = await (await admin.get(`/admin/exports/${id}/file?path=${encodeURIComponent(part)}`)).bytes();
    expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe('PAR1');

    const imported = await admin.finished(await admin.started('/admin/imports', { dataset: id, as: 'copy' }));
    expect(imported).toMatchObject({
      status: 'succeeded',
      result: [{ collection: 'copy', accepted: ITEMS, refused: 0 }],
    });
    const refused = await admin.finished(await admin.started('/admin/imports', { dataset: id, as: 'copy' }));
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'already-exists' } });
  });

  it('answer 501 where the provider cannot export', async () => {
    await start({
      settings: { store: 'write-only', embeddingModel: 'm' },
      host: { modules: [adapterModule(memoryAdapter()), adapterModule(writeOnlyAdapter())] },
    });
    for (const path of ['/admin/exports', '/admin/migrations', '/admin/cache/embeddings/export?async=true']) {
      const response = await admin.post(path, { to: 'lancedb' });
      expect([path, response.status]).toEqual([path, 501]);
      expect(await response.json()).toMatchObject({ provider: 'write-only', code: 'not-supported' });
    }
  });

  it('refuse what leads out of the exports, and what is not understood', async () => {
    await start();
    const cases = [
      ['GET', '/admin/exports/..%2F..', 404],
      ['GET', '/admin/exports/.hidden', 404],
      ['GET', '/admin/jobs/none', 404],
      ['GET', '/admin/jobs/none/events', 404],
      ['DELETE', '/admin/jobs/none', 404],
      ['POST', '/admin/imports', 400],
      ['POST', '/admin/migrations', 400],
    ] as const;
    for (const [method, path, status] of cases) {
      const response = await admin.request(method, path, method === 'POST' ? { surprise: 1 } : undefined);
      expect([path, response.status]).toEqual([path, status]);
      expect(await response.json()).toMatchObject({ status });
    }
    const failed = await admin.finished(await admin.started('/admin/imports', { dataset: '../etc' }));
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'not-found' } });
  });
});

async function firstVector({ repository }: Application): Promise<readonly number[]> {
  const [dog] = rows(await repository.get(['1F436']));
  if (dog?.embedding === undefined) throw new VecportError('not-found', 'The dog has no vector.');
  return [...dog.embedding];
}
