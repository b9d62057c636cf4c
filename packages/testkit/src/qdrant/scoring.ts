import type { Collection } from './collection.js';
import { dotProduct, type SparseVector, storedVector, type Vector, type VectorSpec } from './vectors.js';

/** The score of a stored vector, `undefined` where it is no result at all. */
type Scorer = (vector: Vector) => number | undefined;

/** Scores as the server reports them, and which of two is better. */
export interface Scoring {
  readonly score: Scorer;
  /** Distances: the lower the better. */
  readonly ascending: boolean;
}

/** How a query vector scores the stored vectors of `name`, in float32 arithmetic. */
export function scoringFor(collection: Collection, name: string, query: Vector): Scoring {
  const spec = collection.spec(name);
  const kept = storedVector(spec, query);
  if (kept.kind === 'sparse') return { score: sparseScorer(collection, name, spec, kept), ascending: false };
  if (spec.kind === 'sparse') throw new TypeError('a sparse vector is kept as another kind');
  const rows = kept.kind === 'multi' ? kept.rows : [kept.values];
  const similarity = SIMILARITIES[spec.distance];
  const ascending = spec.distance === 'Euclid' || spec.distance === 'Manhattan';
  const report = spec.distance === 'Euclid' ? euclideanOf : ascending ? Math.abs : same;
  return { score: (vector) => report(maxSimilarity(rows, rowsOf(vector), similarity)), ascending };
}

type Similarity = (a: Float32Array, b: Float32Array) => number;

/** The greater the more alike, for every distance. */
const SIMILARITIES: Readonly<Record<'Cosine' | 'Dot' | 'Euclid' | 'Manhattan', Similarity>> = {
  Cosine: dotProduct,
  Dot: dotProduct,
  Euclid: (a, b) => -sum(a, b, (difference) => Math.fround(difference * difference)),
  Manhattan: (a, b) => -sum(a, b, Math.abs),
};

function sum(a: Float32Array, b: Float32Array, of: (difference: number) => number): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total = Math.fround(total + of(Math.fround((a[i] ?? 0) - (b[i] ?? 0))));
  return total;
}

/** For each row of the query its best row of the vector, added up. One row each is the plain case. */
function maxSimilarity(query: readonly Float32Array[], rows: readonly Float32Array[], of: Similarity): number {
  let total = 0;
  for (const part of query) {
    let best = Number.NEGATIVE_INFINITY;
    for (const row of rows) best = Math.max(best, of(part, row));
    total = Math.fround(total + best);
  }
  return total;
}

function rowsOf(vector: Vector): readonly Float32Array[] {
  if (vector.kind === 'multi') return vector.rows;
  return vector.kind === 'dense' ? [vector.values] : [];
}

function euclideanOf(similarity: number): number {
  return Math.fround(Math.sqrt(Math.abs(similarity)));
}

function same(score: number): number {
  return score;
}

/** The inner product over the indices both have; a point whose score is zero is no result. */
function sparseScorer(collection: Collection, name: string, spec: VectorSpec, query: SparseVector): Scorer {
  const weights = new Map<number, number>();
  const idf = spec.kind === 'sparse' && spec.idf ? inverseFrequencies(collection, name) : undefined;
  for (const [at, index] of query.indices.entries()) {
    weights.set(index, Math.fround((query.values[at] ?? 0) * (idf?.(index) ?? 1)));
  }
  return (vector) => {
    if (vector.kind !== 'sparse') return undefined;
    let total = 0;
    for (const [at, index] of vector.indices.entries()) {
      const weight = weights.get(index);
      if (weight !== undefined) total = Math.fround(total + Math.fround(weight * (vector.values[at] ?? 0)));
    }
    return total === 0 ? undefined : total;
  };
}

function inverseFrequencies(collection: Collection, name: string): (index: number) => number {
  const counts = new Map<number, number>();
  let total = 0;
  for (const { vectors } of collection.points()) {
    const vector = vectors.get(name);
    if (vector?.kind !== 'sparse') continue;
    total++;
    for (const index of vector.indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return (index) => {
    const count = counts.get(index) ?? 0;
    return Math.fround(Math.log((total - count + 0.5) / (count + 0.5) + 1));
  };
}
