import type { Printable } from './json-print.js';
import { isJsonArray, isJsonObject, type JsonValue } from './json-value.js';
import { formatError, Refusal } from './server-error.js';
import type { Vector, Vectors } from './vectors.js';

const NO_VECTOR = 'data did not match any variant of untagged enum VectorStruct';
const MAX_U32 = 0xffff_ffffn;

/** The vectors of a point in an upsert: a list, a list of lists, or an object by name. */
export function readVectors(value: JsonValue | undefined): Vectors {
  if (isJsonArray(value)) {
    const rows = readRows(value);
    if (rows !== undefined) return new Map([['', multi(rows)]]);
    return new Map([['', dense(value)]]);
  }
  if (!isJsonObject(value)) throw formatError(NO_VECTOR);
  return new Map(Array.from(value, ([name, vector]) => [name, readVector(vector)]));
}

/**
 * One vector of a name, or of a query. The order of the attempts is the server's, and has a trap: an
 * array of two lists of whole numbers is read as the indices and values of a sparse vector.
 */
export function readVector(value: JsonValue | undefined): Vector {
  if (isJsonObject(value)) return readSparse(value.get('indices'), value.get('values'));
  if (!isJsonArray(value)) throw formatError(NO_VECTOR);
  const [first, second] = value;
  if (value.length === 2 && isJsonArray(first) && isJsonArray(second) && first.every(isIndex)) {
    return readSparse(first, second);
  }
  const rows = readRows(value);
  return rows === undefined ? dense(value) : multi(rows);
}

/** A stored vector as it is printed. */
function vectorJson(vector: Vector): Printable {
  if (vector.kind === 'dense') return vector.values;
  if (vector.kind === 'multi') return vector.rows;
  return new Map<string, Printable>([
    ['indices', vector.indices],
    ['values', vector.values],
  ]);
}

/** The member `vector` of a point: the unnamed vector alone, others by name. */
export function vectorsJson(vectors: Vectors): Printable {
  const unnamed = vectors.get('');
  if (unnamed !== undefined) return vectorJson(unnamed);
  return new Map(Array.from(vectors, ([name, vector]) => [name, vectorJson(vector)]));
}

function readSparse(indices: JsonValue | undefined, values: JsonValue | undefined): Vector {
  if (!isJsonArray(indices) || !isJsonArray(values) || !indices.every(isIndex)) throw formatError(NO_VECTOR);
  return sparseVector(Uint32Array.from(indices, Number), floats(values));
}

/** @throws Refusal 422 when indices and values differ in number or an index comes twice. */
export function sparseVector(indices: Uint32Array, values: Float32Array): Vector {
  if (indices.length !== values.length) {
    throw new Refusal('validation', 'Validation error in JSON body: [values: must be the same length as indices]');
  }
  if (new Set(indices).size !== indices.length) {
    throw new Refusal('validation', 'Validation error in JSON body: [indices: must be unique]');
  }
  return { kind: 'sparse', indices, values };
}

function readRows(value: readonly JsonValue[]): Float32Array[] | undefined {
  if (value.length === 0 || !value.every(isJsonArray)) return undefined;
  return value.map(floats);
}

function dense(value: readonly JsonValue[]): Vector {
  if (value.length === 0) {
    throw new Refusal('validation', 'Validation error in JSON body: [vector: dense vector must not be empty]');
  }
  return { kind: 'dense', values: floats(value) };
}

function multi(rows: readonly Float32Array[]): Vector {
  return { kind: 'multi', rows };
}

function isIndex(value: JsonValue): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= MAX_U32;
}

/** Numbers as float32: rounded to a double first, as the server does. */
function floats(values: readonly JsonValue[]): Float32Array {
  const result = new Float32Array(values.length);
  for (const [at, value] of values.entries()) {
    if (typeof value !== 'number' && typeof value !== 'bigint') throw formatError(NO_VECTOR);
    result[at] = Number(value);
  }
  return result;
}
