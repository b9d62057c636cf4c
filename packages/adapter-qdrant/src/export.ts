import {
  batchBytes,
  type ExportBatch,
  type ExportOptions,
  type MetadataColumn,
  metadataFromTexts,
  metadataText,
  selectFields,
} from '@vecport/abstractions';
import { type BuilderPool, builderPool, RESERVED_FIELD } from '@vecport/wire';
import type { ServerFilter } from './conditions.js';
import { brokenPromise } from './errors.js';
import { compileFilter, quotedKey } from './filter.js';
import type { CollectionLayout } from './layout.js';
import { comparePointIds, nextPointId, type PointId } from './point-id.js';
import type { PointCall, PointPage, PointTransport, ScrollPage } from './points.js';
import { cursorAt, type IdRange, rangeOf } from './position.js';

/** Points a batch of an export has at most when nobody asks. */
export const DEFAULT_BATCH_SIZE = 1000;

/** A page of this size is fastest; larger ones are slower, and take memory. */
const PAGE_BYTES = 3 * 2 ** 20;
/** What a point is thought to take besides its dense vectors, until one has been seen. */
const POINT_BYTES = 1024;
/** How often a server may answer with no points and say that more come, which is never true of both. */
const MOST_EMPTY_PAGES = 3;

/** A collection to read from. */
export interface ExportSource {
  readonly transport: PointTransport;
  readonly layout: CollectionLayout;
  readonly call: PointCall;
}

/**
 * Every point of a collection, or of a slice of it, in the order of identifiers, each as it is when its page
 * is read. The next page is asked for while one is given out, from the identifier after its last one: where
 * the server says it begins is not believed. The end is believed when the server has said twice that nothing
 * comes any more.
 * @throws VecportError `provider-error` when pages repeat, go backwards or do not end.
 */
export async function* exportPoints(
  source: ExportSource,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  options.signal?.throwIfAborted();
  const range = rangeOf(options.after, options.slice);
  const filter = options.filter === undefined ? true : compileFilter(options.filter);
  if (range === undefined || filter === false) return;
  // What is read ahead ends with the export, also when its consumer stops early.
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const plan: ReadPlan = {
    range,
    filter: filter === true ? undefined : filter,
    include: includePaths(options.fields),
    batchSize: options.batchSize ?? DEFAULT_BATCH_SIZE,
    builders: builderPool(source.layout.specs, firstLimit(source.layout, options.batchSize ?? DEFAULT_BATCH_SIZE)),
  };
  const own = { ...source, call: { ...source.call, signal } };
  try {
    const whole = options.after === undefined && options.slice === undefined;
    const total = whole ? await own.transport.count(plan.filter, own.call) : undefined;
    let exported = 0;
    for await (const { batch, next, release } of readPages(own, plan)) {
      options.signal?.throwIfAborted();
      exported += batch.ids.length;
      const metadata = options.fields === undefined ? batch.metadata : keepFields(batch.metadata, options.fields);
      yield {
        ...batch,
        metadata,
        cursor: cursorAt(next),
        progress: { exported, ...(total === undefined ? {} : { total }) },
        release,
      };
      options.signal?.throwIfAborted();
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    stop.abort();
  }
}

interface ReadPlan {
  readonly range: IdRange;
  readonly filter: ServerFilter | undefined;
  readonly include: readonly string[] | undefined;
  readonly batchSize: number;
  readonly builders: BuilderPool;
}

interface ReadPage extends Pick<PointPage, 'batch' | 'release'> {
  /** Where reading goes on. */
  readonly next: PointId | undefined;
}

async function* readPages(source: ExportSource, plan: ReadPlan): AsyncGenerator<ReadPage, void, undefined> {
  const { to } = plan.range;
  const isPast = (id: PointId): boolean => to !== undefined && comparePointIds(id, to) >= 0;
  let { from } = plan.range;
  let limit = firstLimit(source.layout, plan.batchSize);
  let asked = ask(source, plan, from, limit);
  // Whether the server has said already that nothing comes from `from` on.
  let confirming = false;
  for (let empty = 0; ; ) {
    const page = await asked.page;
    const goOn = page.last === undefined ? from : nextPointId(page.last);
    const done = goOn === undefined || isPast(goOn);
    const ahead = done ? undefined : ask(source, plan, goOn, limit);
    const { batch, pointIds, reachedEnd, release } = page.decode();
    checkStart(from, pointIds[0]);
    if (pointIds.length > 0) yield { batch, release, next: done || reachedEnd ? undefined : goOn };
    if (done || reachedEnd || (confirming && pointIds.length === 0 && !page.hasMore)) return;
    empty = pointIds.length > 0 ? 0 : empty + 1;
    if (empty > MOST_EMPTY_PAGES) throw neverEnding(from);
    limit = nextLimit(page, batch, plan.batchSize, limit);
    confirming = !page.hasMore;
    from = goOn;
    asked = ahead ?? ask(source, plan, from, limit);
  }
}

/** A page that was asked for. An error is thrown where the page is awaited, which may be long after it failed. */
function ask(
  { transport, layout, call }: ExportSource,
  { range, filter, include, builders }: ReadPlan,
  from: PointId,
  limit: number,
): { readonly page: Promise<ScrollPage> } {
  const page = transport.scroll({ ...call, from, to: range.to, limit, filter, include, builders }, layout);
  page.catch(() => undefined);
  return { page };
}

/** @throws VecportError `provider-error` for a page that begins before the point that was asked for. */
function checkStart(from: PointId, first: PointId | undefined): void {
  if (first === undefined || comparePointIds(first, from) >= 0) return;
  throw brokenPromise(`Qdrant gave the point ${first} again, in a page that begins at ${from}.`);
}

function neverEnding(from: PointId): Error {
  return brokenPromise(`Qdrant gives empty pages from ${from} on and says that more points come.`);
}

function firstLimit({ vectors }: CollectionLayout, batchSize: number): number {
  const rowBytes = vectors.reduce(
    (sum, { dimension, kind }) => sum + dimension * 4 * (kind === 'multi' ? 16 : 1),
    POINT_BYTES,
  );
  return clamp(Math.floor(PAGE_BYTES / rowBytes), batchSize);
}

/** By the size of the points that were seen; their text may take more on the way than in our columns. */
function nextLimit(page: ScrollPage, batch: PointPage['batch'], batchSize: number, limit: number): number {
  const points = batch.ids.length;
  if (points === 0) return limit;
  return clamp(Math.floor((PAGE_BYTES * points) / Math.max(1, Math.min(page.bytes, batchBytes(batch) * 4))), batchSize);
}

function clamp(points: number, batchSize: number): number {
  return Math.max(1, Math.min(points, batchSize));
}

/** Paths of the payload that are wanted; all where a field's key has no path. */
function includePaths(fields: readonly string[] | undefined): readonly string[] | undefined {
  const paths = fields?.map(quotedKey);
  if (paths === undefined || paths.includes(undefined)) return undefined;
  return [RESERVED_FIELD, ...paths.filter((path) => path !== undefined)];
}

function keepFields(metadata: MetadataColumn, fields: readonly string[]): MetadataColumn {
  const kept = new Set(fields);
  const texts = Array.from({ length: metadata.offsets.length - 1 }, (_, row) => metadataText(metadata, row));
  return metadataFromTexts(texts.map((text) => (text === undefined ? undefined : selectFields(text, kept))));
}
