import type { ProtoWriter } from '@vecport/wire';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject, textOf } from './json-value.js';
import { type ProtoSchema, writeProto } from './proto-codec.js';

const DISTANCE = ['', 'Cosine', 'Euclid', 'Dot', 'Manhattan'];
const DATATYPE = ['', 'float32', 'uint8', 'float16'];
const HNSW: ProtoSchema = {
  1: ['m', 'u64'],
  2: ['ef_construct', 'u64'],
  3: ['full_scan_threshold', 'u64'],
  4: ['max_indexing_threads', 'u64'],
  5: ['on_disk', 'bool'],
  6: ['payload_m', 'u64'],
  7: ['inline_storage', 'bool'],
};
const QUANTIZATION: ProtoSchema = {
  1: ['scalar', { 1: ['type', ['', 'int8'], 'implicit'], 2: ['quantile', 'float'], 3: ['always_ram', 'bool'] }],
  2: ['product', { 1: ['compression', ['x4', 'x8', 'x16', 'x32', 'x64'], 'implicit'], 2: ['always_ram', 'bool'] }],
  3: ['binary', { 1: ['always_ram', 'bool'], 2: ['encoding', ['one_bit', 'two_bits', 'one_and_half_bits']] }],
};
const VECTOR: ProtoSchema = {
  1: ['size', 'u64', 'implicit'],
  2: ['distance', DISTANCE, 'implicit'],
  3: ['hnsw_config', HNSW],
  4: ['quantization_config', QUANTIZATION],
  5: ['on_disk', 'bool'],
  6: ['datatype', DATATYPE],
  7: ['multivector_config', { 1: ['comparator', ['max_sim'], 'implicit'] }],
};
const VECTORS: ProtoSchema = { 1: ['params', VECTOR], 2: ['params_map', { 1: ['map', VECTOR, 'map'] }] };
const SPARSE: ProtoSchema = {
  1: [
    'map',
    {
      1: ['index', { 1: ['full_scan_threshold', 'u64'], 2: ['on_disk', 'bool'], 3: ['datatype', DATATYPE] }],
      2: ['modifier', ['none', 'idf']],
    },
    'map',
  ],
};
const THREADS: ProtoSchema = { 1: ['value', 'u64'], 2: ['setting', ['auto']] };
const OPTIMIZER: ProtoSchema = {
  1: ['deleted_threshold', 'double'],
  2: ['vacuum_min_vector_number', 'u64'],
  3: ['default_segment_number', 'u64'],
  4: ['max_segment_size', 'u64'],
  5: ['memmap_threshold', 'u64'],
  6: ['indexing_threshold', 'u64'],
  7: ['flush_interval_sec', 'u64'],
  9: ['max_optimization_threads', THREADS],
  10: ['prevent_unoptimized', 'bool'],
};
const WAL: ProtoSchema = {
  1: ['wal_capacity_mb', 'u64'],
  2: ['wal_segments_ahead', 'u64'],
  3: ['wal_retain_closed', 'u64'],
};
const SHARDING = ['auto', 'custom'];

/** `CreateCollection`, with the members of the REST interface. */
export const CREATE_COLLECTION: ProtoSchema = {
  1: ['collection_name', 'text'],
  4: ['hnsw_config', HNSW],
  5: ['wal_config', WAL],
  6: ['optimizers_config', OPTIMIZER],
  7: ['shard_number', 'u64'],
  8: ['on_disk_payload', 'bool'],
  10: ['vectors', VECTORS],
  11: ['replication_factor', 'u64'],
  12: ['write_consistency_factor', 'u64'],
  14: ['quantization_config', QUANTIZATION],
  15: ['sharding_method', SHARDING],
  16: ['sparse_vectors', SPARSE],
  18: ['metadata', 'value', 'map'],
};

const PARAMS: ProtoSchema = {
  3: ['shard_number', 'u64', 'implicit'],
  4: ['on_disk_payload', 'bool', 'implicit'],
  5: ['vectors', VECTORS],
  6: ['replication_factor', 'u64'],
  7: ['write_consistency_factor', 'u64'],
  9: ['sharding_method', SHARDING],
  10: ['sparse_vectors', SPARSE],
};
const TYPES = ['', 'keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid'];
const INFO: ProtoSchema = {
  1: ['status', ['', 'green'], 'implicit'],
  2: ['optimizer_status', { 1: ['ok', 'bool', 'implicit'] }],
  4: ['segments_count', 'u64', 'implicit'],
  7: [
    'config',
    {
      1: ['params', PARAMS],
      2: ['hnsw_config', HNSW],
      3: ['optimizer_config', OPTIMIZER],
      4: ['wal_config', WAL],
      5: ['quantization_config', QUANTIZATION],
      7: ['metadata', 'value', 'map'],
    },
  ],
  8: [
    'payload_schema',
    { 1: ['data_type', TYPES, 'implicit'], 2: ['params', indexParamsSchema], 3: ['points', 'u64'] },
    'map',
  ],
  9: ['points_count', 'u64'],
  10: ['indexed_vectors_count', 'u64'],
  12: ['update_queue', { 1: ['length', 'u64', 'implicit'] }],
};

