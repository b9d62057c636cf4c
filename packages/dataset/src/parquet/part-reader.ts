import {
  emptyMetadata,
  type MetadataColumn,
  VecportError,
  type VectorBatch,
  type VectorColumn,
  type VectorId,
} from '@vecport/abstractions';
import { type NamedColumns, vectorBytesDecoder, vectorsJsonDecoder } from '../layouts/weaviate-decoders.js';
import type { ByteSource, PartVector } from '../part-codec.js';
import { corrupt } from './corrupt.js';
import { decodeIds, decodeMetadata, decodeTimes } from './flat-decoders.js';
import { type ParquetChunk, type ParquetRowGroup, readParquetFooter } from './footer-reader.js';
import { type Column, columnsOf } from './layout.js';
import { type Page, readPages } from './page-reader.js';
import { PageCursor, type PageRows } from './page-rows.js';
import { leavesOf } from './schema-node.js';
import { decodeSparse, denseDecoder, multiDecoder } from './vector-decoders.js';

/** How a Parquet part is read. */
export interface ReadParquetOptions {
  /** `ids`: batches with ids alone, without vectors, metadata and times; nothing else is read. `all` if not said. */
  readonly columns?: 'all' | 'ids' | undefined;
  /** The most rows of a batch. A batch also ends with a page of any column. */
  readonly batchRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The rows of a part that {@link createParquetPartWriter} made, in their order. Every vector of the
 * schema is a column of every batch. Memory is bounded by some pages and 2 MiB for each column, and
 * nothing larger than a page is allocated on the word of the file. Checksums of pages are verified;
 * the footer has none, so compare the whole file's before trusting it.
 * @throws VecportError `corrupt-data`, naming column and position; `not-supported` for a part of a
 * newer format; `invalid-argument`. Abort reasons and what `source` throws pass through.
 */
export async function* readParquetPart(
  source: ByteSource,
  options: ReadParquetOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  const { signal, batchRows = Number.MAX_SAFE_INTEGER } = options;
  if (!Number.isSafeInteger(batchRows) || batchRows < 1) {
    throw new VecportError('invalid-argument', `batchRows is ${batchRows}.`, { advice: 'Give a whole number from 1.' });
  }
  signal?.throwIfAborted();
  const footer = await readParquetFooter(source);
  const columns = columnsOf(footer.schema);
  for (const group of footer.rowGroups) {
    yield* readRowGroup(openRowGroup(source, group, columns, options), group.rows, batchRows, signal);
  }
}

/** One cursor for each column that is read. */
interface RowGroupCursors {
  readonly ids: PageCursor<readonly VectorId[]>;
  readonly vectors: readonly (readonly [name: string, cursor: PageCursor<VectorColumn>])[];
  /** Columns that hold several vectors each. */
  readonly groups: readonly PageCursor<NamedColumns>[];
  readonly metadata?: PageCursor<MetadataColumn> | undefined;
  readonly createdAt?: PageCursor<Float64Array> | undefined;
  readonly updatedAt?: PageCursor<Float64Array> | undefined;
}

async function* readRowGroup(
  cursors: RowGroupCursors,
  rows: number,
  batchRows: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<VectorBatch, void, undefined> {
  const { ids, vectors, groups, metadata, createdAt, updatedAt } = cursors;
  const all = [ids, ...vectors.map(([, cursor]) => cursor), ...groups, metadata, createdAt, updatedAt].filter(
    (cursor) => cursor !== undefined,
  );
  for (let left = rows; left > 0; ) {
    signal?.throwIfAborted();
    await Promise.all(all.map(async (cursor) => cursor.fill()));
    const count = Math.min(batchRows, left, ...all.map((cursor) => cursor.ready));
    if (count === 0) throw corrupt(`a column ends ${left} rows before its row group.`);
    yield takeBatch(cursors, count);
    left -= count;
  }
}

function takeBatch(cursors: RowGroupCursors, rows: number): VectorBatch {
  return {
    ids: cursors.ids.take(rows) ?? [],
    vectors: Object.fromEntries([
      ...cursors.vectors.flatMap(([name, cursor]) => {
        const column = cursor.take(rows);
        return column === undefined ? [] : [[name, column] as const];
      }),
      ...cursors.groups.flatMap((cursor) => Object.entries(cursor.take(rows) ?? {})),
    ]),
    metadata: cursors.metadata?.take(rows) ?? emptyMetadata(rows),
    createdAt: cursors.createdAt?.take(rows),
    updatedAt: cursors.updatedAt?.take(rows),
  };
}

type PagesOf = <T>(column: Column, decode: (page: Page) => PageRows<T>) => PageCursor<T>;

function openRowGroup(
  source: ByteSource,
  group: ParquetRowGroup,
  columns: readonly Column[],
  options: ReadParquetOptions,
): RowGroupCursors {
  const chunks = chunksByColumn(group, columns);
  const pages = (column: Column, leaf: number): AsyncGenerator<Page> =>
    readPages(source, chunkAt(chunks.get(column), leaf), options.signal);
  const cursor: PagesOf = (column, decode) => new PageCursor(decoded(pages(column, 0), decode));
  const single = (kind: Column['content']['kind']): Column | undefined =>
    columns.find((column) => column.content.kind === kind);
  const [idColumn, metadataColumn, created, updated] = [
    single('id'),
    single('metadata'),
    single('createdAt'),
    single('updatedAt'),
  ];
  if (idColumn === undefined) throw new RangeError('The layout has no column of ids.');
  const ids = cursor(idColumn, decodeIds);
  if (options.columns === 'ids') return { ids, vectors: [], groups: [] };
  return {
    ids,
    vectors: columns.flatMap((column) => vectorCursor(column, cursor, (leaf) => pages(column, leaf))),
    groups: columns.flatMap((column) =>
      column.content.kind === 'vectorsJson' ? cursor(column, vectorsJsonDecoder(column.content.vectors)) : [],
    ),
    metadata: metadataColumn && cursor(metadataColumn, decodeMetadata),
    createdAt: created && cursor(created, decodeTimes),
    updatedAt: updated && cursor(updated, decodeTimes),
  };
}

function vectorCursor(
  column: Column,
  cursor: PagesOf,
  pages: (leaf: number) => AsyncGenerator<Page>,
): readonly (readonly [string, PageCursor<VectorColumn>])[] {
  if (column.content.kind === 'vectorBytes') return vectorBytesCursor(column, column.content, cursor);
  if (column.content.kind !== 'vector') return [];
  const { name, vector } = column.content;
  const dimension = vector.dimension ?? 0;
  switch (vector.kind) {
    case 'dense':
      return [[name, cursor<VectorColumn>(column, denseDecoder(dimension))]];
    case 'multi':
      return [[name, cursor<VectorColumn>(column, multiDecoder(dimension))]];
    case 'sparse':
      return [[name, new PageCursor<VectorColumn>(pairedPages(pages(0), pages(1)))]];
  }
}

/** Nothing for a class without an unnamed vector, whose column is null in every row. */
function vectorBytesCursor(
  column: Column,
  { name, vector }: { readonly name: string; readonly vector: PartVector },
  cursor: PagesOf,
): readonly (readonly [string, PageCursor<VectorColumn>])[] {
  if (vector.dimension === undefined) return [];
  return [[name, cursor<VectorColumn>(column, vectorBytesDecoder(vector.dimension))]];
}

async function* decoded<T>(
  pages: AsyncIterable<Page>,
  decode: (page: Page) => PageRows<T>,
): AsyncGenerator<PageRows<T>, void, undefined> {
  for await (const page of pages) yield decode(page);
}

async function* pairedPages(
  indices: AsyncGenerator<Page>,
  values: AsyncGenerator<Page>,
): AsyncGenerator<PageRows<VectorColumn>, void, undefined> {
  for await (const valuePage of values) {
    const indexPage = await indices.next();
    if (indexPage.done === true) throw corrupt(`${valuePage.place}: there are no indices for these values.`);
    yield decodeSparse(indexPage.value, valuePage);
  }
}

function chunksByColumn(
  group: ParquetRowGroup,
  columns: readonly Column[],
): ReadonlyMap<Column, readonly ParquetChunk[]> {
  let at = 0;
  return new Map(
    columns.map((column) => {
      const count = leavesOf(column.node).length;
      at += count;
      return [column, group.chunks.slice(at - count, at)];
    }),
  );
}

function chunkAt(chunks: readonly ParquetChunk[] | undefined, index: number): ParquetChunk {
  const chunk = chunks?.[index];
  if (chunk === undefined) throw new RangeError(`The row group has no chunk ${index} of a column.`);
  return chunk;
}
