import type { Collection } from './collection.js';
import { parseDatetime } from './datetime.js';
import { compileFilter } from './filter.js';
import { isJsonObject, type JsonValue } from './json-value.js';
import { leavesAt, parsePath } from './payload-path.js';
import type { PointId } from './point-id.js';
import { compileSelectors, type PointView, type Selectors } from './selectors.js';
import { formatError, Refusal, wrongInput } from './server-error.js';
import type { StoredPoint } from './stored-point.js';

/** A scroll request of either interface. */
export interface ScrollRequest extends Selectors {
  readonly limit: bigint | undefined;
  readonly offset: PointId | undefined;
  readonly filter: JsonValue | undefined;
  /** A key, or an object of `key`, `direction` and `start_from`. */
  readonly orderBy: JsonValue | undefined;
}

/** A point of a page; `orderValue` is there where the page is ordered by a payload field. */
export interface ScrolledPoint extends PointView {
  readonly orderValue?: bigint | number | undefined;
}

/** One page. Faults may alter it before it is sent. */
export interface ScrollPage {
  readonly points: readonly ScrolledPoint[];
  /** Where the next page begins, `undefined` at the end. */
  readonly next: PointId | undefined;
}

const DEFAULT_LIMIT = 10n;

/**
 * One page of points in the order of their ids, from `offset` (which need not exist) on, that point
 * included; or by a payload field, and then there are no further pages.
 */
export function scroll(collection: Collection, request: ScrollRequest): ScrollPage {
  const limit = Number(request.limit ?? DEFAULT_LIMIT);
  const view = compileSelectors(collection, request, true);
  if (request.orderBy !== undefined && request.orderBy !== null) return orderedPage(collection, request, limit);
  const passes = compileFilter(request.filter);
  const points: ScrolledPoint[] = [];
  for (const point of collection.points(request.offset)) {
    if (!passes(point)) continue;
    if (points.length === limit) return { points, next: point.id };
    points.push(view(point));
  }
  return { points, next: undefined };
}

/** @throws Refusal 422 for a limit of zero, in the words of the interface that was asked. */
export function checkLimit(limit: bigint | undefined, field: string, where: 'JSON body' | 'body'): void {
  if (limit !== 0n) return;
  throw new Refusal('validation', `Validation error in ${where}: [${field}: value 0 invalid, must be 1 or larger]`);
}

function orderedPage(collection: Collection, request: ScrollRequest, limit: number): ScrollPage {
  const { key, descending, start } = readOrder(request.orderBy);
  const index = collection.indexes.get(key);
  if (index === undefined || !['integer', 'float', 'datetime'].includes(index.type)) {
    throw wrongInput(
      `No range index for \`order_by\` key: \`${key}\`. Please create one to use \`order_by\`. Check https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Range conditions`,
    );
  }
  if (request.offset !== undefined) {
    throw wrongInput(
      "Cannot use an `offset` when using `order_by`. The alternative for paging is to use `order_by.start_from` and a filter to exclude the IDs that you've already seen for the `order_by.start_from` value",
    );
  }
  const sign = descending ? -1 : 1;
  const passes = compileFilter(request.filter);
  const view = compileSelectors(collection, request, true);
  const rows = Array.from(collection.points())
    .filter(passes)
    .flatMap((point) => orderValues(point, key).map((orderValue) => ({ ...view(point), orderValue })))
    .filter(({ orderValue }) => start === undefined || sign * Number(orderValue) >= sign * Number(start))
    .toSorted((a, b) => sign * (Number(a.orderValue) - Number(b.orderValue)));
  return { points: rows.slice(0, limit), next: undefined };
}

function orderValues(point: StoredPoint, key: string): readonly (bigint | number)[] {
  return leavesAt(point.payload, parsePath(key)).flatMap((value) => {
    if (typeof value === 'number' || typeof value === 'bigint') return [value];
    const time = typeof value === 'string' ? parseDatetime(value) : undefined;
    return time === undefined ? [] : [time];
  });
}

function readOrder(value: JsonValue | undefined): {
  key: string;
  descending: boolean;
  start: bigint | number | undefined;
} {
  if (typeof value === 'string') return { key: value, descending: false, start: undefined };
  const key = isJsonObject(value) ? value.get('key') : undefined;
  if (!isJsonObject(value) || typeof key !== 'string') {
    throw formatError('data did not match any variant of untagged enum OrderByInterface');
  }
  const start = value.get('start_from') ?? undefined;
  const from = typeof start === 'string' ? parseDatetime(start) : start;
  return {
    key,
    descending: value.get('direction') === 'desc',
    start: typeof from === 'bigint' || typeof from === 'number' ? from : undefined,
  };
}
