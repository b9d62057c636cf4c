import {
  type ExportBatch,
  type ExportOptions,
  isVecportError,
  type MetadataColumn,
  metadataFromTexts,
  metadataText,
  selectFields,
  sliceBatch,
  VecportError,
  type VectorBatch,
} from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { countObjects } from './count.js';
import { isTooLarge, providerError } from './errors.js';
import type { OpenClass } from './open-class.js';
import { NIL_UUID } from './point-id.js';
import { parsePosition, type UuidRange } from './position.js';
import { pageRequest, readObjects } from './read-objects.js';
import { lastOfPage, readPage } from './read-page.js';
import { idsClause, searchMessage } from './requests.js';
import { readRestPage } from './rest-objects.js';
import { expectedRowBytes, rowsWithin } from './row-bytes.js';

/** Points a page has when nobody asks. */
export const DEFAULT_BATCH_SIZE = 500;

/** What a page should weigh at most; a reply may have about 100 MB. */
const PAGE_BYTES = 8 * 2 ** 20;

/**
 * Every object of the class (or tenant), or of a slice of its uuids, by uuid. Each is given as it is when its page is
 * read. The next page is on its way while one is decoded; at most two are held. A page that is empty is asked for once
 * more before it is believed.
 * @throws VecportError `provider-error` when the uuids do not ascend, `incomplete` when fewer points came than the server
 * counts before and after the read.
 */
export async function* exportObjects(
  open: OpenClass,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal, fields, batchSize = DEFAULT_BATCH_SIZE } = options;
  signal?.throwIfAborted();
  const range = parsePosition(options.after, options.slice);
  const isWhole = options.after === undefined && options.slice === undefined;
  const total = isWhole ? await countObjects(open, undefined, { signal }) : undefined;
  let exported = 0;
  for await (const { batch, uuids } of readRange(narrowed(open, options), range, batchSize, signal)) {
    signal?.throwIfAborted();
    exported += uuids.length;
    yield {
      ...batch,
      metadata: fields === undefined ? batch.metadata : keepFields(batch.metadata, fields),
      cursor: uuids.at(-1) ?? '',
      progress: { exported, ...(total !== undefined && { total }) },
    };
    signal?.throwIfAborted();
  }
  if (total !== undefined && exported < total) await checkCount(open, total, exported, signal);
}

interface ReadPart {
  readonly batch: VectorBatch;
  readonly uuids: readonly string[];
}

