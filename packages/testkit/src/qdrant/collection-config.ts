import { isJsonObject, type JsonObject, type JsonValue, jsonObject, toJsonValue } from './json-value.js';
import { formatError } from './server-error.js';
import type { Distance, VectorSpec } from './vectors.js';

/** What a collection was created with, in the form of the REST interface's `config`. */
export interface CollectionConfig {
  readonly json: JsonObject;
  readonly specs: ReadonlyMap<string, VectorSpec>;
}

const HNSW = { m: 16, ef_construct: 100, full_scan_threshold: 10000, max_indexing_threads: 0, on_disk: false };
const OPTIMIZER = {
  deleted_threshold: 0.2,
  vacuum_min_vector_number: 1000,
  default_segment_number: 0,
  max_segment_size: null,
  memmap_threshold: null,
  indexing_threshold: 10000,
  flush_interval_sec: 5,
  max_optimization_threads: null,
  prevent_unoptimized: null,
};
const WAL = { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 };
const DISTANCES = new Set(['Cosine', 'Dot', 'Euclid', 'Manhattan']);
const VECTOR_MEMBERS = [
  'size',
  'distance',
  'hnsw_config',
  'quantization_config',
  'on_disk',
  'datatype',
  'multivector_config',
] as const;

/** The configuration of a collection made by `request`, the body of a create request, with the server's defaults. */
export function createConfig(request: JsonObject): CollectionConfig {
  const vectors = readVectorsConfig(request.get('vectors'));
  const sparse = request.get('sparse_vectors') ?? undefined;
  const params = jsonObject({
    vectors,
    shard_number: request.get('shard_number') ?? 1n,
    sharding_method: request.get('sharding_method') ?? undefined,
    replication_factor: request.get('replication_factor') ?? 1n,
    write_consistency_factor: request.get('write_consistency_factor') ?? 1n,
    on_disk_payload: request.get('on_disk_payload') ?? true,
    sparse_vectors: sparse,
  });
  const json = jsonObject({
    params,
    hnsw_config: withDefaults(HNSW, request.get('hnsw_config')),
    optimizer_config: withDefaults(OPTIMIZER, request.get('optimizers_config')),
    wal_config: withDefaults(WAL, request.get('wal_config')),
    quantization_config: request.get('quantization_config') ?? null,
    strict_mode_config: request.get('strict_mode_config') ?? undefined,
    metadata: request.get('metadata') ?? undefined,
  });
  return { json, specs: new Map([...denseSpecs(vectors), ...sparseSpecs(sparse)]) };
}

function readVectorsConfig(value: JsonValue | undefined): JsonObject {
  if (value === undefined || value === null) return new Map();
  if (!isJsonObject(value)) throw formatError('data did not match any variant of untagged enum VectorsConfig');
  if (value.has('size')) return readVectorParams(value);
  return new Map(
    Array.from(value, ([name, params]): [string, JsonObject] => {
      if (!isJsonObject(params)) throw formatError('data did not match any variant of untagged enum VectorsConfig');
      return [name, readVectorParams(params)];
    }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function readVectorParams(params: JsonObject): JsonObject {
  const size = params.get('size');
  const distance = params.get('distance');
  if (typeof size !== 'bigint' || size < 1n || typeof distance !== 'string' || !DISTANCES.has(distance)) {
    throw formatError('data did not match any variant of untagged enum VectorsConfig');
  }
  return jsonObject(Object.fromEntries(VECTOR_MEMBERS.map((name) => [name, params.get(name) ?? undefined])));
}

function denseSpecs(vectors: JsonObject): readonly (readonly [string, VectorSpec])[] {
  if (vectors.has('size')) return [['', denseSpec(vectors)]];
  return Array.from(vectors).flatMap(([name, params]) => (isJsonObject(params) ? [[name, denseSpec(params)]] : []));
}

function denseSpec(params: JsonObject): VectorSpec {
  const datatype = params.get('datatype');
  return {
    kind: params.has('multivector_config') ? 'multi' : 'dense',
    size: Number(params.get('size')),
    distance: params.get('distance') as Distance,
    datatype: datatype === 'float16' || datatype === 'uint8' ? datatype : 'float32',
  };
}

function sparseSpecs(value: JsonValue | undefined): readonly (readonly [string, VectorSpec])[] {
  if (!isJsonObject(value)) return [];
  return Array.from(value, ([name, params]) => {
    const idf = isJsonObject(params) && params.get('modifier') === 'idf';
    return [name, { kind: 'sparse', idf }];
  });
}

function withDefaults(
  defaults: Readonly<Record<string, number | boolean | null>>,
  given: JsonValue | undefined,
): JsonObject {
  const members = new Map(
    Object.entries(defaults).map(([key, value]) => [key, typeof value === 'number' ? toJsonValue(value) : value]),
  );
  if (isJsonObject(given)) for (const [key, value] of given) if (value !== null) members.set(key, value);
  return members;
}
