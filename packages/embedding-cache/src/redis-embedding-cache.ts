import { createHash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import { checkEntries, checkKey, checkModelId, closedCache, FLOAT_BYTES, summarize } from './cache-checks.js';
import type { EmbeddingEntry, EmbeddingKey, EmbeddingModelStats, IEmbeddingCache } from './embedding-cache.js';
import { sealEmbedding, unsealEmbedding } from './embedding-checksum.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';

/** Where a shared cache is. */
export interface RedisCacheOptions {
  /** `redis://user:password@host:6379/0`, or `rediss:` over TLS. Its password is never shown. */
  readonly url: string;
  /** What every key begins with; `{vecport:embeddings}` if not said. The braces keep all keys on one node of a cluster. */
  readonly prefix?: string | undefined;
  /** Milliseconds to connect within, 5,000 if not said. */
  readonly connectTimeoutMs?: number | undefined;
}

/** Bytes of the checksum before the numbers of an embedding. */
const CHECKSUM_BYTES = 4;

/**
 * KEYS: dimensions by model, then a hash of embeddings for each model. ARGV: how many models; model and dimension of
 * each; then number of the model, content hash and sealed embedding of each entry. Gives `OK`, or the model that has
 * another dimension, and that one.
 */
const SET_MANY = `
local models = tonumber(ARGV[1])
for i = 1, models do
  local known = redis.call('HGET', KEYS[1], ARGV[i * 2])
  if known and known ~= ARGV[i * 2 + 1] then return { ARGV[i * 2], known } end
end
for i = 1, models do redis.call('HSET', KEYS[1], ARGV[i * 2], ARGV[i * 2 + 1]) end
for i = models * 2 + 2, #ARGV, 3 do redis.call('HSET', KEYS[1 + tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2]) end
return { 'OK' }`;

/** KEYS: as above. ARGV: the models. Gives the number of embeddings removed. */
const CLEAR = `
local removed = 0
for i = 1, #ARGV do
  removed = removed + redis.call('HLEN', KEYS[i + 1])
  redis.call('UNLINK', KEYS[i + 1])
  redis.call('HDEL', KEYS[1], ARGV[i])
end
return removed`;

/**
 * A cache in a Redis server, shared by machines. A write is one script: all of its entries are stored or none, and it is
 * as durable as the server is set to be (`appendonly yes`, `appendfsync`). Keep eviction off for it, or entries go
 * missing without a trace; a cache then misses, no more. Needs the package `redis`.
 *
 * A lost connection is opened again by the next call; calls do not queue up meanwhile.
 *
 * @throws VecportError `unavailable` when the server cannot be reached, `unauthorized`, `forbidden`, `not-supported`
 * without the package, `invalid-argument` for what is no URL of Redis
 */
export async function openRedisEmbeddingCache(options: RedisCacheOptions): Promise<IEmbeddingCache> {
  const { prefix = '{vecport:embeddings}' } = options;
  const connection = await connectRedis(options);
  const counts = { hits: 0, misses: 0 };
  const dimensions = `${prefix}:models`;
  let closed = false;

  const begin = (signal: AbortSignal | undefined): void => {
    signal?.throwIfAborted();
    if (closed) throw closedCache();
  };

  const cache: IEmbeddingCache = {
    async get(contentHash, modelId, { signal } = {}) {
      begin(signal);
      checkKey(contentHash, modelId);
      const key = { contentHash, modelId };
      const [dimension, sealed] = await Promise.all([
        connection.text('HGET', dimensions, modelId),
        connection.bytes('HGET', keyOf(prefix, modelId), contentHash),
      ]);
      const found = sealed === undefined ? undefined : unseal(key, dimension, sealed);
      counts[found === undefined ? 'misses' : 'hits'] += 1;
      return found;
    },
    async set(contentHash, modelId, embedding, call) {
      await cache.setMany([{ contentHash, modelId, embedding }], call);
    },
    async setMany(entries, { signal } = {}) {
      begin(signal);
      const checked = checkEntries(entries, () => undefined);
      if (checked.list.length > 0) await store(connection, prefix, checked);
    },
    async stats({ signal } = {}) {
      begin(signal);
      const models = await listModels(connection, prefix);
      return summarize(models, counts);
    },
    async clear({ signal, modelId } = {}) {
      begin(signal);
      if (modelId !== undefined) checkModelId(modelId);
      const models =
        modelId === undefined ? (await listModels(connection, prefix)).map((one) => one.modelId) : [modelId];
      const keys = [dimensions, ...models.map((model) => keyOf(prefix, model))];
      return Number(await connection.script(CLEAR, keys, models));
    },
    async close() {
      if (closed) return;
      closed = true;
      await connection.close();
    },
  };
  return cache;
}

interface Checked {
  readonly list: readonly EmbeddingEntry[];
  readonly dimensions: ReadonlyMap<string, number>;
}

async function store(connection: RedisConnection, prefix: string, { list, dimensions }: Checked): Promise<void> {
  const models = [...dimensions.keys()];
  const numbers = new Map(models.map((model, at) => [model, String(at + 1)]));
  const answer = await connection.script(
    SET_MANY,
    [`${prefix}:models`, ...models.map((model) => keyOf(prefix, model))],
    [
      String(models.length),
      ...models.flatMap((model) => [model, String(dimensions.get(model))]),
      ...list.flatMap((entry) => [numbers.get(entry.modelId) ?? '', entry.contentHash, sealed(entry)]),
    ],
  );
  const [outcome, known] = Array.isArray(answer) ? answer.map(String) : [];
  if (outcome === 'OK') return;
  // The same words as of every other cache.
  checkEntries(list, (model) => (model === outcome ? Number(known) : undefined));
  throw new VecportError('provider-error', 'Redis gave an answer that is none of the script.');
}

async function listModels(connection: RedisConnection, prefix: string): Promise<readonly EmbeddingModelStats[]> {
  const dimensions = await connection.pairs('HGETALL', `${prefix}:models`);
  const models = dimensions.map(async ([modelId, dimension]) => ({
    modelId,
    dimension: Number(dimension),
    entries: Number(await connection.text('HLEN', keyOf(prefix, modelId))),
  }));
  return Promise.all(models);
}

/** Of fixed length: ids may hold any character. */
function keyOf(prefix: string, modelId: string): string {
  return `${prefix}:${createHash('sha256').update(modelId).digest('hex')}`;
}

function sealed({ contentHash, modelId, embedding }: EmbeddingEntry): Buffer {
  const { numbers, checksum } = sealEmbedding({ contentHash, modelId }, embedding);
  const bytes = Buffer.alloc(CHECKSUM_BYTES + numbers.length);
  bytes.writeUInt32LE(checksum);
  bytes.set(numbers, CHECKSUM_BYTES);
  return bytes;
}

function unseal(key: EmbeddingKey, dimension: string | undefined, bytes: Buffer): Float32Array {
  const numbers = new Uint8Array(bytes.subarray(CHECKSUM_BYTES));
  const checksum = bytes.length < CHECKSUM_BYTES ? -1 : bytes.readUInt32LE();
  // Between the two reads the model may have been cleared and filled anew: the numbers say their own length then.
  const expected = dimension ?? numbers.length / FLOAT_BYTES;
  return unsealEmbedding(key, { numbers, checksum, dimension: Number(expected) });
}