async function* readRange(
  open: OpenClass,
  range: UuidRange,
  batchSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReadPart, void, undefined> {
  if (range.after === undefined) {
    const first = await readObjects(open, { limit: 1, filter: idsClause([NIL_UUID]) }, { signal });
    if (first.uuids.length > 0) yield first;
  }
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const reader = createPageReader(open, batchSize, both);
  let after = range.after ?? NIL_UUID;
  let ahead = begin(reader, after);
  try {
    for (;;) {
      let page = await ahead.page;
      if (page.results === 0) page = await reader(after);
      if (page.results === 0) return;
      const { lastUuid } = page;
      if (lastUuid <= after) throw notAscending(after, lastUuid);
      const isLast = range.last !== undefined && lastUuid >= range.last;
      const next = isLast ? undefined : begin(reader, lastUuid);
      if (next !== undefined) ahead = next;
      const part = page.decode();
      checkOrder(part.uuids, after);
      const within = upTo(part, range.last);
      if (within.uuids.length > 0) yield within;
      if (isLast) return;
      after = lastUuid;
    }
  } finally {
    // What goes wrong with a page that nobody wants is nobody's error.
    stop.abort();
    await ahead.page.catch(() => undefined);
  }
}

interface RawPage {
  readonly results: number;
  readonly lastUuid: string;
  decode(): ReadPart;
}

type PageReader = (after: string) => Promise<RawPage>;

// An error is thrown where the page is awaited, which may be long after it failed.
function begin(reader: PageReader, after: string): { readonly page: Promise<RawPage> } {
  const page = reader(after);
  page.catch(() => undefined);
  return { page };
}

/** Reads pages of at most `batchSize` rows that weigh about as much as a page should, or less. */
function createPageReader(open: OpenClass, batchSize: number, signal: AbortSignal): PageReader {
  let rowBytes = expectedRowBytes(open);
  let most = batchSize;
  const read: PageReader = async (after) => {
    const limit = rowsWithin(PAGE_BYTES, rowBytes, most);
    try {
      const { page, bytes } = await readRaw(open, after, limit, signal);
      if (page.results > 0) rowBytes = Math.max(1, bytes / page.results);
      return page;
    } catch (error) {
      if (!isVecportError(error) || !isTooLarge(error.cause) || limit === 1) throw error;
      most = Math.max(1, Math.floor(limit / 4));
      return read(after);
    }
  };
  return read;
}

async function readRaw(
  open: OpenClass,
  after: string,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly page: RawPage; readonly bytes: number }> {
  const { connection, layout, target, dimensions } = open;
  if (layout.readByRest) {
    const part = await readRestPage(open, { after, limit }, { signal });
    const page = { results: part.uuids.length, lastUuid: part.uuids.at(-1) ?? '', decode: () => part };
    return { page, bytes: part.uuids.length * expectedRowBytes(open) };
  }
  const bytes = await connection.read('Search', searchMessage(target, pageRequest(open, { limit, after })), { signal });
  const { results, lastUuid } = lastOfPage(bytes);
  if (results > limit) throw providerError(`Weaviate sent ${results} objects where ${limit} were asked for.`);
  return {
    page: { results, lastUuid, decode: () => readPage(bytes, { layout, dimensions }) },
    bytes: bytes.length,
  };
}

function checkOrder(uuids: readonly string[], after: string): void {
  let previous = after;
  for (const uuid of uuids) {
    if (uuid <= previous) throw notAscending(previous, uuid);
    previous = uuid;
  }
}

function notAscending(previous: string, uuid: string): VecportError {
  return providerError(
    `Weaviate gave the object ${uuid} after ${previous}, but a read goes by ascending uuid.`,
    'Points may be missing or come twice: what was read is not to be trusted.',
  );
}

function upTo(part: ReadPart, last: string | undefined): ReadPart {
  const { batch, uuids } = part;
  if (last === undefined) return part;
  const end = uuids.findIndex((uuid) => uuid > last);
  return end < 0 ? part : { batch: sliceBatch(batch, 0, end), uuids: uuids.slice(0, end) };
}

// Of our own collections only the properties wanted are asked for; of others all, as they tell whether there are metadata.
function narrowed(open: OpenClass, { fields, vectors: which = 'all' }: ExportOptions): OpenClass {
  const { layout } = open;
  if (layout.readByRest) return open;
  const properties =
    fields === undefined || !layout.own
      ? layout.properties
      : layout.properties.filter(({ name }) => fields.includes(name));
  return { ...open, layout: { ...layout, properties, vectors: which === 'none' ? [] : layout.vectors } };
}

function keepFields(column: MetadataColumn, fields: readonly string[]): MetadataColumn {
  const wanted = new Set(fields);
  const texts = Array.from({ length: column.offsets.length - 1 }, (_, row) => {
    const text = metadataText(column, row);
    return text === undefined ? undefined : selectFields(text, wanted);
  });
  return metadataFromTexts(texts);
}

async function checkCount(
  open: OpenClass,
  before: number,
  exported: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const after = await countObjects(open, undefined, { signal });
  // Another count means that the collection is changing, which a read page by page may see or not.
  if (after !== before) return;
  throw new VecportError('incomplete', `Weaviate counts ${before} objects and gave ${exported}.`, {
    provider: PROVIDER,
    advice: 'Export again; if points were written and deleted meanwhile, wait until nobody writes.',
  });
}
