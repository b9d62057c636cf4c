import type { CallOptions, Filter, Slice, SlicePlan } from '@vecport/abstractions';
import type { Elastic } from './client.js';
import { parseSlice, type ReadState, type SequenceRange, sliceToken } from './cursor.js';
import { compileFilter, EVERYTHING, type Query } from './filter.js';
import type { IndexLayout } from './layout.js';
import { readPage } from './page.js';
import { closePointInTime, openPointInTime } from './point-in-time.js';
import { readState, search } from './read-pages.js';
import { hasRevision, readRevision } from './revision.js';

/**
 * Cut what a point in time holds into ranges of sequence numbers with about equally many points. A point keeps its
 * number until it is written again, so a slice stays the same for as long as nothing is written, also when the point in
 * time is gone.
 */
export async function planSlices(
  elastic: Elastic,
  layout: IndexLayout,
  count: number,
  { filter, signal }: CallOptions & { readonly filter?: Filter | undefined },
): Promise<SlicePlan> {
  const query = filter === undefined ? EVERYTHING : compileFilter(filter, layout.filterFields);
  const pit = await openPointInTime(elastic, layout.index, signal);
  try {
    const state = await readState(elastic, layout, pit, query, signal);
    const ranges = cutRanges(await boundaries(elastic, layout, pit, query, count, state, signal));
    return {
      slices: await describeSlices(elastic, layout, pit, query, ranges, signal),
      consistency: pit === undefined ? 'scan' : 'point-in-time',
      ...(pit !== undefined && hasRevision(layout) && { snapshot: await readRevision(elastic, layout, pit, signal) }),
    };
  } catch (error) {
    if (pit !== undefined) await closePointInTime(elastic, pit);
    throw error;
  }
}

/** Close the point in time of a plan. */
export async function releaseSlices(elastic: Elastic, { slices }: SlicePlan): Promise<void> {
  const held = new Set(slices.map((slice) => parseSlice(slice).pit));
  for (const pit of held) if (pit !== undefined) await closePointInTime(elastic, pit);
}

/** Ranges between ascending boundaries, from nothing to everything that follows. */
export function cutRanges(inner: readonly number[]): readonly SequenceRange[] {
  const starts = [0, ...inner];
  return starts.map((from, at) => ({ from, to: starts[at + 1] }));
}

// Percentiles are estimates: any boundaries are right, these make the slices about equal.
async function boundaries(
  elastic: Elastic,
  layout: IndexLayout,
  pit: string | undefined,
  query: Query,
  count: number,
  { count: points, min }: ReadState,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const slices = Math.min(count, points, MOST_SLICES);
  if (slices < 2) return [];
  const percents = Array.from({ length: slices - 1 }, (_, at) => ((at + 1) / slices) * 100);
  const aggs = { cuts: { percentiles: { field: '_seq_no', percents, keyed: false } } };
  const bytes = await search(elastic, layout, pit, { size: 0, track_total_hits: false, query, aggs }, { signal });
  const { aggregations } = readPage(bytes, { layout, vectors: false, capacity: 0 });
  const { cuts } = JSON.parse(Buffer.from(aggregations ?? '{}').toString()) as {
    cuts?: { values?: readonly { value: number | null }[] };
  };
  const found = (cuts?.values ?? []).map(({ value }) => Math.ceil(value ?? 0)).filter((value) => value > min);
  return [...new Set(found)].toSorted((left, right) => left - right);
}

/** More aggregation buckets than this a server may refuse. */
const MOST_SLICES = 1024;

async function describeSlices(
  elastic: Elastic,
  layout: IndexLayout,
  pit: string | undefined,
  query: Query,
  ranges: readonly SequenceRange[],
  signal: AbortSignal | undefined,
): Promise<readonly Slice[]> {
  const aggs = {
    slices: {
      range: {
        field: '_seq_no',
        keyed: false,
        ranges: ranges.map(({ from, to }) => ({ from, ...(to !== undefined && { to }) })),
      },
      aggs: { seq: { stats: { field: '_seq_no' } } },
    },
  };
  const bytes = await search(elastic, layout, pit, { size: 0, track_total_hits: false, query, aggs }, { signal });
  const { aggregations } = readPage(bytes, { layout, vectors: false, capacity: 0 });
  const { slices } = JSON.parse(Buffer.from(aggregations ?? '{}').toString()) as {
    slices?: { buckets?: readonly Bucket[] };
  };
  return ranges.map((range) => {
    const bucket = slices?.buckets?.find(({ from = 0 }) => from === range.from);
    const points = bucket?.doc_count ?? 0;
    const { min = null, max = null, sum = 0 } = bucket?.seq ?? {};
    const state = { count: points, min: min ?? -1, max: max ?? -1, sum: Number.isSafeInteger(sum) ? sum : -1 };
    return { token: sliceToken({ pit, ...range, state }), points };
  });
}

interface Bucket {
  readonly from?: number;
  readonly doc_count: number;
  readonly seq?: { readonly min: number | null; readonly max: number | null; readonly sum: number };
}
