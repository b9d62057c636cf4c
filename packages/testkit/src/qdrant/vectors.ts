import { floatToHalf, halfToFloat } from '@vecport/wire';
import { wrongInput } from './server-error.js';

interface DenseVector {
  readonly kind: 'dense';
  readonly values: Float32Array;
}

/** Indices and their values, pair by pair. */
export interface SparseVector {
  readonly kind: 'sparse';
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

interface MultiVector {
  readonly kind: 'multi';
  readonly rows: readonly Float32Array[];
}

/** A vector as it is sent and as it is kept. */
export type Vector = DenseVector | SparseVector | MultiVector;

/** The vectors of a point by name; the unnamed one has the name `''`. */
export type Vectors = ReadonlyMap<string, Vector>;

/** How two vectors are compared. */
export type Distance = 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan';

/** What a collection says of one vector. */
export type VectorSpec =
  | { readonly kind: 'sparse'; readonly idf: boolean }
  | {
      readonly kind: 'dense' | 'multi';
      readonly size: number;
      readonly distance: Distance;
      readonly datatype: 'float32' | 'float16' | 'uint8';
    };

const F32_EPSILON = 2 ** -23;

/**
 * A vector as the server keeps it: cosine normalised (row by row), halves rounded, bytes cut off, sparse
 * indices sorted.
 * @throws Refusal when it is of another kind or dimension than the collection's vector.
 */
export function storedVector(spec: VectorSpec, vector: Vector): Vector {
  if (spec.kind === 'sparse') {
    if (vector.kind !== 'sparse') throw wrongInput('Conversion between sparse and regular vectors failed');
    return sortedSparse(vector);
  }
  if (vector.kind === 'sparse') throw wrongInput('Conversion between sparse and regular vectors failed');
  const rows = vector.kind === 'multi' ? vector.rows : [vector.values];
  for (const row of rows) checkDimension(spec.size, row);
  const kept = rows.map((row) => storedRow(spec, row));
  if (spec.kind === 'multi') return { kind: 'multi', rows: kept };
  const [values] = kept;
  if (vector.kind === 'multi' || values === undefined) {
    throw wrongInput('Conversion between multi and regular vectors failed');
  }
  return { kind: 'dense', values };
}

/** @throws Refusal for a vector of another dimension. */
export function checkDimension(size: number, row: Float32Array): void {
  if (row.length !== size) {
    throw wrongInput(`Vector dimension error: expected dim: ${size}, got ${row.length}`);
  }
}

function storedRow(spec: VectorSpec & { kind: 'dense' | 'multi' }, row: Float32Array): Float32Array {
  if (spec.datatype === 'uint8') return row.map((value) => Math.min(255, Math.max(0, Math.trunc(value))) || 0);
  const normal = spec.distance === 'Cosine' ? normalized(row) : row;
  return spec.datatype === 'float16' ? normal.map((value) => halfToFloat(floatToHalf(value))) : normal;
}

/**
 * Divided by its norm, in float32 arithmetic and in index order: what the server does up to 15 dimensions.
 * From 16 on it adds in the lanes of the processor, which may differ in the last bit.
 */
function normalized(row: Float32Array): Float32Array {
  const squared = dotProduct(row, row);
  if (squared < F32_EPSILON || Math.abs(Math.fround(squared - 1)) <= 1e-6) return row;
  const norm = Math.fround(Math.sqrt(squared));
  return row.map((value) => value / norm);
}

/** The inner product in float32 arithmetic, in index order. */
export function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum = Math.fround(sum + Math.fround((a[i] ?? 0) * (b[i] ?? 0)));
  return sum;
}

function sortedSparse(vector: SparseVector): SparseVector {
  const order = Array.from(vector.indices.keys()).toSorted(
    (a, b) => (vector.indices[a] ?? 0) - (vector.indices[b] ?? 0),
  );
  return {
    kind: 'sparse',
    indices: Uint32Array.from(order, (at) => vector.indices[at] ?? 0),
    values: Float32Array.from(order, (at) => vector.values[at] ?? 0),
  };
}
