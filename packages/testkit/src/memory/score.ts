import type { Metric, SparseVector } from '@vecport/abstractions';

/**
 * The score of two dense vectors of one length, in doubles; higher is nearer.
 * `cosine`: 0 when either vector is zero. `hamming`: minus the number of places that differ.
 * `jaccard`: minus one minus the share of the places that are not zero in both among those that are
 * not zero in either; 0 when both vectors are zero.
 */
export function denseScore(metric: Metric, left: Float32Array, right: Float32Array): number {
  switch (metric) {
    case 'dot':
      return dot(left, right);
    case 'cosine': {
      const norms = Math.sqrt(dot(left, left)) * Math.sqrt(dot(right, right));
      return norms === 0 ? 0 : dot(left, right) / norms;
    }
    case 'euclidean':
      return -Math.sqrt(sum(left, (value, i) => (value - at(right, i)) ** 2));
    case 'manhattan':
      return -sum(left, (value, i) => Math.abs(value - at(right, i)));
    case 'hamming':
      return -sum(left, (value, i) => (value === at(right, i) ? 0 : 1));
    case 'jaccard': {
      const either = sum(left, (value, i) => (value !== 0 || at(right, i) !== 0 ? 1 : 0));
      const both = sum(left, (value, i) => (value !== 0 && at(right, i) !== 0 ? 1 : 0));
      return either === 0 ? 0 : both / either - 1;
    }
  }
}

/** The inner product of two sparse vectors, in doubles. */
export function sparseScore(left: SparseVector, right: SparseVector): number {
  const weights = new Map(Array.from(right.indices, (index, i) => [index, at(right.values, i)]));
  return left.indices.reduce((total, index, i) => total + at(left.values, i) * (weights.get(index) ?? 0), 0);
}

/** Late interaction with one query vector (of several, the scores add up): the score of the nearest of the point's vectors. */
export function multiScore(metric: Metric, vectors: readonly Float32Array[], query: Float32Array): number {
  return Math.max(...vectors.map((vector) => denseScore(metric, vector, query)));
}

function dot(left: Float32Array, right: Float32Array): number {
  return sum(left, (value, i) => value * at(right, i));
}

function sum(values: Float32Array, term: (value: number, i: number) => number): number {
  return values.reduce((total, value, i) => total + term(value, i), 0);
}

function at(values: Float32Array, i: number): number {
  return values[i] ?? 0;
}
