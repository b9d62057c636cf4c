import { afterEach, describe, expect, it } from '@jest/globals';
import type { ExportBatch, ExportOptions } from '@vecport/abstractions';
import type { RepositoryLayer } from '@vecport/core';
import { eventually, removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { startTestApplication } from './support/start-test-application.js';

/** A provider that stops after its first batch until the signal is aborted, and notes how the reading went. */
function stallingLayer(): { readonly layer: RepositoryLayer; readonly seen: { batches: number; closed: boolean } } {
  const seen = { batches: 0, closed: false };
  const layer: RepositoryLayer = ({ exportAll, ...rest }) => {
    if (exportAll === undefined) return rest;
    const stalling = async function* (options: ExportOptions = {}): AsyncGenerator<ExportBatch> {
      const { signal } = options;
      try {
        for await (const batch of exportAll(options)) {
          seen.batches += 1;
          yield batch;
          await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        }
      } finally {
        seen.closed = true;
      }
    };
    return { ...rest, exportAll: stalling };
  };
  return { layer, seen };
}

describe('An export into the cache that is interrupted', () => {
  let application: Application | undefined;

  afterEach(async () => {
    await application?.close();
    await removeTempFolders();
  });

  it('stops when the client disconnects, and closes what it was reading', async () => {
    const { layer, seen } = stallingLayer();
    application = await startTestApplication({ host: { layers: [layer] } });
    const client = new AbortController();
    const url = new URL('/admin/cache/embeddings/export', application.url);
    const answer = fetch(url, { method: 'POST', signal: client.signal });
    await eventually('the first batch was read', () => seen.batches === 1);

    client.abort(new Error('gone'));

    await expect(answer).rejects.toThrow('gone');
    await eventually('the reading was closed', () => seen.closed);
    expect(seen.batches).toBe(1);
    const { entries } = await application.cache.stats();
    expect(entries).toBeLessThanOrEqual(100);
  });

  it('stops when the application shuts down, and says so', async () => {
    const { layer, seen } = stallingLayer();
    application = await startTestApplication({ host: { layers: [layer] } });
    const answer = fetch(new URL('/admin/cache/embeddings/export', application.url), { method: 'POST' });
    await eventually('the first batch was read', () => seen.batches === 1);

    await application.close();

    const response = await answer;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 503, detail: expect.stringContaining('shutting down') });
    expect(seen.closed).toBe(true);
  });
});
