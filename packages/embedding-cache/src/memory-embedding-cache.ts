import { checkEntries, checkKey, checkModelId, closedCache, summarize } from './cache-checks.js';
import type { IEmbeddingCache } from './embedding-cache.js';

/** A cache in the memory of this process, without bound, for tests and small uses. It is gone with the process. */
export function memoryEmbeddingCache(): IEmbeddingCache {
  /** Model id, then content hash. */
  const models = new Map<string, Map<string, Float32Array>>();
  const counts = { hits: 0, misses: 0 };
  let closed = false;

  function begin(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (closed) throw closedCache();
  }

  const cache: IEmbeddingCache = {
    async get(contentHash, modelId, options = {}) {
      begin(options.signal);
      checkKey(contentHash, modelId);
      const found = models.get(modelId)?.get(contentHash);
      counts[found === undefined ? 'misses' : 'hits'] += 1;
      return found?.slice();
    },
    async set(contentHash, modelId, embedding, options) {
      await cache.setMany([{ contentHash, modelId, embedding }], options);
    },
    async setMany(entries, options = {}) {
      begin(options.signal);
      const { list } = checkEntries(entries, (modelId) => dimensionOf(models.get(modelId)));
      for (const { contentHash, modelId, embedding } of list) {
        const stored = models.get(modelId) ?? new Map<string, Float32Array>();
        models.set(modelId, stored.set(contentHash, embedding.slice()));
      }
    },
    async stats(options = {}) {
      begin(options.signal);
      const list = [...models].map(([modelId, stored]) => {
        return { modelId, dimension: dimensionOf(stored) ?? 0, entries: stored.size };
      });
      return summarize(list, counts);
    },
    async clear(options = {}) {
      begin(options.signal);
      const { modelId } = options;
      if (modelId !== undefined) checkModelId(modelId);
      const names = modelId === undefined ? [...models.keys()] : [modelId];
      const removed = names.reduce((sum, name) => sum + (models.get(name)?.size ?? 0), 0);
      for (const name of names) models.delete(name);
      return removed;
    },
    async close() {
      closed = true;
      models.clear();
    },
  };
  return cache;
}

function dimensionOf(stored: ReadonlyMap<string, Float32Array> | undefined): number | undefined {
  return stored?.values().next().value?.length;
}
