import {
  type CallOptions,
  DEFAULT_VECTOR,
  type Metric,
  metadataValue,
  type SearchMatch,
  type SearchQuery,
  type VectorValue,
} from '@vecport/abstractions';
import { invalidArgument, notSupported } from './errors.js';
import { compileFilter } from './filter.js';
import type { VectorLayout } from './layout.js';
import { multiBytes } from './object-message.js';
import type { OpenClass } from './open-class.js';
import { readObjects } from './read-objects.js';
import type { Near } from './requests.js';

/**
 * The nearest objects, nearest first. As exact as the collection's index is: a flat one finds all, HNSW nearly always.
 * By cosine and dot a multi-vector scores the sum of its best products (MaxSim).
 */
export async function searchObjects(
  open: OpenClass,
  query: SearchQuery,
  options: CallOptions,
): Promise<readonly SearchMatch[]> {
  const { layout } = open;
  const vector = searchedVector(layout.vectors, query.vectorName);
  const filter = query.filter === undefined ? true : compileFilter(query.filter, layout);
  if (filter === false) return [];
  const { batch, distances } = await readObjects(
    open,
    {
      limit: query.topK,
      near: nearOf(vector, query.vector),
      distance: true,
      vectors: false,
      ...(filter !== true && { filter }),
    },
    options,
  );
  const scored = batch.ids.map((id, row) => ({
    id,
    score: scoreOf(vector, distances[row] ?? Number.NaN),
    metadata: metadataValue(batch.metadata, row),
  }));
  // A vector of zeros has no direction; some versions give NaN for it.
  return scored.filter(({ score }) => !Number.isNaN(score));
}

function searchedVector(vectors: readonly VectorLayout[], name: string | undefined): VectorLayout {
  const wanted = name ?? DEFAULT_VECTOR;
  const vector =
    vectors.find((candidate) => candidate.name === wanted) ??
    (name === undefined && vectors.length === 1 ? vectors[0] : undefined);
  if (vector !== undefined) return vector;
  const names = vectors.map((candidate) => candidate.name).join(', ') || 'none';
  throw invalidArgument(`There is no vector '${wanted}' to search (there are: ${names}).`);
}

function nearOf({ name, unnamed, spec }: VectorLayout, vector: VectorValue): Near {
  if ('indices' in vector) throw notSupported('Weaviate has no sparse vectors to search.');
  if (spec.kind !== 'multi') {
    if (!(vector instanceof Float32Array)) throw invalidArgument(`The vector '${name}' is no multi-vector.`);
    return { name: unnamed ? undefined : name, multi: false, bytes: bytesOf(vector) };
  }
  const rows = vector instanceof Float32Array ? [vector] : vector;
  const dimension = rows[0]?.length ?? 0;
  const floats = new Float32Array(rows.length * dimension);
  rows.forEach((row, at) => {
    floats.set(row, at * dimension);
  });
  return { name, multi: true, bytes: multiBytes(bytesOf(floats), dimension) };
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

// Weaviate gives distances: 1 − cosine, the negated product, the squared euclidean one. Of multi-vectors the negated sum.
function scoreOf({ spec }: VectorLayout, distance: number): number {
  if (spec.kind === 'multi') return 0 - distance;
  return SCORES[spec.metric ?? 'cosine'](distance);
}

const SCORES: Readonly<Record<Metric, (distance: number) => number>> = {
  cosine: (distance) => Math.min(1, Math.max(-1, 1 - distance)),
  dot: (distance) => 0 - distance,
  euclidean: (distance) => 0 - Math.sqrt(Math.max(0, distance)),
  manhattan: (distance) => 0 - distance,
  hamming: (distance) => 0 - distance,
  jaccard: (distance) => 0 - distance,
};
