import { resolve } from 'node:path';
import { checkFolder, checkKey, closedCache, summarize } from './cache-checks.js';
import type { IEmbeddingCache } from './embedding-cache.js';
import { openStore } from './sqlite-store.js';
import { guard } from './store-error.js';

/**
 * A durable cache in a folder of a local disk (not a network one), in a SQLite database. The folder
 * is made if it is missing, and several processes may open it at once: one writes at a time, readers
 * do not wait for it.
 *
 * A write runs in one transaction that is on disk when its promise resolves. It holds up the event
 * loop meanwhile, about as long as one sync of the disk takes, so store many entries a call. While
 * another process writes it waits up to 5 seconds, and is `unavailable` then. Each embedding carries
 * a checksum; one that does not match is `corrupt-data`.
 *
 * @throws VecportError `storage`, `forbidden`, `corrupt-data`, `unavailable`, `not-supported` for a
 * cache of a newer version, or `invalid-argument` for what is no path
 */
export async function openLocalEmbeddingCache(folder: string): Promise<IEmbeddingCache> {
  checkFolder(folder);
  const path = resolve(folder);
  const store = await openStore(path);
  const { tables } = store;
  const counts = { hits: 0, misses: 0 };
  let closed = false;

  async function run<T>(action: string, signal: AbortSignal | undefined, step: () => T): Promise<T> {
    signal?.throwIfAborted();
    if (closed) throw closedCache();
    return guard(path, action, async () => step());
  }

  const cache: IEmbeddingCache = {
    async get(contentHash, modelId, options = {}) {
      return run('read', options.signal, () => {
        checkKey(contentHash, modelId);
        const found = tables.get({ contentHash, modelId });
        counts[found === undefined ? 'misses' : 'hits'] += 1;
        return found;
      });
    },
    async set(contentHash, modelId, embedding, options) {
      await cache.setMany([{ contentHash, modelId, embedding }], options);
    },
    async setMany(entries, options = {}) {
      // Listed before the transaction: iterating may run code of the caller's.
      const list = [...entries];
      await run('write to', options.signal, () => store.write(() => tables.setMany(list)));
    },
    async stats(options = {}) {
      return run('read', options.signal, () => summarize(tables.models(), counts));
    },
    async clear(options = {}) {
      return run('clear', options.signal, () => store.write(() => tables.clear(options.modelId)));
    },
    async close() {
      if (closed) return;
      closed = true;
      await guard(path, 'close', async () => store.close());
    },
  };
  return cache;
}
