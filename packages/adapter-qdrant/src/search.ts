import { DEFAULT_VECTOR, type Metric, parseJson, type SearchMatch, type SearchQuery } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';
import { compileFilter } from './filter.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import type { FoundPoint, PointCall, PointTransport } from './points.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The nearest points with their metadata, nearest first. Qdrant searches its index where it has built one,
 * which may miss a point, and compares all vectors where it has not.
 */
export async function searchPoints(
  transport: PointTransport,
  layout: CollectionLayout,
  query: SearchQuery,
  call: PointCall,
): Promise<readonly SearchMatch[]> {
  const searched = searchedVector(layout, query.vectorName);
  const filter = query.filter === undefined ? true : compileFilter(query.filter);
  if (filter === false) return [];
  const vector = searched.kind === 'multi' && query.vector instanceof Float32Array ? [query.vector] : query.vector;
  const found = await transport.nearest({
    ...call,
    vector,
    searched,
    limit: query.topK,
    ...(filter === true ? {} : { filter }),
  });
  return found.map((point) => matchOf(point, searched.metric));
}

/** The vector of a query. @throws VecportError `invalid-argument` when there is none of that name, or no telling which. */
function searchedVector({ byName, vectors }: CollectionLayout, name: string | undefined): VectorLayout {
  const [only] = vectors;
  const vector = byName.get(name ?? DEFAULT_VECTOR) ?? (name === undefined && vectors.length === 1 ? only : undefined);
  if (vector !== undefined) return vector;
  throw invalidArgument(
    name === undefined
      ? 'The collection has several vectors and none is the default.'
      : `The collection has no vector '${name}'.`,
    `It has: ${[...byName.keys()].join(', ') || 'none'}.`,
  );
}

// Qdrant gives distances as they are, the smaller the nearer.
function matchOf({ id, score, metadata }: FoundPoint, metric: Metric): SearchMatch {
  return {
    id,
    score: metric === 'euclidean' || metric === 'manhattan' ? 0 - score : score,
    ...(metadata === undefined ? {} : { metadata: parseJson(decoder.decode(metadata)) }),
  };
}
