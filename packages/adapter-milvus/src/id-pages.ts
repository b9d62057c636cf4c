import type { OpenCollection } from './collection.js';
import { lyingAnswer } from './errors.js';
import { allOf, compareIds, isAfter, isUpTo } from './expression.js';
import type { Layout } from './layout.js';
import type { KeyRange } from './position.js';
import { query } from './query.js';
import { idsOf, readQueryAnswer } from './read-points.js';

/** What of a collection is read, and how it is seen. */
export interface ReadScope {
  /** Expression of the filter; '' for none. */
  readonly filter: string;
  readonly range: KeyRange;
  /** The time reads see, see `readTimestamp`. */
  readonly timestamp: bigint;
  readonly signal: AbortSignal | undefined;
}

const PAGE = 4096;

/** The expression for what of the scope comes after an identifier. */
export function scopeExpression(
  { client, layout }: OpenCollection,
  { filter, range }: ReadScope,
  after = range.after,
): string {
  return allOf(
    after === undefined ? '' : isAfter(layout, after, client.server),
    range.upTo === undefined ? '' : isUpTo(layout, range.upTo, client.server),
    filter,
  );
}

/** The identifiers of the scope in order, in pages that are never empty. */
export async function* idPages(open: OpenCollection, scope: ReadScope): AsyncGenerator<string[], void, undefined> {
  const { client, layout, partition, maxPage } = open;
  const limit = Math.min(PAGE, maxPage);
  let after = scope.range.after;
  for (;;) {
    const request = { collection: layout.collection, partition, limit, inKeyOrder: true, timestamp: scope.timestamp };
    const answer = await query(
      client,
      { ...request, expression: scopeExpression(open, scope, after), outputFields: [layout.key.field] },
      { signal: scope.signal },
    );
    const ids = idsOf(layout, readQueryAnswer(answer));
    checkOrder(layout, ids, after, scope.range.upTo, limit);
    after = ids.at(-1);
    if (after === undefined) return;
    yield ids;
  }
}

/** @throws VecportError `provider-error` unless the identifiers ascend from `after`, stay in the range and are not too many. */
export function checkOrder(
  layout: Layout,
  ids: readonly string[],
  after: string | undefined,
  upTo: string | undefined,
  limit: number,
): void {
  const { collection } = layout;
  if (ids.length > limit) {
    throw lyingAnswer(`Milvus gave ${ids.length} points of '${collection}' where ${limit} were asked for.`);
  }
  let last = after;
  for (const id of ids) {
    if (last !== undefined && compareIds(layout, last, id) >= 0) {
      throw lyingAnswer(
        `Milvus gave the point '${id}' of '${collection}' after '${last}', out of order or twice.`,
        'Read it again; if it happens again, this server cannot be read completely.',
      );
    }
    last = id;
  }
  if (ids.length > 0 && last !== undefined && upTo !== undefined && compareIds(layout, last, upTo) > 0) {
    throw lyingAnswer(`Milvus gave the point '${last}' of '${collection}', which is beyond the slice.`);
  }
}
