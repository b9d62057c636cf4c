import type { Query, Table } from '@lancedb/lancedb';
import {
  type ExportBatch,
  type ExportOptions,
  type Filter,
  isVecportError,
  type SlicePlan,
  sliceBatch,
  VecportError,
  type VectorBatch,
} from '@vecport/abstractions';
import type { RecordBatch } from 'apache-arrow';
import { PROVIDER } from './config.js';
import { toVecportError } from './errors.js';
import { compileFilter } from './filter.js';
import type { TableLayout } from './layout.js';
import {
  cursorAt,
  cutSlices,
  type Position,
  parsePosition,
  type RowRange,
  snapshotName,
  sourceChanged,
} from './position.js';
import { keepFields, pointColumns, readBatch } from './read-batch.js';

/** Points a batch of an export has when nobody asks: what LanceDB itself gives at once. */
export const DEFAULT_BATCH_SIZE = 1024;

// LanceDB reads ahead as far as a query goes: a query ends here, which bounds memory and is faster too.
const WINDOW_ROWS = 4096;
const WINDOW_BYTES = 16 * 2 ** 20;

/** A table to read from. */
export interface ExportSource {
  readonly layout: TableLayout;
  /** A handle of its own, which the export pins to a version and closes. */
  openTable(): Promise<Table>;
}

/**
 * Every point of one version of the table (the newest, or that of the cursor or slice), in storage
 * order, which is the same at every read of a version. At most two windows of rows (4,096 each, or
 * about 16 MB of vectors) are held ahead of the consumer.
 * @throws VecportError `source-changed` when that version was cleaned up, before or while it is read.
 */
export async function* exportTable(
  source: ExportSource,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { filter, fields, signal, batchSize = DEFAULT_BATCH_SIZE } = options;
  signal?.throwIfAborted();
  const position = parsePosition(options.after, options.slice);
  const sql = filter === undefined ? undefined : compileFilter(filter, source.layout.filterColumns);
  const layout = options.vectors === 'none' ? { ...source.layout, vectors: [] } : source.layout;
  const { table, snapshot } = await openVersion(source, position);
  try {
    const from = position?.from ?? 0;
    const to = position?.to ?? (await table.countRows(sql));
    let row = from;
    for await (const batch of readRows({ table, layout, sql, batchSize }, { from, to })) {
      signal?.throwIfAborted();
      row += batch.ids.length;
      const metadata = fields === undefined ? batch.metadata : keepFields(batch.metadata, fields);
      yield {
        ...batch,
        metadata,
        cursor: cursorAt(snapshot, row),
        progress: { exported: row - from, total: to - from },
      };
      signal?.throwIfAborted();
    }
    if (row < to) throw fewerRows(snapshot, to - from, row - from);
  } catch (error) {
    throw asExportError(error, snapshot);
  } finally {
    table.close();
  }
}

/** Slices of equal numbers of rows of the newest version (of what the filter leaves of it). */
export async function planSlices(source: ExportSource, count: number, filter: Filter | undefined): Promise<SlicePlan> {
  const sql = filter === undefined ? undefined : compileFilter(filter, source.layout.filterColumns);
  const { table, snapshot } = await openVersion(source, undefined);
  try {
    return { slices: cutSlices(snapshot, await table.countRows(sql), count), consistency: 'snapshot', snapshot };
  } catch (error) {
    throw asExportError(error, snapshot);
  } finally {
    table.close();
  }
}

interface OpenVersion {
  readonly table: Table;
  readonly snapshot: string;
}

async function openVersion({ layout, openTable }: ExportSource, position: Position | undefined): Promise<OpenVersion> {
  const table = await openTable();
  try {
    const version = position?.version ?? (await table.version());
    const snapshot = snapshotName(version, layout.tableId);
    if (position !== undefined && position.snapshot !== snapshot) throw sourceChanged(position.snapshot);
    await checkOut(table, version, snapshot);
    return { table, snapshot };
  } catch (error) {
    table.close();
    throw toVecportError(error);
  }
}

async function checkOut(table: Table, version: number, snapshot: string): Promise<void> {
  try {
    await table.checkout(version);
  } catch (error) {
    throw isNotThere(toVecportError(error)) ? sourceChanged(snapshot, error) : error;
  }
}

interface Reading {
  readonly table: Table;
  readonly layout: TableLayout;
  readonly sql: string | undefined;
  readonly batchSize: number;
}

async function* readRows(reading: Reading, range: RowRange): AsyncGenerator<VectorBatch, void, undefined> {
  const { layout, sql, batchSize } = reading;
  if (sql === undefined) return yield* readWindows(reading, range);
  // A filter is evaluated from the table's first row at every query, so there is a single one.
  for await (const records of rowsQuery(reading, range).where(sql)) {
    yield* cutBatches(readBatch(layout, records), batchSize);
  }
}

// While one window is given out, LanceDB reads the next in threads of its own.
async function* readWindows(reading: Reading, { from, to }: RowRange): AsyncGenerator<VectorBatch, void, undefined> {
  const { layout, batchSize } = reading;
  const size = windowRows(layout, batchSize);
  const begin = (start: number): { readonly window: Promise<readonly RecordBatch[]> } => {
    const window = readWindow(reading, { from: start, to: Math.min(start + size, to) });
    // An error is thrown where the window is awaited, which may be long after it failed.
    window.catch(() => undefined);
    return { window };
  };
  let ahead = begin(from);
  try {
    for (let start = from; start < to; start += size) {
      const window = await ahead.window;
      ahead = begin(start + size);
      for (const records of window) yield* cutBatches(readBatch(layout, records), batchSize);
    }
  } finally {
    // The table is closed next; what goes wrong in a window that nobody wants is nobody's error.
    await ahead.window.catch(() => undefined);
  }
}

async function readWindow(reading: Reading, range: RowRange): Promise<readonly RecordBatch[]> {
  if (range.from >= range.to) return [];
  const { batches } = await rowsQuery(reading, range).toArrow({ maxBatchLength: reading.batchSize });
  return batches;
}

function rowsQuery({ table, layout }: Reading, { from, to }: RowRange): Query {
  return table
    .query()
    .select(pointColumns(layout))
    .offset(from)
    .limit(to - from);
}

function* cutBatches(batch: VectorBatch, size: number): Generator<VectorBatch, void, undefined> {
  for (let start = 0; start < batch.ids.length; start += size) {
    yield sliceBatch(batch, start, Math.min(start + size, batch.ids.length));
  }
}

// Whole batches, so that a window's last one is not shorter than the others.
function windowRows({ vectors }: TableLayout, batchSize: number): number {
  const rowBytes = vectors.reduce((sum, { dimension }) => sum + dimension * 4, 256);
  const rows = Math.min(WINDOW_ROWS, Math.floor(WINDOW_BYTES / rowBytes));
  return Math.max(1, Math.floor(rows / batchSize)) * batchSize;
}

function asExportError(thrown: unknown, snapshot: string): unknown {
  const error = toVecportError(thrown);
  return isNotThere(error) ? sourceChanged(snapshot, thrown) : error;
}

// Files that are gone: in a version that was there a moment ago they have been cleaned up.
function isNotThere(error: unknown): boolean {
  return (
    isVecportError(error) &&
    (error.code === 'not-found' || (error.code === 'storage' && /Not found/.test(error.reason)))
  );
}

function fewerRows(snapshot: string, expected: number, found: number): VecportError {
  return new VecportError('incomplete', `LanceDB gave ${found} of ${expected} points of the version ${snapshot}.`, {
    provider: PROVIDER,
  });
}
