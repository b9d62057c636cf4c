import {
  batchBytes,
  type ExportBatch,
  type ExportOptions,
  isVecportError,
  type VectorBatch,
} from '@vecport/abstractions';
import type { OpenCollection } from './collection.js';
import { proveComplete } from './completeness.js';
import { compileFilter } from './filter.js';
import { checkOrder, type ReadScope, scopeExpression } from './id-pages.js';
import { cursorText, parseCursor, parseSlice } from './position.js';
import { countRows, query, readTimestamp } from './query.js';
import { idsOf, pointFields, pointsOf, readQueryAnswer } from './read-points.js';

/** A page is meant to have no more bytes than this. */
const PAGE_BYTES = 16 * 2 ** 20;
/** What is assumed of a row's metadata before any was seen. */
const FIRST_GUESS_BYTES = 1024;

/**
 * Every point, by ascending identifier, each page asked for while the one before it is used. A page is the points
 * after the last one seen, so nothing is held on the server. It ends with a page without points, and with as many
 * points as the server counted at the start.
 * @throws VecportError `provider-error` when a page does not ascend from where it begins or is too long, `incomplete`
 * when the server holds points that it did not give.
 */
export async function* exportCollection(
  open: OpenCollection,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  options.signal?.throwIfAborted();
  const slice = parseSlice(options.slice?.token, open.layout);
  const range = { after: parseCursor(options.after, open.layout) ?? slice.after, upTo: slice.upTo };
  const filter = compileFilter(options.filter, open.layout, open.client.server);
  if (filter === undefined) return;
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const scope: ReadScope = { filter, range, timestamp: await readTimestamp(open.client, { signal }), signal };
  const counted = await countScope(open, scope);
  let exported = 0;
  const layout = options.vectors === 'none' ? { ...open.layout, vectors: [] } : open.layout;
  const wanted = { ...open, layout };
  const readPage = pageReader(wanted, scope, options.fields);
  let rows = firstPageRows(wanted, options.batchSize);
  let ahead = begin(async () => readPage(range.after, rows));
  try {
    for (;;) {
      const batch = await ahead.page;
      const last = batch.ids.at(-1);
      if (last === undefined) break;
      rows = pageRows(batchBytes(batch) / batch.ids.length + 1, options.batchSize ?? open.defaultPage);
      ahead = begin(async () => readPage(last, rows));
      exported += batch.ids.length;
      options.signal?.throwIfAborted();
      yield { ...batch, cursor: cursorText(last), progress: { exported } };
      options.signal?.throwIfAborted();
    }
    await proveComplete(open, scope, { counted, exported });
  } finally {
    stop.abort();
    await ahead.page.catch(() => undefined);
  }
}

// An error is thrown where the page is awaited, which may be long after it failed.
function begin(read: () => Promise<VectorBatch>): { readonly page: Promise<VectorBatch> } {
  const page = read();
  page.catch(() => undefined);
  return { page };
}

async function countScope(open: OpenCollection, scope: ReadScope): Promise<number> {
  const place = { collection: open.layout.collection, partition: open.partition };
  return countRows(open.client, place, scopeExpression(open, scope), scope);
}

function firstPageRows({ layout, defaultPage }: OpenCollection, wanted = defaultPage): number {
  return pageRows(
    layout.vectors.reduce((sum, { dimension }) => sum + dimension * 4, FIRST_GUESS_BYTES),
    wanted,
  );
}

function pageRows(rowBytes: number, wanted: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(PAGE_BYTES / rowBytes)));
}

type PageReader = (after: string | undefined, rows: number) => Promise<VectorBatch>;

function pageReader(open: OpenCollection, scope: ReadScope, fields: readonly string[] | undefined): PageReader {
  const { client, layout, partition } = open;
  const { collection } = layout;
  const request = { collection, partition, outputFields: pointFields(layout), inKeyOrder: true };
  return async (after, rows) => {
    const expression = scopeExpression(open, scope, after);
    const answer = await halving(rows, async (limit) => {
      return query(client, { ...request, expression, limit, timestamp: scope.timestamp }, { signal: scope.signal });
    });
    const columns = readQueryAnswer(answer);
    const ids = idsOf(layout, columns);
    checkOrder(layout, ids, after, scope.range.upTo, rows);
    return pointsOf(layout, columns, ids, fields);
  };
}

const TOO_LARGE = /larger than max|exceeds? .*(limit|size)|max.*(output|result).*size/i;

/** A page that is too large for the server or for a message is asked for in halves. */
async function halving(rows: number, ask: (rows: number) => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await ask(rows);
  } catch (error) {
    if (!isVecportError(error) || !TOO_LARGE.test(error.reason) || rows === 1) throw error;
    return halving(Math.ceil(rows / 2), ask);
  }
}
