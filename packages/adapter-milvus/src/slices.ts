import type { Filter, Slice, SlicePlan } from '@vecport/abstractions';
import type { OpenCollection } from './collection.js';
import { allOf, isUpTo } from './expression.js';
import { compileFilter } from './filter.js';
import { idPages, type ReadScope } from './id-pages.js';
import { type KeySpace, keySpace } from './key-space.js';
import { type KeyRange, sliceToken } from './position.js';
import { countRows, readTimestamp } from './query.js';

/** Collections up to this size are cut exactly, by their keys. */
const SMALL = 16_384;
/** Counts that are asked for at most while a large collection is cut. */
const MOST_COUNTS = 400;

/**
 * Ranges of the key with about as many points each. What a boundary says is fixed; what is written later falls into
 * one of the ranges.
 */
export async function planSlices(
  open: OpenCollection,
  count: number,
  filter: Filter | undefined,
  signal: AbortSignal | undefined,
): Promise<SlicePlan> {
  const expression = compileFilter(filter, open.layout, open.client.server);
  const bounds = expression === undefined || count === 1 ? [] : await findBounds(open, count, expression, signal);
  return { slices: slicesBetween(bounds), consistency: 'scan' };
}

function slicesBetween(bounds: readonly string[]): Slice[] {
  const edges = [undefined, ...bounds, undefined];
  return edges.slice(1).map((upTo, at) => {
    const range: KeyRange = { after: edges[at], upTo };
    return { token: sliceToken(range) };
  });
}

async function findBounds(
  open: OpenCollection,
  count: number,
  filter: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const timestamp = await readTimestamp(open.client, { signal });
  const scope: ReadScope = { filter, range: { after: undefined, upTo: undefined }, timestamp, signal };
  const keys = await firstKeys(open, scope);
  if (keys.length <= SMALL) {
    const wanted = Array.from({ length: count - 1 }, (_, at) => Math.round(((at + 1) * keys.length) / count));
    return [...new Set(wanted)].flatMap((rank) => (rank > 0 && rank < keys.length ? (keys[rank - 1] ?? []) : []));
  }
  return cutByCounting(open, count, keys[0] ?? '', scope);
}

/** The keys in order, as long as there are few. */
async function firstKeys(open: OpenCollection, scope: ReadScope): Promise<string[]> {
  const keys: string[] = [];
  for await (const ids of idPages(open, scope)) {
    for (const id of ids) keys.push(id);
    if (keys.length > SMALL) break;
  }
  return keys;
}

/** Halve the space of all keys by counting until every boundary is near enough. */
async function cutByCounting(
  open: OpenCollection,
  count: number,
  first: string,
  { filter, timestamp, signal }: ReadScope,
): Promise<string[]> {
  const { client, layout, partition } = open;
  const place = { collection: layout.collection, partition };
  const total = await countRows(client, place, filter, { signal, timestamp });
  const space = keySpace(layout.key.type, first);
  const search: BoundSearch = { space, tolerance: total / count / 10, budget: MOST_COUNTS, bounds: [] };
  const rankOf = async (key: string): Promise<number> =>
    countRows(client, place, allOf(isUpTo(layout, key, client.server), filter), { signal, timestamp });
  const wanted = Array.from({ length: count - 1 }, (_, at) => ((at + 1) * total) / count);
  await narrow(search, wanted, space.low, space.high, rankOf);
  return search.bounds;
}

interface BoundSearch {
  readonly space: KeySpace;
  readonly tolerance: number;
  budget: number;
  readonly bounds: string[];
}

async function narrow(
  search: BoundSearch,
  wanted: readonly number[],
  low: bigint,
  high: bigint,
  rankOf: (key: string) => Promise<number>,
): Promise<void> {
  if (wanted.length === 0 || high - low < 2n || search.budget-- <= 0) return;
  const middle = (low + high) / 2n;
  const key = search.space.keyAt(middle);
  const rank = await rankOf(key);
  const near = wanted.find((rankWanted) => Math.abs(rankWanted - rank) <= search.tolerance);
  const rest = wanted.filter((rankWanted) => rankWanted !== near);
  await narrow(
    search,
    rest.filter((rankWanted) => rankWanted < rank),
    low,
    middle,
    rankOf,
  );
  if (near !== undefined) search.bounds.push(key);
  await narrow(
    search,
    rest.filter((rankWanted) => rankWanted >= rank),
    middle,
    high,
    rankOf,
  );
}
