import { floatsText, floatText } from '@vecport/wire';
import { invalid } from './fake-reply.js';

/** A value of a metadata field. */
export type FakeMetadataValue = string | number | boolean | readonly string[];
/** Metadata as Pinecone holds it: flat. */
export type FakeMetadata = Readonly<Record<string, FakeMetadataValue>>;

/** Sparse values, ascending by index. */
export interface FakeSparse {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

/** A record as Pinecone holds it. */
export interface FakeRecord {
  readonly id: string;
  /** Floats in single precision; absent in a sparse index. */
  readonly values?: Float32Array | undefined;
  readonly sparseValues?: FakeSparse | undefined;
  readonly metadata?: FakeMetadata | undefined;
}

/** What the records of an index must be. */
export interface RecordRules {
  readonly vectorType: 'dense' | 'sparse';
  readonly dimension: number | undefined;
  readonly metric: string;
}

/** Bytes of metadata a record may have. */
const MAX_METADATA_BYTES = 40_960;
const MAX_SPARSE = 2048;
const LEAST_MAGNITUDE = 1e-8;

/** A record from JSON of a request. @throws Refused as Pinecone refuses it. */
export function parseFakeRecord(json: unknown, rules: RecordRules): FakeRecord {
  const { id, values, sparseValues, metadata } = json as Record<string, unknown>;
  checkFakeId(id);
  const dense =
    values === undefined || (Array.isArray(values) && values.length === 0) ? undefined : parseValues(values);
  const sparse = sparseValues === undefined || sparseValues === null ? undefined : parseSparse(sparseValues);
  checkVectors(id, dense, sparse, rules);
  return {
    id,
    ...(dense && { values: dense }),
    ...(sparse && { sparseValues: sparse }),
    ...(metadata !== undefined && metadata !== null && { metadata: parseMetadata(metadata) }),
  };
}

/** @throws Refused unless `id` can be the id of a record. */
export function checkFakeId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id === '') throw invalid('Vector ID must not be empty');
  if (id.includes('\0')) throw invalid('Vector ID must not contain null character');
  if (!isAscii(id)) throw invalid(`Vector ID must be ASCII, but got '${id}'`);
  if (id.length > 512) throw invalid(`Vector ID is ${id.length} characters long; the limit is 512`);
}

/** Whether a text is ASCII without NUL. */
export function isAscii(text: string): boolean {
  return Array.from(text).every((char) => char > '\0' && char <= '\x7f');
}

/** Metadata from JSON. @throws Refused as Pinecone refuses it. */
export function parseMetadata(json: unknown): FakeMetadata {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('metadata must be an object');
  for (const [field, value] of Object.entries(json)) {
    if (field.startsWith('$')) throw invalid(`Metadata field names may not begin with '$', got '${field}'`);
    if (isMetadataValue(value)) continue;
    const got = JSON.stringify(value);
    throw invalid(
      `Metadata value must be a string, number, boolean or list of strings, got '${got.length > 12 ? `${got.slice(0, 12)}...` : got}' for field '${field}'`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes > MAX_METADATA_BYTES) {
    throw invalid(`Metadata size is ${bytes} bytes, which exceeds the limit of ${MAX_METADATA_BYTES} bytes per vector`);
  }
  return json as FakeMetadata;
}

/** Floats from JSON, in single precision. @throws Refused for anything else. */
export function parseValues(json: unknown): Float32Array {
  if (!Array.isArray(json) || !json.every((value) => typeof value === 'number'))
    throw invalid('values must be a list of numbers');
  const values = Float32Array.from(json);
  if (values.some((value) => !Number.isFinite(value))) throw invalid('values must be finite');
  return values;
}

/** Sparse values from JSON. @throws Refused for anything else. */
export function parseSparse(json: unknown): FakeSparse {
  const { indices, values } = json as { indices?: unknown; values?: unknown };
  if (!Array.isArray(indices) || !Array.isArray(values) || indices.length !== values.length) {
    throw invalid('Sparse vector must have the same number of indices and values');
  }
  if (indices.length === 0) throw invalid('Sparse vector must contain at least one value');
  if (indices.length > MAX_SPARSE) throw invalid(`Sparse vector must not have more than ${MAX_SPARSE} values`);
  if (!indices.every((index) => Number.isInteger(index) && index >= 0 && index <= 0xffff_ffff)) {
    throw invalid('Sparse vector indices must be unsigned 32-bit integers');
  }
  if (new Set(indices).size !== indices.length) throw invalid('Sparse vector indices must be unique');
  const floats = parseValues(values);
  const order = indices.map((_, i) => i).toSorted((a, b) => Number(indices[a]) - Number(indices[b]));
  return { indices: order.map((i) => Number(indices[i])), values: order.map((i) => floats[i] ?? 0) };
}

/** A record as JSON, floats printed shortest, whole numbers of metadata as `1.0`, keys in the order of a map. */
export function printFakeRecord(
  record: FakeRecord,
  parts: { readonly values: boolean; readonly metadata: boolean; readonly score?: number },
): string {
  const members = [`"id":${JSON.stringify(record.id)}`];
  if (parts.score !== undefined) members.push(`"score":${floatText(parts.score)}`);
  members.push(`"values":[${parts.values && record.values ? printFloats(record.values) : ''}]`);
  if (parts.values && record.sparseValues) {
    const { indices, values } = record.sparseValues;
    members.push(
      `"sparseValues":{"indices":[${indices.join(',')}],"values":[${values.map((value) => floatText(value)).join(',')}]}`,
    );
  }
  if (parts.metadata && record.metadata && Object.keys(record.metadata).length > 0) {
    members.push(`"metadata":${printMetadata(record.metadata)}`);
  }
  return `{${members.join(',')}}`;
}

const printed = new WeakMap<Float32Array, string>();

// Printing floats shortest takes longer than anything else the fake does.
function printFloats(values: Float32Array): string {
  const known = printed.get(values) ?? floatsText(values);
  printed.set(values, known);
  return known;
}

function printMetadata(metadata: FakeMetadata): string {
  const members = Object.entries(metadata)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([key, value]) =>
        `${JSON.stringify(key)}:${typeof value === 'number' ? printDouble(value) : JSON.stringify(value)}`,
    );
  return `{${members.join(',')}}`;
}

function printDouble(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text.replace('e+', 'e');
}

function checkVectors(
  id: string,
  dense: Float32Array | undefined,
  sparse: FakeSparse | undefined,
  rules: RecordRules,
): void {
  if (rules.vectorType === 'sparse') {
    if (dense) throw invalid('Sparse index does not support dense vectors');
    if (!sparse) throw invalid(`Sparse vector is missing for the record '${id}'`);
    return;
  }
  if (!dense) throw invalid(`Dense vector is missing for the record '${id}'`);
  if (dense.length !== rules.dimension) {
    throw invalid(`Vector dimension ${dense.length} does not match the dimension of the index ${rules.dimension}`);
  }
  if (!dense.some((value) => Math.abs(value) >= LEAST_MAGNITUDE))
    throw invalid('Dense vectors must contain at least one non-zero value.');
  if (sparse && rules.metric !== 'dotproduct')
    throw invalid(
      `Index configuration does not support sparse values - only indexes that are sparse or using dotproduct are supported`,
    );
}

function isMetadataValue(value: unknown): value is FakeMetadataValue {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string');
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}
