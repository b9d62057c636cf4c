import { type MetadataColumn, metadataFromTexts, type VectorBatch } from '@vecport/abstractions';

/** What is generated. Point `n` (from 0) is the same for every seed, whatever batch it is in. */
export interface GeneratedShape {
  readonly points: number;
  readonly dimension: number;
  readonly seed: number;
}

/** Points `rows[0]`, `rows[1]`, … of a generated collection. The id of point `n` is `n` in decimals. */
export function generatedBatch(shape: GeneratedShape, rows: readonly number[]): VectorBatch {
  const { dimension } = shape;
  const values = new Float32Array(rows.length * dimension);
  rows.forEach((n, row) => {
    fillVector(values, row * dimension, dimension, shape.seed, n);
  });
  return {
    ids: rows.map(String),
    vectors: { default: { kind: 'dense', dimension, values } },
    metadata: generatedMetadata(rows),
  };
}

function generatedMetadata(rows: readonly number[]): MetadataColumn {
  return metadataFromTexts(rows.map((n) => `{"n":${n},"group":"group-${n % 10}","title":"Generated point ${n}"}`));
}

// Xorshift from a mixed seed: fast enough that a benchmark measures the reader. Floats are multiples of 2^-23 in −1 … 1.
function fillVector(values: Float32Array, start: number, dimension: number, seed: number, n: number): void {
  let state = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b) || 1;
  for (let at = start; at < start + dimension; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[at] = (state >> 8) / 8388608;
  }
}
