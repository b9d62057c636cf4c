import { afterEach, describe, expect, it } from '@jest/globals';
import { openRedisEmbeddingCache } from '@vecport/embedding-cache';
import { removeTempFolders, serverUrl } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { adminOf } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

describe('An embedding cache that is shared', () => {
  let application: Application;

  afterEach(async () => {
    await application.cache.clear();
    await application.close();
    await removeTempFolders();
  });

  it('is filled by one application, and seeds another without one call of an embedding service', async () => {
    const settings = { embeddingCache: serverUrl('redis') };
    application = await startTestApplication({ settings });
    const filler = adminOf(application);
    const filled = await filler.finished(await filler.started('/admin/cache/embeddings/export?async=true'));
    expect(filled).toMatchObject({ status: 'succeeded', result: { exported: 1923, skipped: 0 } });
    await application.close();

    application = await startTestApplication({ settings });
    const admin = adminOf(application);
    const seeded = await admin.finished(await admin.started('/admin/seed'));
    expect(seeded).toMatchObject({ status: 'succeeded', result: { items: 1923, fromCache: 1923, embedded: 0 } });
    const other = await openRedisEmbeddingCache({ url: settings.embeddingCache });
    expect(await other.stats()).toMatchObject({ entries: 1923 });
    await other.close();
  });
});
