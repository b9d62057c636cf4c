import type { Message } from './proto-tree.js';

const value: Message = {
  1: ['null', 'int'],
  2: ['double', 'double'],
  3: ['integer', 'int'],
  4: ['text', 'text'],
  5: ['bool', 'int'],
  6: ['struct', () => ({ 1: ['fields', () => value, 'map'] })],
  7: ['list', () => ({ 1: ['values', () => value, 'list'] })],
};
const id: Message = { 1: ['num', 'int'], 2: ['uuid', 'text'] };
const dense: Message = { 1: ['data', 'floats'] };
const vector: Message = {
  101: ['dense', () => dense],
  102: ['sparse', () => ({ 1: ['values', 'floats'], 2: ['indices', 'ints'] })],
  103: ['multi_dense', () => ({ 1: ['vectors', () => dense, 'list'] })],
};
const vectors: Message = {
  1: ['vector', () => vector],
  2: ['vectors', () => ({ 1: ['vectors', () => vector, 'map'] })],
};
const retrieved: Message = {
  1: ['id', () => id],
  2: ['payload', () => value, 'map'],
  4: ['vectors', () => vectors],
};
const scored: Message = {
  1: ['id', () => id],
  2: ['payload', () => value, 'map'],
  3: ['score', 'float'],
  5: ['version', 'int'],
  6: ['vectors', () => vectors],
};

const vectorParams: Message = {
  1: ['size', 'int'],
  2: ['distance', 'int'],
  6: ['datatype', 'int'],
  7: ['multivector_config', () => ({ 1: ['comparator', 'int'] })],
};
const params: Message = {
  3: ['shard_number', 'int'],
  4: ['on_disk_payload', 'int'],
  5: [
    'vectors_config',
    () => ({ 1: ['params', () => vectorParams], 2: ['params_map', () => ({ 1: ['map', () => vectorParams, 'map'] })] }),
  ],
  6: ['replication_factor', 'int'],
  7: ['write_consistency_factor', 'int'],
  10: ['sparse_vectors_config', () => ({ 1: ['map', () => ({}), 'map'] })],
};
const config: Message = {
  1: ['params', () => params],
  2: [
    'hnsw_config',
    () => ({
      1: ['m', 'int'],
      2: ['ef_construct', 'int'],
      3: ['full_scan_threshold', 'int'],
      4: ['max_indexing_threads', 'int'],
      5: ['on_disk', 'int'],
    }),
  ],
  3: [
    'optimizer_config',
    () => ({
      1: ['deleted_threshold', 'double'],
      2: ['vacuum_min_vector_number', 'int'],
      3: ['default_segment_number', 'int'],
      6: ['indexing_threshold', 'int'],
      7: ['flush_interval_sec', 'int'],
      9: ['max_optimization_threads', () => ({ 2: ['setting', 'int'] })],
    }),
  ],
  4: [
    'wal_config',
    () => ({ 1: ['wal_capacity_mb', 'int'], 2: ['wal_segments_ahead', 'int'], 3: ['wal_retain_closed', 'int'] }),
  ],
  5: [
    'quantization_config',
    () => ({ 1: ['scalar', () => ({ 1: ['type', 'int'], 2: ['quantile', 'float'], 3: ['always_ram', 'int'] })] }),
  ],
};
const info: Message = {
  1: ['status', 'int'],
  2: ['optimizer_status', () => ({ 1: ['ok', 'int'] })],
  4: ['segments_count', 'int'],
  7: ['config', () => config],
  8: ['payload_schema', () => ({ 1: ['data_type', 'int'], 3: ['points', 'int'] }), 'map'],
  9: ['points_count', 'int'],
  10: ['indexed_vectors_count', 'int'],
  12: ['update_queue', () => ({})],
};
const updated: Message = {
  1: ['result', () => ({ 1: ['operation_id', 'int'], 2: ['status', 'int'] })],
  2: ['time', 'double'],
  3: ['usage', () => ({})],
};

/** The answers that were recorded, by the name of the call. */
export const ANSWERS: Readonly<Record<string, Message>> = {
  HealthCheck: { 1: ['title', 'text'], 2: ['version', 'text'], 3: ['commit', 'text'] },
  List: { 1: ['collections', () => ({ 1: ['name', 'text'] }), 'list'], 2: ['time', 'double'] },
  CollectionExists: { 1: ['result', () => ({ 1: ['exists', 'int'] })], 2: ['time', 'double'] },
  'Collections/Get': { 1: ['result', () => info], 2: ['time', 'double'] },
  'Points/Get': { 1: ['result', () => retrieved, 'list'], 2: ['time', 'double'] },
  Count: { 1: ['result', () => ({ 1: ['count', 'int'] })], 2: ['time', 'double'] },
  Scroll: { 1: ['next_page_offset', () => id], 2: ['result', () => retrieved, 'list'], 3: ['time', 'double'] },
  Query: { 1: ['result', () => scored, 'list'], 2: ['time', 'double'] },
  Upsert: updated,
  Delete: updated,
};