function indexParamsSchema(): ProtoSchema {
  return INDEX_PARAMS;
}

const TOKENIZER = ['', 'prefix', 'whitespace', 'word', 'multilingual'];
/** `PayloadIndexParams`: the parameters of an index, under the name of its type. */
export const INDEX_PARAMS: ProtoSchema = {
  1: [
    'text',
    {
      1: ['tokenizer', TOKENIZER, 'implicit'],
      2: ['lowercase', 'bool'],
      3: ['min_token_len', 'u64'],
      4: ['max_token_len', 'u64'],
      5: ['on_disk', 'bool'],
      7: ['phrase_matching', 'bool'],
    },
  ],
  2: ['integer', { 1: ['lookup', 'bool'], 2: ['range', 'bool'], 3: ['is_principal', 'bool'], 4: ['on_disk', 'bool'] }],
  3: ['keyword', { 1: ['is_tenant', 'bool'], 2: ['on_disk', 'bool'] }],
  4: ['float', { 1: ['on_disk', 'bool'], 2: ['is_principal', 'bool'] }],
  5: ['geo', { 1: ['on_disk', 'bool'] }],
  6: ['bool', { 1: ['on_disk', 'bool'] }],
  7: ['datetime', { 1: ['on_disk', 'bool'], 2: ['is_principal', 'bool'] }],
  8: ['uuid', { 1: ['is_tenant', 'bool'], 2: ['on_disk', 'bool'] }],
};

/** A decoded `CreateCollection` as the body of a REST request. */
export function createRequestFromProto(message: JsonObject): JsonObject {
  const vectors = message.get('vectors');
  const request = new Map(message);
  request.delete('collection_name');
  if (isJsonObject(vectors)) request.set('vectors', vectors.get('params') ?? mapOf(vectors.get('params_map')));
  const sparse = message.get('sparse_vectors');
  if (isJsonObject(sparse)) request.set('sparse_vectors', mapOf(sparse));
  const optimizers = message.get('optimizers_config');
  if (isJsonObject(optimizers)) request.set('optimizers_config', withThreads(optimizers));
  return request;
}

/** Write `CollectionInfo` from what the REST interface tells. */
export function writeCollectionInfo(writer: ProtoWriter, info: JsonObject): void {
  const config = member(info, 'config');
  const params = member(config, 'params');
  const optimizer = member(config, 'optimizer_config');
  const vectors = member(params, 'vectors');
  const sparse = params.get('sparse_vectors');
  const threads = optimizer.get('max_optimization_threads') ?? undefined;
  const message = replaced(info, {
    optimizer_status: jsonObject({ ok: info.get('optimizer_status') === 'ok' }),
    payload_schema: new Map(Array.from(member(info, 'payload_schema'), ([field, entry]) => [field, protoIndex(entry)])),
    config: replaced(config, {
      optimizer_config: replaced(optimizer, {
        max_optimization_threads: jsonObject(threads === undefined ? { setting: 'auto' } : { value: threads }),
      }),
      params: replaced(params, {
        vectors: jsonObject(vectors.has('size') ? { params: vectors } : { params_map: jsonObject({ map: vectors }) }),
        ...(isJsonObject(sparse) ? { sparse_vectors: jsonObject({ map: sparse }) } : {}),
      }),
    }),
  });
  writeProto(writer, INFO, message);
}

function protoIndex(entry: JsonValue): JsonValue {
  if (!isJsonObject(entry)) return entry;
  const params = entry.get('params');
  return isJsonObject(params) ? replaced(entry, { params: new Map([[textOf(params.get('type')), params]]) }) : entry;
}

function withThreads(optimizers: JsonObject): JsonObject {
  const threads = optimizers.get('max_optimization_threads');
  return isJsonObject(threads)
    ? replaced(optimizers, { max_optimization_threads: threads.get('value') ?? null })
    : optimizers;
}

function replaced(object: JsonObject, members: Readonly<Record<string, JsonValue>>): JsonObject {
  return new Map([...object, ...Object.entries(members)]);
}

function mapOf(message: JsonValue | undefined): JsonValue {
  return (isJsonObject(message) ? message.get('map') : undefined) ?? new Map();
}

function member(object: JsonObject, name: string): JsonObject {
  const value = object.get(name);
  return isJsonObject(value) ? value : new Map();
}
