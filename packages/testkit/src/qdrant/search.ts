import type { Collection } from './collection.js';
import { compileFilter } from './filter.js';
import type { JsonValue } from './json-value.js';
import type { PointId } from './point-id.js';
import { type Scoring, scoringFor } from './scoring.js';
import { compileSelectors, type PointView, type Selectors } from './selectors.js';
import { notFound, wrongInput } from './server-error.js';
import type { StoredPoint } from './stored-point.js';
import type { Vector } from './vectors.js';

/** A search of either interface: nearest to a vector, to a point, or with neither the points by id. */
export interface SearchRequest extends Selectors {
  readonly nearest: Vector | PointId | undefined;
  readonly using: string;
  readonly limit: bigint | undefined;
  readonly offset: bigint | undefined;
  readonly filter: JsonValue | undefined;
  readonly scoreThreshold: number | undefined;
}

/** A result of a search. */
export interface ScoredPoint extends PointView {
  readonly score: number;
}

const DEFAULT_LIMIT = 10n;

/** The best points first; exact. The order of points with equal scores means nothing, as on a real server. */
export function search(collection: Collection, request: SearchRequest): readonly ScoredPoint[] {
  const first = Number(request.offset ?? 0n);
  const last = first + Number(request.limit ?? DEFAULT_LIMIT);
  const view = compileSelectors(collection, request, false);
  return ranked(collection, request)
    .slice(first, last)
    .map(({ point, score }) => ({ ...view(point), score }));
}

interface Ranked {
  readonly point: StoredPoint;
  readonly score: number;
}

function ranked(collection: Collection, request: SearchRequest): readonly Ranked[] {
  const passes = compileFilter(request.filter);
  const { nearest, using } = request;
  if (nearest === undefined) return Array.from(collection.points()).filter(passes).map(unscored);
  const itself = typeof nearest === 'object' ? undefined : nearest;
  const scoring = scoringFor(collection, using, queryVector(collection, nearest, using));
  const within = threshold(scoring, request.scoreThreshold);
  const results: Ranked[] = [];
  for (const point of collection.points()) {
    const vector = point.vectors.get(using);
    if (vector === undefined || point.id === itself || !passes(point)) continue;
    const score = scoring.score(vector);
    if (score !== undefined && within(score)) results.push({ point, score });
  }
  const sign = scoring.ascending ? 1 : -1;
  return results.toSorted((a, b) => sign * (a.score - b.score) || scramble(b.point.id) - scramble(a.point.id));
}

function unscored(point: StoredPoint): Ranked {
  return { point, score: 0 };
}

function queryVector(collection: Collection, nearest: Vector | PointId, using: string): Vector {
  if (typeof nearest === 'object') return nearest;
  const point = collection.point(nearest);
  if (point === undefined) throw notFound(`No point with id ${nearest} found`);
  const vector = point.vectors.get(using);
  if (vector === undefined) throw wrongInput(`Not existing vector name error: ${using}`);
  return vector;
}

function threshold(scoring: Scoring, least: number | undefined): (score: number) => boolean {
  if (least === undefined) return () => true;
  return scoring.ascending ? (score) => score <= least : (score) => score >= least;
}

/** A fixed order without meaning for ties, chosen to agree with the one the recordings have. */
function scramble(id: PointId): number {
  let hash = 7;
  for (const char of String(id)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x9e37_79b1) >>> 0;
  return hash;
}
