import {
  isVecportError,
  selectRows,
  type VectorBatch,
  type WriteFailure,
  type WriteReport,
} from '@vecport/abstractions';
import { ProtoWriter } from '@vecport/wire';
import { refuseRows } from './check-rows.js';
import type { OpenCollection } from './collection.js';
import { dynamicText } from './dynamic-rows.js';
import { notSupported } from './errors.js';
import { type ForeignRow, foreignRow } from './foreign-rows.js';
import { writeDynamic, writeKeys, writeScalars, writeVectors } from './write-columns.js';

/** Errors that are about a point, not about the call. */
const POINT_ERRORS: ReadonlySet<string> = new Set(['invalid-argument', 'provider-error', 'dimension-mismatch']);
/** After so many points were refused one by one with none accepted, the rest is not tried. */
const HOPELESS = 32;

/** Points that can be sent, and their metadata as the server takes it. */
interface Rows {
  readonly batch: VectorBatch;
  /** JSON of the dynamic field; empty where there is none. */
  readonly dynamic: readonly Uint8Array[];
  /** Fields of their own; empty in a collection that Vecport made. */
  readonly foreign: readonly ForeignRow[];
}

/**
 * Write points. Milvus takes a request whole or not at all: when it refuses one, the request is cut in halves until
 * the points it means are found.
 */
export async function upsertRows(
  open: OpenCollection,
  batch: VectorBatch,
  signal: AbortSignal | undefined,
): Promise<WriteReport> {
  assertWritable(open);
  const { rows, failed } = prepare(open, batch);
  const found: Outcome = { accepted: 0, failed: [...failed], refused: 0 };
  if (rows.batch.ids.length > 0) await send(open, rows, signal, found);
  return { accepted: found.accepted, failed: found.failed };
}

function assertWritable({ layout }: OpenCollection): void {
  const { collection, key, described } = layout;
  if (key.autoId) {
    throw notSupported(
      `Milvus makes the keys of '${collection}' itself (autoID), so points cannot be written under their own.`,
      'Write them into a new collection.',
    );
  }
  if (described.schema.functions.length > 0) {
    throw notSupported(
      `Fields of '${collection}' are filled by functions (${described.schema.functions.join(', ')}).`,
      'Write the points into a new collection.',
    );
  }
}

function prepare({ client, layout }: OpenCollection, batch: VectorBatch): { rows: Rows; failed: WriteFailure[] } {
  const { server } = client;
  const refusals = refuseRows(layout, server, batch);
  const [dynamic, foreign]: [Uint8Array[], ForeignRow[]] = [[], []];
  batch.ids.forEach((_, row) => {
    if (refusals.has(row)) return;
    try {
      if (layout.marker !== undefined) dynamic.push(dynamicText(layout, server, batch, row));
      else {
        const point = foreignRow(layout, server, batch, row);
        foreign.push(point);
        if (layout.dynamic) dynamic.push(point.dynamic);
      }
    } catch (error) {
      refusals.set(row, `The metadata cannot be kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  if (refusals.size === 0) return { rows: { batch, dynamic, foreign }, failed: [] };
  const kept = batch.ids.map((_, row) => row).filter((row) => !refusals.has(row));
  return {
    rows: { batch: selectRows(batch, kept), dynamic, foreign },
    failed: [...refusals]
      .sort(([a], [b]) => a - b)
      .map(([row, reason]) => ({ id: batch.ids[row] ?? '', code: 'invalid-argument', reason })),
  };
}

interface Outcome {
  accepted: number;
  readonly failed: WriteFailure[];
  /** Points the server itself refused. */
  refused: number;
}

async function send(
  open: OpenCollection,
  rows: Rows,
  signal: AbortSignal | undefined,
  outcome: Outcome,
): Promise<void> {
  const { ids } = rows.batch;
  signal?.throwIfAborted();
  try {
    await open.client.call(writeMethod(open), upsertMessage(open, rows), { signal });
    outcome.accepted += ids.length;
  } catch (error) {
    if (!isVecportError(error) || !POINT_ERRORS.has(error.code)) throw error;
    const hopeless = outcome.accepted === 0 && outcome.refused >= HOPELESS;
    if (ids.length === 1 || hopeless) {
      outcome.refused += ids.length;
      for (const id of ids) outcome.failed.push({ id, code: error.code, reason: error.reason });
      return;
    }
    const middle = Math.ceil(ids.length / 2);
    await send(open, slice(rows, 0, middle), signal, outcome);
    await send(open, slice(rows, middle, ids.length), signal, outcome);
  }
}

// Upsert of milvus-lite 3 leaves the old metadata fields beside the new ones; its Insert replaces a point whole. The two
// requests have the same fields.
function writeMethod({ client }: OpenCollection): 'Upsert' | 'Insert' {
  return client.server.kind === 'lite-3' ? 'Insert' : 'Upsert';
}

function slice({ batch, dynamic, foreign }: Rows, start: number, end: number): Rows {
  const wanted = Array.from({ length: end - start }, (_, at) => start + at);
  return { batch: selectRows(batch, wanted), dynamic: dynamic.slice(start, end), foreign: foreign.slice(start, end) };
}

function upsertMessage({ layout, partition }: OpenCollection, { batch, dynamic, foreign }: Rows): ProtoWriter {
  const floats = layout.vectors.reduce((sum, { dimension }) => sum + dimension * 4, 64);
  const message = new ProtoWriter(batch.ids.length * floats + 4096).text(3, layout.collection);
  if (partition !== undefined) message.text(4, partition);
  writeKeys(message, layout, batch.ids);
  for (const field of layout.scalars) writeScalars(message, field, foreign);
  for (const field of layout.vectors) writeVectors(message, field, batch);
  if (layout.dynamic) writeDynamic(message, dynamic);
  return message.varint(7, batch.ids.length);
}
