import { type ExportBatch, type Slice, sliceBatch, VecportError, type VectorBatch } from '@vecport/abstractions';
import type { Checkpoint, SlicePosition, SliceState } from './checkpoint.js';
import { readAhead } from './read-ahead.js';
import { runParallel } from './run-parallel.js';
import type { SinkPart, TransferSink } from './transfer-sink.js';
import type { TransferSource } from './transfer-source.js';

/** One collection on its way from a source to a sink. */
export interface TransferJob<Receipt> {
  readonly source: TransferSource;
  readonly sink: TransferSink<Receipt>;
  /** Fixed boundaries, the same at every run of the job. */
  readonly slices: readonly Slice[];
  /** Rows a part has; only the last part of a slice has fewer. */
  readonly partRows: number;
  readonly checkpoint: Checkpoint<Receipt>;
  /** Slices worked on at the same time. Has no influence on what is written. */
  readonly parallel: number;
  readonly signal?: AbortSignal | undefined;
  /** Sees every batch before it is written, once; rows of earlier runs are not shown again. */
  readonly onBatch?: ((batch: VectorBatch) => void) | undefined;
}

/**
 * Move every slice from the source to the sink, in parts, and give the parts' receipts by slice.
 *
 * The result, part by part, depends on the slices and `partRows` alone: not on `parallel`, not on
 * the sizes of the batches, and not on how often the job was interrupted and run again. A part is
 * committed, then the checkpoint is saved; what was not saved is written again.
 *
 * The first failure stops all slices. The open parts are aborted.
 */
export async function transfer<Receipt>(job: TransferJob<Receipt>): Promise<readonly (readonly Receipt[])[]> {
  const receipts: (readonly Receipt[])[] = job.slices.map(() => []);
  await runParallel(job.slices.length, job.parallel, job.signal, async (index, signal) => {
    receipts[index] = await transferSlice(job, index, signal);
  });
  return receipts;
}

async function transferSlice<Receipt>(
  job: TransferJob<Receipt>,
  index: number,
  signal: AbortSignal,
): Promise<readonly Receipt[]> {
  const earlier = (await job.checkpoint.load(index)) ?? { parts: [], done: false };
  if (earlier.done) return earlier.parts;
  const slice = job.slices[index] as Slice;
  const writer = createSliceWriter(job, index, earlier, signal);
  try {
    const source = job.source.read({ slice, after: earlier.position?.after, signal });
    for await (const batch of readAhead(source)) {
      signal.throwIfAborted();
      await writer.write(batch);
    }
    return await writer.finish();
  } catch (error) {
    // What failed first is the error to report.
    await writer.abort().catch(() => undefined);
    throw error;
  }
}

interface SliceWriter<Receipt> {
  write(batch: ExportBatch): Promise<void>;
  finish(): Promise<readonly Receipt[]>;
  abort(): Promise<void>;
}

/** Cuts the batches of one slice into parts and keeps the checkpoint. */
function createSliceWriter<Receipt>(
  job: TransferJob<Receipt>,
  slice: number,
  earlier: SliceState<Receipt>,
  signal: AbortSignal,
): SliceWriter<Receipt> {
  const parts = [...earlier.parts];
  let part: SinkPart<Receipt> | undefined;
  let partRows = 0;
  let after = earlier.position?.after;
  let rowsSinceAfter = 0;
  let resume = earlier.position;

  const commit = async (position: SlicePosition | undefined): Promise<void> => {
    if (part === undefined) return;
    parts.push(await part.commit());
    part = undefined;
    partRows = 0;
    if (position !== undefined) await job.checkpoint.save(slice, { parts, position, done: false });
  };

  const writeRows = async (batch: ExportBatch, start: number, end: number): Promise<void> => {
    const rows = sliceBatch(batch, start, end);
    job.onBatch?.(rows);
    part ??= await job.sink.open({ slice, index: parts.length }, { signal });
    await part.write(rows);
    partRows += end - start;
  };

  return {
    write: async (batch) => {
      const total = batch.ids.length;
      let start = 0;
      if (resume !== undefined) {
        start = Math.min(total, resume.skip - rowsSinceAfter);
        resume = checkResumed(resume, batch, rowsSinceAfter + start, start);
      }
      while (start < total) {
        const end = Math.min(total, start + job.partRows - partRows);
        await writeRows(batch, start, end);
        start = end;
        if (partRows < job.partRows) continue;
        const lastId = batch.ids[end - 1] ?? '';
        await commit(
          end === total ? { after: batch.cursor, skip: 0, lastId } : { after, skip: rowsSinceAfter + end, lastId },
        );
      }
      rowsSinceAfter += total;
      if (resume === undefined) {
        after = batch.cursor;
        rowsSinceAfter = 0;
      }
    },
    finish: async () => {
      if (resume !== undefined && resume.skip > rowsSinceAfter) throw sourceChanged(resume);
      await commit(undefined);
      await job.checkpoint.save(slice, { parts, done: true });
      return parts;
    },
    abort: async () => {
      await part?.abort();
    },
  };
}

/** `undefined` once the position is reached; before that, the position still to be reached. */
function checkResumed(
  resume: SlicePosition,
  batch: VectorBatch,
  reached: number,
  start: number,
): SlicePosition | undefined {
  if (reached < resume.skip) return resume;
  if (resume.skip > 0 && batch.ids[start - 1] !== resume.lastId) throw sourceChanged(resume);
  return undefined;
}

function sourceChanged(position: SlicePosition): VecportError {
  return new VecportError(
    'source-changed',
    `The source no longer has the point '${position.lastId}' where the interrupted run left off.`,
    {
      advice: 'Remove the unfinished target and start again.',
    },
  );
}
