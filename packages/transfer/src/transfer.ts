import type { Slice, VectorBatch } from '@vecport/abstractions';
import type { Checkpoint, SliceState } from './checkpoint.js';
import { type ReadGate, readAhead } from './read-ahead.js';
import { runParallel } from './run-parallel.js';
import { createSliceWriter } from './slice-writer.js';
import type { TransferSink } from './transfer-sink.js';
import type { SourceBatch, TransferSource } from './transfer-source.js';

/** One collection on its way from a source to a sink. */
export interface TransferJob<Receipt> {
  readonly source: TransferSource;
  readonly sink: TransferSink<Receipt>;
  /** Fixed boundaries, the same at every run of the job. */
  readonly slices: readonly Slice[];
  /** Rows a part has; only the last part of a slice has fewer. */
  readonly partRows: number;
  /** A part also ends with the row that brings its records to so many bytes. */
  readonly partBytes?: number | undefined;
  readonly checkpoint: Checkpoint<Receipt>;
  /** Slices worked on at the same time. Has no influence on what is written. */
  readonly parallel: number;
  /** Parts of each slice that are written at most before this call leaves it, not done, for another one; no bound if not said. */
  readonly maxParts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sees every batch before it is written, once; rows of earlier runs are not shown again. */
  readonly onBatch?: ((batch: VectorBatch) => void) | undefined;
  /**
   * Rows in all, over the slices in their order; no bound if not said. With it one slice is read after the other, so
   * that it is always the same rows.
   */
  readonly limit?: number | undefined;
  /** Makes the gate through which a slice asks for batches; without it one batch is read ahead. */
  readonly gate?: (() => ReadGate<SourceBatch>) | undefined;
  /** Put around the work on each slice, e.g. to trace it. */
  readonly around?: ((slice: number, work: () => Promise<void>) => Promise<void>) | undefined;
}

/**
 * Move every slice from the source to the sink, in parts, and give the parts' receipts by slice.
 *
 * The result, part by part, depends on the slices, `partRows`, `partBytes` and `limit` alone: not on `parallel`, not on
 * the sizes of the batches, and not on how often the job was interrupted and run again. A part is
 * committed, then the checkpoint is saved; what was not saved is written again.
 *
 * The first failure stops all slices. The open parts are aborted.
 */
export async function transfer<Receipt>(job: TransferJob<Receipt>): Promise<readonly (readonly Receipt[])[]> {
  const receipts: (readonly Receipt[])[] = job.slices.map(() => []);
  const { limit, around = async (_slice, work) => work() } = job;
  let left = limit ?? Number.POSITIVE_INFINITY;
  await runParallel(job.slices.length, limit === undefined ? job.parallel : 1, job.signal, async (index, signal) => {
    if (left <= 0) return;
    await around(index, async () => {
      const { parts, tally } = await transferSlice(job, index, left, signal);
      receipts[index] = parts;
      if (limit !== undefined) left -= tally?.rows ?? 0;
    });
  });
  return receipts;
}

async function transferSlice<Receipt>(
  job: TransferJob<Receipt>,
  index: number,
  room: number,
  signal: AbortSignal,
): Promise<SliceState<Receipt>> {
  const earlier = (await job.checkpoint.load(index)) ?? { parts: [], done: false };
  if (earlier.done) return earlier;
  const slice = job.slices[index] as Slice;
  const writer = createSliceWriter(job, { slice: index, earlier, room, signal });
  try {
    const after = earlier.position?.after;
    if (!writer.full) {
      for await (const batch of readAhead(job.source.read({ slice, after, signal }), job.gate?.(), signal)) {
        signal.throwIfAborted();
        if (writer.left !== undefined && batch.ids.length > 0) return writer.left;
        const whole = await writer.write(batch);
        if (job.sink.keepsNothing === true) batch.release?.();
        if (writer.full) break;
        if (writer.left !== undefined && !whole) return writer.left;
      }
    }
    return await writer.finish();
  } catch (error) {
    // What failed first is the error to report.
    await writer.abort().catch(() => undefined);
    throw error;
  }
}
