import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type Filter,
  matchesFilter,
  parseJson,
  type SearchMatch,
  type SearchQuery,
  VecportError,
  type VectorSpec,
  type VectorValue,
} from '@vecport/abstractions';
import type { MemoryPoint } from './memory-points.js';
import { denseScore, multiScore, sparseScore } from './score.js';

/** The exact answer to a query: every point is scored; of equal scores the lesser id comes first. */
export function searchPoints(
  points: Iterable<MemoryPoint>,
  query: SearchQuery,
  description: CollectionDescription,
): readonly SearchMatch[] {
  const name = query.vectorName ?? mainVector(description);
  const spec = Object.hasOwn(description.vectors, name) ? description.vectors[name] : undefined;
  if (spec === undefined) throw new VecportError('invalid-argument', `The collection has no vector '${name}'.`);
  return [...points]
    .filter((point) => point.vectors[name] !== undefined && pointMatches(point, query.filter))
    .map((point) => ({ point, score: scoreOf(spec, point.vectors[name], query.vector) }))
    .toSorted((left, right) => right.score - left.score || compareIds(left.point, right.point))
    .slice(0, query.topK)
    .map(({ point, score }) => ({
      id: point.id,
      score,
      ...(point.metadataText === undefined ? {} : { metadata: parseJson(point.metadataText) }),
    }));
}

/** Whether a point's metadata satisfies the filter; every point satisfies none. */
export function pointMatches(point: MemoryPoint, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  return matchesFilter(filter, point.metadataText === undefined ? undefined : parseJson(point.metadataText));
}

/** Order by id, by code unit. */
export function compareIds(left: MemoryPoint, right: MemoryPoint): number {
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

function mainVector(description: CollectionDescription): string {
  const names = Object.keys(description.vectors);
  return names.length === 1 ? (names[0] ?? DEFAULT_VECTOR) : DEFAULT_VECTOR;
}

function scoreOf(spec: VectorSpec, stored: VectorValue | undefined, query: VectorValue): number {
  const metric = spec.metric ?? 'dot';
  if (stored instanceof Float32Array && query instanceof Float32Array && stored.length === query.length) {
    return denseScore(metric, stored, query);
  }
  if (Array.isArray(stored) && query instanceof Float32Array && query.length === spec.dimension) {
    return multiScore(metric, stored as readonly Float32Array[], query);
  }
  if (Array.isArray(stored) && Array.isArray(query)) {
    return (query as readonly Float32Array[]).reduce(
      (total, part) => total + multiScore(metric, stored as readonly Float32Array[], part),
      0,
    );
  }
  if (stored !== undefined && 'indices' in stored && 'indices' in query) return sparseScore(stored, query);
  throw new VecportError('dimension-mismatch', `The query's vector is not like the ${spec.kind} vectors searched.`);
}
