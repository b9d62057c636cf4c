import type { SparseVector, VectorValue } from '@vecport/abstractions';
import { floatsText, floatToHalf, halfToFloat, writeFloatsBE } from '@vecport/wire';
import type { VectorLayout } from './layout.js';

/** Most entries of a sparse vector that pgvector takes. */
const MAX_ENTRIES = 16_000;
/** The most dimensions a sparse vector can have; what a column without a number of its own is written with. */
export const MAX_SPARSE_WIDTH = 1_000_000_000;

/**
 * Why a column cannot hold the vector exactly, or `undefined` when it can. The vector's kind and dimension must be
 * those of the column.
 */
export function vectorProblem(vector: VectorLayout, value: VectorValue): string | undefined {
  if (isSparse(value)) return sparseProblem(vector, value);
  if (value instanceof Float32Array) return denseProblem(vector, value);
  return value.map((part) => denseProblem(vector, part)).find((problem) => problem !== undefined);
}

/** The vector in the binary format of the column's type; a list of vectors as the text of an array. */
export function encodeVector(vector: VectorLayout, value: VectorValue): Buffer {
  if (isSparse(value)) return encodeSparse(value, vector.width ?? MAX_SPARSE_WIDTH);
  if (!(value instanceof Float32Array)) return Buffer.from(arrayText(value));
  if (vector.type === 'bit') return encodeBits(value);
  const isHalf = vector.type === 'halfvec';
  const bytes = Buffer.alloc(4 + value.length * (isHalf ? 2 : 4));
  bytes.writeUInt16BE(value.length, 0);
  if (isHalf) writeHalves(value, bytes);
  else writeFloatsBE(value, bytes, 4);
  return bytes;
}

function isSparse(value: VectorValue): value is SparseVector {
  return 'indices' in value;
}

function denseProblem({ name, type }: VectorLayout, values: Float32Array): string | undefined {
  for (const value of values) {
    if (!Number.isFinite(value)) return `The vector '${name}' holds a value that is not a finite number.`;
    if (type === 'bit' && value !== 0 && value !== 1)
      return `The vector '${name}' holds ${value}, and its bits are 0 or 1.`;
    if (type === 'bit' && Object.is(value, -0)) return `The vector '${name}' holds −0, which is not a bit.`;
    if (type === 'halfvec' && halfToFloat(floatToHalf(value)) !== value) {
      return `The vector '${name}' holds ${value}, which a float16 does not hold exactly: round it first.`;
    }
  }
  return undefined;
}

function sparseProblem(
  { name, width = MAX_SPARSE_WIDTH }: VectorLayout,
  { indices, values }: SparseVector,
): string | undefined {
  if (indices.length > MAX_ENTRIES)
    return `The vector '${name}' has ${indices.length} entries; pgvector takes ${MAX_ENTRIES}.`;
  const far = indices.find((index) => index >= width);
  if (far !== undefined) return `The vector '${name}' has the index ${far}; the column's are below ${width}.`;
  if (values.some((value) => !Number.isFinite(value)))
    return `The vector '${name}' holds a value that is not a finite number.`;
  return values.includes(0) ? `The vector '${name}' has an entry of zero, which pgvector does not keep.` : undefined;
}

function writeHalves(values: Float32Array, bytes: Buffer): void {
  values.forEach((value, at) => {
    bytes.writeUInt16BE(floatToHalf(value), 4 + at * 2);
  });
}

function encodeSparse({ indices, values }: SparseVector, width: number): Buffer {
  const bytes = Buffer.alloc(12 + indices.length * 8);
  bytes.writeInt32BE(width, 0);
  bytes.writeInt32BE(indices.length, 4);
  indices.forEach((index, at) => {
    bytes.writeInt32BE(index, 12 + at * 4);
  });
  writeFloatsBE(values, bytes, 12 + indices.length * 4);
  return bytes;
}

function encodeBits(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(values.length / 8));
  bytes.writeInt32BE(values.length, 0);
  values.forEach((value, bit) => {
    if (value !== 0) bytes[4 + (bit >> 3)] = (bytes[4 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  });
  return bytes;
}

function arrayText(vectors: readonly Float32Array[]): string {
  return `{${vectors.map((values) => `"[${floatsText(values)}]"`).join(',')}}`;
}
