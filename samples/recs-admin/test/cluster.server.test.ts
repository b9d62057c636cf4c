import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lancedb } from '@vecport/adapter-lancedb';
import { runClusterWorker } from '@vecport/cluster';
import { createHost } from '@vecport/core';
import { localStorage } from '@vecport/storage';
import { removeTempFolders, serverUrl, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { adminOf } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

describe('The cluster of the dashboard', () => {
  let application: Application;

  afterEach(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('is asked for its workers, queues and runs', async () => {
    application = await startTestApplication({ settings: { cluster: serverUrl('redis') } });
    const admin = adminOf(application);
    expect(await (await admin.get('/admin/cluster')).json()).toEqual({ configured: true });
    const response = await admin.get('/admin/cluster/status');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      cluster: expect.stringMatching(/^redis:/),
      workers: expect.any(Array),
      queues: { slices: expect.any(Object) },
      runs: expect.any(Array),
    });
  });

  it('has its workers export the collection', async () => {
    const cluster = serverUrl('redis');
    const dataFolder = await tempFolder();
    application = await startTestApplication({ dataFolder, settings: { cluster } });
    const host = await createHost({ modules: [lancedb({ path: join(dataFolder, 'vectors') })] });
    const stop = new AbortController();
    const working = runClusterWorker({
      ...{ cluster, name: 'sample', concurrency: 1, signal: stop.signal },
      ...{ patienceMs: 60_000, takeoverMs: 10_000, drainMs: 10_000 },
      openStore: async (url) => host.catalog.open(url),
      openStorage: async (url) => localStorage(url),
      openDataset: async () => {
        throw new Error('Nothing is imported.');
      },
    });
    const admin = adminOf(application);
    const job = await admin.finished(await admin.started('/admin/exports'));
    stop.abort();
    const { points } = await working;
    expect(job).toMatchObject({ status: 'succeeded', result: { points } });
    expect(points).toBeGreaterThan(0);
    await host.close();
  }, 60_000);
});
