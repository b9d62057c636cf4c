import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { removeTempFolders, startEmbeddingServer, tempFolder } from '@vecport/testkit';
import { pino } from 'pino';
import type { Application } from '../src/application.js';
import { createJobRunner } from '../src/jobs/job-runner.js';
import { openJobStore } from '../src/jobs/job-store.js';
import { adminOf } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

const logger = pino({ level: 'silent' });

describe('A part that is gone', () => {
  let application: Application | undefined;

  afterEach(async () => {
    await application?.close();
    application = undefined;
    await removeTempFolders();
  });

  it('the vector store: the overview says why, and words are still found', async () => {
    const gone = async (): Promise<never> => {
      throw new VecportError('unavailable', 'The store is gone.');
    };
    application = await startTestApplication({
      host: { layers: [(repository) => ({ ...repository, count: gone, describe: gone })] },
    });
    const admin = adminOf(application);
    const overview = await (await admin.get('/api/overview')).json();
    expect(overview).toMatchObject({ items: 1923, problems: ['The store is gone.'], cache: { entries: 0 } });
    expect(overview).not.toHaveProperty('vectors');
    expect(await (await admin.get('/api/items?query=rocket&group=travel-places')).json()).toMatchObject({
      items: [expect.objectContaining({ label: 'rocket' })],
    });
    expect((await admin.get('/api/map')).status).toBe(503);
  });

  it('the embedding cache: the overview says why, texts are still searched, and nothing is seeded unpaid for', async () => {
    const service = await startEmbeddingServer(384);
    try {
      application = await startTestApplication({
        settings: { embeddingService: { url: service.url, apiKey: undefined } },
      });
      const admin = adminOf(application);
      await application.cache.close();
      const overview = await (await admin.get('/api/overview')).json();
      expect(overview).toMatchObject({ vectors: 1923, problems: [expect.stringContaining('cache was closed')] });
      expect((await admin.get('/api/items/by-text?text=pets')).status).toBe(200);
      const seed = await admin.finished(await admin.started('/admin/seed'));
      expect(seed).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('cache') } });
      expect(service.requests).toHaveLength(1);
    } finally {
      await service.close();
    }
  });

  it('the disk of the jobs: what runs goes on, and how it ended is told', async () => {
    const store = openJobStore(join(await tempFolder(), 'jobs.sqlite'));
    const jobs = createJobRunner({ ...store, save: failAfterFirst(store.save) }, logger);
    const { id } = jobs.start('seed', {}, async ({ log }) => {
      log('one line');
      return { message: 'Done.', result: 1 };
    });
    const seen = [];
    for await (const job of jobs.watch(id, AbortSignal.timeout(10_000))) seen.push(job.status);
    expect(seen.at(-1)).toBe('succeeded');
    expect(jobs.get(id)).toMatchObject({ status: 'succeeded', message: 'Done.', log: [{ text: 'one line' }] });
    expect(jobs.list(5)).toMatchObject([{ id, status: 'succeeded' }]);
    await jobs.close();
    store.close();
  });

  it('the queue of the cluster: its view says so', async () => {
    application = await startTestApplication({ settings: { cluster: 'redis://127.0.0.1:9' } });
    const response = await adminOf(application).get('/admin/cluster/status');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('VECPORT_CLUSTER') });
  });

  it('a folder of exports that cannot be written: the job fails and says where', async () => {
    const dataFolder = await tempFolder();
    application = await startTestApplication({ dataFolder, settings: { exportsFolder: '/dev/null/exports' } });
    const admin = adminOf(application);
    const job = await admin.finished(await admin.started('/admin/exports'));
    expect(job).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('/dev/null') } });
  });
});

describe('A job that is cancelled at once', () => {
  it('never begins its work', async () => {
    const store = openJobStore(join(await tempFolder(), 'jobs.sqlite'));
    const jobs = createJobRunner(store, logger);
    let begun = 0;
    const { id } = jobs.start('seed', {}, async () => {
      begun += 1;
      return { message: '', result: null };
    });
    expect(await jobs.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect(begun).toBe(0);
    await jobs.close();
    store.close();
    await removeTempFolders();
  });
});

function failAfterFirst<T extends readonly unknown[]>(work: (...args: T) => void): (...args: T) => void {
  let calls = 0;
  return (...args) => {
    calls += 1;
    if (calls > 1) throw new Error('database or disk is full');
    work(...args);
  };
}
