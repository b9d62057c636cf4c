import type { ExportBatch, ExportOptions, Filter } from '@vecport/abstractions';
import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { brokenPromise, hasCode } from './errors.js';
import { batchesOf, DEFAULT_BATCH_SIZE, type ExportSource, exportPoints, type PositionedRecord } from './export.js';
import { type RecordPage, readRecords, recordsPerRequest } from './fetch-records.js';
import { compileFilter, type PineconeFilter } from './filter.js';
import { namespaceMember } from './namespaces.js';
import { type Position, parseCursor } from './position.js';

/** Pinecone may give an empty page that is not the last; so many in a row it does not. */
const MOST_EMPTY_PAGES = 1000;

/**
 * The points of a namespace that a filter leaves, page by page as Pinecone finds them; the next page is read while
 * one is given. Pinecone does not say in which order they come; within a page they are given by ascending stored id.
 * @throws VecportError `expired` when Pinecone does not take the token of the cursor any more.
 */
export async function* exportMatches(
  source: ExportSource,
  filter: Filter,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal, after, batchSize = DEFAULT_BATCH_SIZE } = options;
  signal?.throwIfAborted();
  const compiled = compileFilter(filter);
  if (compiled === true) return yield* exportPoints(source, options);
  const position = after === undefined ? undefined : parseCursor(after, 'filter');
  if (compiled === false) return;
  const size = Math.min(batchSize, recordsPerRequest(source.info));
  yield* batchesOf(source.info, matches({ source, filter: compiled, size }, position, signal), options);
}

interface MatchRequest {
  readonly source: ExportSource;
  readonly filter: PineconeFilter;
  readonly size: number;
}

async function* matches(
  request: MatchRequest,
  after: Position | undefined,
  outer: AbortSignal | undefined,
): AsyncGenerator<PositionedRecord, void, undefined> {
  const stop = new AbortController();
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
  try {
    yield* matchesFrom(request, after, signal);
  } finally {
    stop.abort();
  }
}

async function* matchesFrom(
  request: MatchRequest,
  after: Position | undefined,
  signal: AbortSignal,
): AsyncGenerator<PositionedRecord, void, undefined> {
  const seen = new Set<string>();
  let { token, id: given, size = request.size } = after ?? { token: undefined, id: '' };
  let previous = '';
  let empty = 0;
  let ahead = readAhead({ ...request, size }, token, signal);
  for (;;) {
    const { records, next } = await ahead.page;
    if (next !== undefined) {
      if (next === token || seen.has(next))
        throw brokenPromise('Pinecone pages in a circle: a pagination token came twice.');
      seen.add(next);
      ahead = readAhead(request, next, signal);
    }
    const ids = [...records.keys()].toSorted();
    const signature = ids.join('\n');
    if (ids.length > 0 && signature === previous) throw brokenPromise('Pinecone gave the same page twice.');
    previous = signature;
    empty = ids.length === 0 ? empty + 1 : 0;
    if (empty > MOST_EMPTY_PAGES)
      throw brokenPromise(`Pinecone gave ${empty} empty pages in a row and says that there are more.`);
    for (const id of ids) {
      const json = records.get(id);
      if (json === undefined || id <= given) continue;
      const isLast = id === ids.at(-1) && next !== undefined;
      const position: Position = isLast ? { of: 'filter', token: next, id: '' } : { of: 'filter', token, id, size };
      yield { id, json, position };
    }
    if (next === undefined) return;
    token = next;
    given = '';
    ({ size } = request);
  }
}

function readAhead(
  request: MatchRequest,
  token: string | undefined,
  signal: AbortSignal,
): { readonly page: Promise<RecordPage> } {
  const page = readMatches(request, token, signal);
  // An error is thrown where the page is awaited, which may be long after it failed, or never.
  page.catch(() => undefined);
  return { page };
}

async function readMatches(
  { source, filter, size }: MatchRequest,
  token: string | undefined,
  signal: AbortSignal,
): Promise<RecordPage> {
  const after = token === undefined ? '' : `,"paginationToken":${JSON.stringify(token)}`;
  const body = `{"filter":${JSON.stringify(filter)},"limit":${size}${after}${namespaceMember(source.namespace)}}`;
  try {
    return readRecords(await source.host.request({ method: 'POST', path: '/vectors/fetch_by_metadata', body, signal }));
  } catch (error) {
    if (token === undefined || !hasCode(error, 'invalid-argument')) throw error;
    throw new VecportError('expired', 'Pinecone does not take the pagination token of this read any more.', {
      provider: PROVIDER,
      advice: 'Read again without a cursor.',
      cause: error,
    });
  }
}
