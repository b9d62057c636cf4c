import type { Collection } from './collection.js';
import { compileFilter } from './filter.js';
import type { Printable } from './json-print.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { type PointId, readPointId } from './point-id.js';
import { idsMember, requiredMember, selectorsOf, unsignedMember } from './rest-body.js';
import { checkLimit, type ScrolledPoint, type ScrollPage, scroll } from './scroll.js';
import { type ScoredPoint, type SearchRequest, search } from './search.js';
import { compileSelectors, type PointView } from './selectors.js';
import { formatError, notFound, notInFake } from './server-error.js';
import { readVector, vectorsJson } from './vector-json.js';
import type { Vector } from './vectors.js';

/** Changes a page before it is sent. */
export type AlterPage = (page: ScrollPage) => ScrollPage;

/** `points/scroll`. */
export function scrollJson(collection: Collection, body: JsonObject, alter: AlterPage): Printable {
  const limit = unsignedMember(body, 'limit');
  checkLimit(limit, 'scroll_request.limit', 'JSON body');
  const offset = body.get('offset') ?? undefined;
  const page = alter(
    scroll(collection, {
      ...selectorsOf(body),
      limit,
      offset: offset === undefined ? undefined : readPointId(offset),
      filter: body.get('filter'),
      orderBy: body.get('order_by'),
    }),
  );
  return new Map<string, Printable>([
    ['points', page.points.map(scrolledJson)],
    ['next_page_offset', page.next ?? null],
  ]);
}

/** `POST points`: points in the order of the ids, those that are not there left out. */
export function retrieveJson(collection: Collection, body: JsonObject): Printable {
  const view = compileSelectors(collection, selectorsOf(body), true);
  return idsMember(body, 'ids').flatMap((id) => {
    const point = collection.point(id);
    return point === undefined ? [] : [viewJson(view(point))];
  });
}

/** One point, with all it has. @throws Refusal 404 when it is not there. */
export function pointJson(collection: Collection, id: PointId): Printable {
  const point = collection.point(id);
  if (point === undefined) throw notFound(`Point with id ${id} does not exists!`);
  return viewJson({ point, payload: point.payload, vectors: point.vectors });
}

/** `points/count`, always exact. */
export function countJson(collection: Collection, body: JsonObject): Printable {
  const passes = compileFilter(body.get('filter'));
  let count = 0n;
  for (const point of collection.points()) if (passes(point)) count++;
  return new Map([['count', count]]);
}

/** `points/query`, which has the results in `points`. */
export function queryJson(collection: Collection, body: JsonObject): Printable {
  const limit = unsignedMember(body, 'limit');
  checkLimit(limit, 'query_request.limit', 'JSON body');
  if (body.has('prefetch') && body.get('prefetch') !== null) throw notInFake('prefetch');
  const using = body.get('using') ?? '';
  if (typeof using !== 'string') throw formatError('invalid type: expected a string');
  const results = search(collection, {
    ...searchRequest(body),
    nearest: readQuery(body.get('query') ?? undefined),
    using,
    limit,
  });
  return new Map([['points', results.map(scoredJson)]]);
}

/** `points/search`, the older form, which is the list of the results. */
export function searchJson(collection: Collection, body: JsonObject): Printable {
  requiredMember(body, 'limit');
  const limit = unsignedMember(body, 'limit');
  checkLimit(limit, 'search_request.limit', 'JSON body');
  const given = requiredMember(body, 'vector');
  const name = isJsonObject(given) ? given.get('name') : '';
  if (typeof name !== 'string') throw formatError('data did not match any variant of untagged enum NamedVectorStruct');
  const nearest = readVector(isJsonObject(given) ? given.get('vector') : given);
  return search(collection, { ...searchRequest(body), nearest, using: name, limit }).map(scoredJson);
}

function searchRequest(body: JsonObject): Omit<SearchRequest, 'nearest' | 'using' | 'limit'> {
  const threshold = body.get('score_threshold') ?? undefined;
  return {
    ...selectorsOf(body),
    offset: unsignedMember(body, 'offset'),
    filter: body.get('filter'),
    scoreThreshold: threshold === undefined ? undefined : Math.fround(Number(threshold)),
  };
}

/** A vector, a point's id, or one of them as `nearest`. */
function readQuery(query: JsonValue | undefined): Vector | PointId | undefined {
  if (query === undefined) return undefined;
  if (isJsonObject(query) && !query.has('indices')) {
    if (query.has('nearest') && query.size === 1) return readQuery(query.get('nearest'));
    throw notInFake(`query of the kind ${Array.from(query.keys()).join(', ')}`);
  }
  return typeof query === 'bigint' || typeof query === 'string' ? readPointId(query) : readVector(query);
}

function scrolledJson(row: ScrolledPoint): Printable {
  const json = viewJson(row);
  if (row.orderValue !== undefined) json.set('order_value', row.orderValue);
  return json;
}

function scoredJson(result: ScoredPoint): Printable {
  return viewJson(result, [
    ['version', BigInt(result.point.version)],
    ['score', { single: result.score }],
  ]);
}

function viewJson(view: PointView, members: readonly (readonly [string, Printable])[] = []): Map<string, Printable> {
  const json = new Map<string, Printable>([['id', view.point.id], ...members]);
  if (view.payload !== undefined) json.set('payload', view.payload);
  if (view.vectors !== undefined) json.set('vector', vectorsJson(view.vectors));
  return json;
}
