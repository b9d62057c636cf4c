import type { Elastic } from './client.js';
import { pathOf } from './client.js';
import type { ReadState, SequenceRange } from './cursor.js';
import { brokenAnswer } from './errors.js';
import type { ElasticRequest } from './exchange.js';
import { allOf, type Query } from './filter.js';
import type { IndexLayout } from './layout.js';
import { type Page, readPage } from './page.js';

/** Documents in the order they were last written in. Places in a point in time tell those of several shards apart. */
export const WRITE_ORDER: readonly Query[] = Object.freeze([{ _seq_no: 'asc' }, { _shard_doc: 'asc' }]);

/** What of a document is asked for, so that vectors come in the way the index has them. */
export function sourceOptions(elastic: Elastic, layout: IndexLayout, vectors: boolean): Query {
  if (!vectors) return { _source: { excludes: layout.vectors.map(({ field }) => field) } };
  if (layout.source === 'left-out') {
    return {
      _source: true,
      docvalue_fields: layout.vectors.map(({ field }) => ({
        field,
        ...(elastic.server.base64Vectors && { format: 'binary' }),
      })),
    };
  }
  return elastic.server.excludeVectorsOption ? { _source: { exclude_vectors: false } } : { _source: true };
}

/** Documents of a range of sequence numbers, of those that match. */
export function rangeQuery(filter: Query, { from, to }: SequenceRange): Query {
  if (from <= 0 && to === undefined) return filter;
  return allOf([filter, { range: { _seq_no: { gte: from, ...(to !== undefined && { lt: to }) } } }]);
}

/** The aggregations that {@link stateOf} reads. */
export const STATE_AGGREGATIONS: Query = Object.freeze({ seq: { stats: { field: '_seq_no' } } });

/** What a read sees, by its number of documents and its aggregations. */
export function stateOf({ total, aggregations }: Page): ReadState {
  const seq = aggregations === undefined ? undefined : (JSON.parse(Buffer.from(aggregations).toString()) as Stats).seq;
  if (total === undefined || seq === undefined)
    throw brokenAnswer('The server did not say how many documents there are.');
  // A sum that a double does not hold exactly may differ by the order of adding.
  const sum = Number.isSafeInteger(seq.sum) ? seq.sum : -1;
  return { count: total, min: seq.min ?? -1, max: seq.max ?? -1, sum };
}

interface Stats {
  readonly seq?: { readonly min: number | null; readonly max: number | null; readonly sum: number };
}

/** How many documents match, and the state they are in: in a point in time or, without one, now. */
export async function readState(
  elastic: Elastic,
  layout: IndexLayout,
  pit: string | undefined,
  query: Query,
  signal: AbortSignal | undefined,
): Promise<ReadState> {
  const body = { size: 0, track_total_hits: true, query, aggs: STATE_AGGREGATIONS };
  const bytes = await search(elastic, layout, pit, body, { signal });
  return stateOf(readPage(bytes, { layout, vectors: false, capacity: 0 }));
}

/** One search, in a point in time or in the index. Nothing partial is taken for an answer. */
export async function search(
  elastic: Elastic,
  { index }: IndexLayout,
  pit: string | undefined,
  body: Query,
  { signal, room }: Pick<ElasticRequest, 'signal' | 'room'>,
): Promise<Buffer> {
  const within = pit === undefined ? body : { ...body, pit: { id: pit, keep_alive: elastic.config.keepAlive } };
  return elastic.read({
    method: 'POST',
    path: pit === undefined ? `${pathOf(index)}/_search` : '/_search',
    query: { allow_partial_search_results: false },
    body: JSON.stringify(within),
    room,
    signal,
  });
}
