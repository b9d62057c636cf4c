import type { IndexDescription, Metric, VectorKind } from '@vecport/abstractions';
import { isVecportError, type JsonValue, parseJson, stringifyJson } from '@vecport/abstractions';
import type { DefaultIndex } from './config.js';
import type { MilvusIndex } from './control.js';
import type { KeyValues } from './key-values.js';
import { metricOf, milvusMetric } from './metrics.js';
import type { ServerInfo } from './server-kind.js';

const TYPES: Readonly<Record<ServerInfo['kind'], readonly string[]>> = {
  milvus: ['FLAT', 'IVF_FLAT', 'IVF_SQ8', 'IVF_PQ', 'HNSW', 'DISKANN', 'SCANN', 'AUTOINDEX'],
  'lite-3': ['FLAT', 'IVF_FLAT', 'IVF_SQ8', 'HNSW', 'AUTOINDEX'],
  'lite-2': ['FLAT', 'IVF_FLAT', 'AUTOINDEX'],
};
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  HNSW: { M: 16, efConstruction: 200 },
  IVF_FLAT: { nlist: 128 },
  IVF_SQ8: { nlist: 128 },
};
const NEUTRAL_NAMES: Readonly<Record<string, string>> = { M: 'm' };

/** The neutral words for an index. */
export function neutralIndex({ params }: MilvusIndex): IndexDescription | undefined {
  const { index_type: type, metric_type: _metric, params: inner, ...rest } = params;
  if (type === undefined) return undefined;
  const found = { ...innerParams(inner), ...rest };
  const entries = Object.entries(found)
    .filter(([key]) => key !== 'dim' && !key.includes('.'))
    .map(([key, value]) => [NEUTRAL_NAMES[key] ?? key, numeric(value)] as const);
  const name = type === 'AUTOINDEX' ? 'auto' : type.replace(/^BIN_/, '').toLowerCase();
  return entries.length === 0 ? { type: name } : { type: name, parameters: Object.fromEntries(entries) };
}

/** The metric an index was made for. */
export function indexMetric(index: MilvusIndex | undefined): Metric | undefined {
  return metricOf(index?.params['metric_type']);
}

/** What a new vector's index is made with: as described where this server has such an index, else the default one. */
export function indexParams(
  vector: { readonly kind: VectorKind; readonly binary: boolean; readonly metric: Metric },
  wanted: IndexDescription | undefined,
  fallback: DefaultIndex,
  server: ServerInfo,
): KeyValues {
  const metric_type = milvusMetric(vector.metric) ?? '';
  if (vector.kind === 'sparse') return { index_type: 'SPARSE_INVERTED_INDEX', metric_type, params: '{}' };
  const type = indexType(wanted, server) ?? (TYPES[server.kind].includes(fallback) ? fallback : 'FLAT');
  if (vector.binary) {
    const binary = type === 'IVF_FLAT' ? 'BIN_IVF_FLAT' : 'BIN_FLAT';
    return { index_type: binary, metric_type, params: JSON.stringify(binary === 'BIN_FLAT' ? {} : { nlist: 128 }) };
  }
  const known = DEFAULTS[type] ?? {};
  const given = wanted?.parameters ?? {};
  const params = Object.fromEntries(
    Object.entries(known).map(([key, value]) => [key, given[NEUTRAL_NAMES[key] ?? key] ?? value]),
  );
  return { index_type: type, metric_type, params: JSON.stringify(params) };
}

function indexType(wanted: IndexDescription | undefined, { kind }: ServerInfo): string | undefined {
  if (wanted === undefined) return undefined;
  const name = wanted.type === 'auto' ? 'AUTOINDEX' : wanted.type.toUpperCase();
  const known = TYPES[kind];
  if (known.includes(name)) return name;
  return name.includes('HNSW') && known.includes('HNSW') ? 'HNSW' : undefined;
}

function innerParams(text: string | undefined): Readonly<Record<string, JsonValue>> {
  if (text === undefined || text === '') return {};
  try {
    const value = parseJson(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, JsonValue>>) : {};
  } catch (error) {
    if (isVecportError(error)) return {};
    throw error;
  }
}

function numeric(value: JsonValue): string | number | boolean {
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  const text = typeof value === 'string' ? value : stringifyJson(value);
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
