import { resolve } from 'node:path';
import { checkEntries, checkKey, checkModelId, closedCache, summarize } from './cache-checks.js';
import type { EmbeddingEntry, EmbeddingModelStats, IEmbeddingCache } from './embedding-cache.js';
import {
  decodeEmbedding,
  decodeModel,
  encodeEmbedding,
  encodeModel,
  type ModelRecord,
  modelPrefix,
  recordKey,
} from './embedding-record.js';
import { guard, type LmdbStore, openStore } from './lmdb-store.js';

/**
 * A durable cache in a folder of a local disk (not a network one), made by LMDB. The folder is made
 * if it is missing, and several processes may open it at once: one writes at a time, readers never
 * wait.
 *
 * A write runs in one transaction that is on disk when its promise resolves. It holds up the event
 * loop meanwhile, about as long as one sync of the disk takes, so store many entries a call. Each
 * embedding carries a checksum; one that does not match is `corrupt-data`.
 *
 * @throws VecportError `storage` or `corrupt-data`
 */
export async function openLocalEmbeddingCache(folder: string): Promise<IEmbeddingCache> {
  const path = resolve(folder);
  const store = await openStore(path);
  const counts = { hits: 0, misses: 0 };
  let closed = false;

  /**
   * Synchronous inside, on purpose: a failed commit of lmdb's asynchronous transactions also rejects
   * a promise that nobody can reach, which ends the process.
   */
  async function run<T>(action: string, signal: AbortSignal | undefined, step: () => T): Promise<T> {
    signal?.throwIfAborted();
    if (closed) throw closedCache();
    return guard(path, action, async () => step());
  }

  async function write<T>(action: string, signal: AbortSignal | undefined, step: () => T): Promise<T> {
    return run(action, signal, () => store.root.transactionSync(step));
  }

  async function read<T>(signal: AbortSignal | undefined, step: () => T): Promise<T> {
    return run('read', signal, () => {
      // Without this, a read may see the state of the last one in this turn of the event loop.
      store.root.resetReadTxn();
      return step();
    });
  }

  const cache: IEmbeddingCache = {
    async get(contentHash, modelId, options = {}) {
      return read(options.signal, () => {
        checkKey(contentHash, modelId);
        const found = readEmbedding(store, contentHash, modelId);
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
      await write('write to', options.signal, () => writeEmbeddings(store, list));
    },
    async stats(options = {}) {
      return read(options.signal, () => {
        const models = readModels(store).map(({ modelId, dimension, entries }) => ({ modelId, dimension, entries }));
        return summarize(models, counts);
      });
    },
    async clear(options = {}) {
      const { modelId, signal } = options;
      return write('clear', signal, () => (modelId === undefined ? clearAll(store) : clearModel(store, modelId)));
    },
    async close() {
      if (closed) return;
      closed = true;
      await guard(path, 'close', async () => store.root.close());
    },
  };
  return cache;
}

function readEmbedding(store: LmdbStore, contentHash: string, modelId: string): Float32Array | undefined {
  const model = readModel(store, modelId);
  if (model === undefined) return undefined;
  const key = recordKey(model.number, contentHash);
  const record = store.embeddings.get(key);
  return record && decodeEmbedding(key, record, model.dimension);
}

function writeEmbeddings(store: LmdbStore, entries: readonly EmbeddingEntry[]): void {
  const { list, dimensions } = checkEntries(entries, (modelId) => readModel(store, modelId)?.dimension);
  for (const [modelId, dimension] of dimensions) {
    const model = readModel(store, modelId) ?? { number: freeNumber(store), dimension, entries: 0 };
    const added = list
      .filter((entry) => entry.modelId === modelId)
      .filter(({ contentHash, embedding }) => putEmbedding(store, recordKey(model.number, contentHash), embedding));
    const record = encodeModel({ ...model, entries: model.entries + added.length });
    store.models.putSync(Buffer.from(modelId), record);
  }
}

/** Whether the key is a new one. */
function putEmbedding(store: LmdbStore, key: Buffer, embedding: Float32Array): boolean {
  const isNew = !store.embeddings.doesExist(key);
  store.embeddings.putSync(key, encodeEmbedding(key, embedding));
  return isNew;
}

function clearAll(store: LmdbStore): number {
  const removed = readModels(store).reduce((sum, { entries }) => sum + entries, 0);
  store.embeddings.clearSync();
  store.models.clearSync();
  return removed;
}

function clearModel(store: LmdbStore, modelId: string): number {
  checkModelId(modelId);
  const model = readModel(store, modelId);
  if (model === undefined) return 0;
  const range = { start: modelPrefix(model.number), end: modelPrefix(model.number + 1) };
  for (const key of [...store.embeddings.getKeys(range)]) store.embeddings.removeSync(key);
  store.models.removeSync(Buffer.from(modelId));
  return model.entries;
}

function readModel(store: LmdbStore, modelId: string): ModelRecord | undefined {
  const record = store.models.get(Buffer.from(modelId));
  return record && decodeModel(modelId, record);
}

function readModels(store: LmdbStore): (EmbeddingModelStats & ModelRecord)[] {
  return Array.from(store.models.getRange(), ({ key, value }) => {
    const modelId = Buffer.from(key).toString();
    return { modelId, ...decodeModel(modelId, value) };
  });
}

function freeNumber(store: LmdbStore): number {
  return Math.max(0, ...readModels(store).map(({ number }) => number)) + 1;
}
