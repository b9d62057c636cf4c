import type { IndexDescription, Metric, VectorKind } from '@vecport/abstractions';
import { isVecportError, type JsonValue, parseJson, stringifyJson } from '@vecport/abstractions';
import { indexNumber } from '@vecport/wire';
import type { DefaultIndex } from './config.js';
import type { MilvusIndex } from './control.js';
import { invalidArgument } from './errors.js';
import type { KeyValues } from './key-values.js';
import { metricOf, milvusMetric } from './metrics.js';
import type { ServerInfo } from './server-kind.js';

const TYPES: Readonly<Record<ServerInfo['kind'], readonly string[]>> = {
  milvus: ['FLAT', 'IVF_FLAT', 'IVF_SQ8', 'IVF_PQ', 'HNSW', 'DISKANN', 'SCANN', 'AUTOINDEX'],
  'lite-3': ['FLAT', 'IVF_FLAT', 'IVF_SQ8', 'HNSW', 'AUTOINDEX'],
  'lite-2': ['FLAT', 'IVF_FLAT', 'AUTOINDEX'],
};
const NEUTRAL_NAMES: Readonly<Record<string, string>> = { M: 'm' };
const MAX_INT = 2 ** 31 - 1;

/** A number that an index takes. */
interface NumberSpec {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

// milvus.io/docs/index-explained. Milvus-lite 3.2 takes any and dies of some: an HNSW with M below 2 ends the process.
const GRAPH: readonly NumberSpec[] = [
  { name: 'M', least: 2, most: 2048, usual: 16 },
  { name: 'efConstruction', least: 1, most: MAX_INT, usual: 200 },
];
const LISTS: readonly NumberSpec[] = [{ name: 'nlist', least: 1, most: 65_536, usual: 128 }];

/** The numbers an index is made with. */
function numbersOf(type: string): readonly NumberSpec[] {
  if (type.startsWith('HNSW')) return GRAPH;
  return /^(?:BIN_)?IVF_|^SCANN$/.test(type) ? LISTS : [];
}

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

/**
 * What a new vector's index is made with: as described where this server has such an index, else the default one. A
 * number that no Milvus takes, which another provider's index may have, is left out for the usual one.
 */
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
  const params = Object.fromEntries(
    numbersOf(type).map(({ name, least, most, usual }) => [
      name,
      indexNumber(wanted, NEUTRAL_NAMES[name] ?? name, least, most) ?? usual,
    ]),
  );
  return { index_type: type, metric_type, params: JSON.stringify(params) };
}

/**
 * Refuse settings of an index that no Milvus takes, and some die of.
 * @throws VecportError `invalid-argument` naming the setting.
 */
export function checkIndexParams({ field, params }: MilvusIndex): void {
  const { index_type: type = '', params: inner, ...flat } = params;
  const said: Readonly<Record<string, JsonValue>> = { ...flat, ...innerParams(inner) };
  for (const { name, least, most } of numbersOf(type.toUpperCase())) {
    const value = said[name];
    if (value === undefined) continue;
    const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
    if (Number.isInteger(number) && number >= least && number <= most) continue;
    throw invalidArgument(
      `The ${type} index of '${field}' has ${name} ${typeof value === 'string' ? value : stringifyJson(value)}, which no Milvus takes.`,
      `Say a whole number from ${least} to ${most} in the native settings, or leave them out.`,
    );
  }
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
