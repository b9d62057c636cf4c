import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { slowLayer } from './support/slow-layer.js';
import { startTestApplication } from './support/start-test-application.js';

describe('An export into the cache that is interrupted', () => {
  let application: Application | undefined;

  afterEach(async () => {
    await application?.close();
    await removeTempFolders();
  });

  it('stops when the client disconnects, and closes what it was reading', async () => {
    const { layer, reading } = slowLayer();
    application = await startTestApplication({ host: { layers: [layer] } });
    const client = new AbortController();
    const url = new URL('/admin/cache/embeddings/export', application.url);
    const answer = fetch(url, { method: 'POST', signal: client.signal });
    await eventually('the first batch was read', () => reading.batches === 1);

    client.abort(new Error('gone'));

    await expect(answer).rejects.toThrow('gone');
    await eventually('the reading was closed', () => reading.closed);
    expect(reading.batches).toBe(1);
    const { entries } = await application.cache.stats();
    expect(entries).toBeLessThanOrEqual(100);
  });

  it('stops when the application shuts down, and says so', async () => {
    const { layer, reading } = slowLayer();
    application = await startTestApplication({ host: { layers: [layer] } });
    const answer = fetch(new URL('/admin/cache/embeddings/export', application.url), { method: 'POST' });
    await eventually('the first batch was read', () => reading.batches === 1);

    await application.close();

    const response = await answer;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 503, detail: expect.stringContaining('shutting down') });
    expect(reading.closed).toBe(true);
  });
});
