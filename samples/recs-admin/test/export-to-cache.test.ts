import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rows } from '@vecport/abstractions';
import { computeContentHash } from '@vecport/embedding-cache';
import { removeTempFolders } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { embeddingText, type Item } from '../src/catalogue/item.js';
import { readItemFile } from '../src/catalogue/item-file.js';
import { ITEM_FILE } from '../src/sample-data/sample-data.js';
import { startTestApplication } from './support/start-test-application.js';

const MODEL = 'all-MiniLM-L6-v2';
const GONE = ['1F436', '1F680'];

describe('POST /admin/cache/embeddings/export', () => {
  let application: Application;
  let items: readonly Item[];

  beforeAll(async () => {
    application = await startTestApplication();
    items = await readItemFile(ITEM_FILE);
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  async function exportToCache(accept = 'application/json'): Promise<Response> {
    const url = new URL('/admin/cache/embeddings/export', application.url);
    return fetch(url, { method: 'POST', headers: { accept } });
  }

  it('caches the stored vectors bit for bit under the rebuilt texts, and skips and counts items that are gone', async () => {
    for (const id of GONE) expect(application.items.delete(id)).toBe(true);

    const response = await exportToCache();

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      exported: items.length - 2,
      skipped: 2,
      message: expect.stringContaining(`${items.length - 2} embeddings`),
    });
    const stored = await application.repository.get(items.map(({ id }) => id));
    expect(stored.ids.length).toBe(items.length);
    const textOf = new Map(items.map((item) => [item.id, embeddingText(item)]));
    let equal = 0;
    for (const { id, embedding } of rows(stored)) {
      const cached = await application.cache.get(computeContentHash(textOf.get(id) ?? ''), MODEL);
      if (GONE.includes(id)) expect(cached).toBeUndefined();
      else if (cached !== undefined && embedding !== undefined && bytesOf(cached).equals(bytesOf(embedding)))
        equal += 1;
    }
    expect(equal).toBe(items.length - 2);
  });

  it('can be done again, and then counts the same', async () => {
    const { entries } = await application.cache.stats();
    const response = await exportToCache();
    expect(await response.json()).toMatchObject({ exported: items.length - 2, skipped: 2 });
    expect((await application.cache.stats()).entries).toBe(entries);
  });
});

function bytesOf(floats: Float32Array): Buffer {
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
}
