import { sliceBatch, VecportError, type VectorBatch } from '@vecport/abstractions';
import { recordBytes } from '@vecport/dataset';
import type { SlicePosition, SliceState } from './checkpoint.js';
import { carriedPoints } from './refused-rows.js';
import { createTally } from './tally.js';
import type { TransferJob } from './transfer.js';
import type { SinkPart } from './transfer-sink.js';
import type { SourceBatch } from './transfer-source.js';

/** Cuts the batches of one slice into parts and keeps the checkpoint. */
export interface SliceWriter<Receipt> {
  /** Gives whether all rows were written: none are, once the slice is {@link left}. */
  write(batch: SourceBatch): Promise<boolean>;
  /** There is room for no more rows. */
  readonly full: boolean;
  /** Where the slice is left if there are more rows, once as many parts are written as may be. */
  readonly left: SliceState<Receipt> | undefined;
  finish(): Promise<SliceState<Receipt>>;
  abort(): Promise<void>;
}

/** Which slice, where it goes on, and how many rows it may have in all. */
export interface SliceWriterPlace<Receipt> {
  readonly slice: number;
  readonly earlier: SliceState<Receipt>;
  readonly room: number;
  readonly signal: AbortSignal;
}

/** A {@link SliceWriter} that goes on after the rows of an earlier run. */
export function createSliceWriter<Receipt>(
  job: TransferJob<Receipt>,
  { slice, earlier, room, signal }: SliceWriterPlace<Receipt>,
): SliceWriter<Receipt> {
  const parts = [...earlier.parts];
  const tally = createTally(earlier.tally);
  let part: SinkPart<Receipt> | undefined;
  let partRows = 0;
  let partBytes = 0;
  let rows = earlier.tally?.rows ?? parts.length * job.partRows;
  let after = earlier.position?.after;
  let rowsSinceAfter = 0;
  let resume = earlier.position;
  let left: SliceState<Receipt> | undefined;

  const commit = async (): Promise<void> => {
    if (part === undefined) return;
    parts.push(await part.commit());
    part = undefined;
    partRows = 0;
    partBytes = 0;
  };

  const writeRows = async (batch: SourceBatch, start: number, end: number): Promise<void> => {
    const chosen = rowsOf(batch, start, end);
    job.onBatch?.(chosen);
    part ??= await job.sink.open({ slice, index: parts.length }, { signal });
    await part.write(carriedPoints(chosen), [...(chosen.refused?.values() ?? [])]);
    partRows += end - start;
    rows += end - start;
  };

  /** Commit a part that is complete at row `end` of a batch, and remember where reading goes on. */
  const commitAt = async (batch: SourceBatch, end: number): Promise<void> => {
    await commit();
    const lastId = batch.ids[end - 1] ?? '';
    const whole = end === batch.ids.length;
    const position = whole ? { after: batch.cursor, skip: 0, lastId } : { after, skip: rowsSinceAfter + end, lastId };
    const state = { parts, position, tally: tally.value(rows, whole ? batch : undefined), done: false };
    await job.checkpoint.save(slice, state);
    if (parts.length - earlier.parts.length >= (job.maxParts ?? Infinity)) left = state;
  };

  const isPartFull = (): boolean => partRows === job.partRows || partBytes >= (job.partBytes ?? Infinity);

  /** The row after the last one from `start` on that is still of this part, `end` at most. */
  const endInPart = (batch: SourceBatch, start: number, end: number): number => {
    if (job.partBytes === undefined) return end;
    const bytesOf = recordBytes(batch);
    let row = start;
    while (row < end && partBytes < job.partBytes) partBytes += bytesOf(row++);
    return row;
  };

  return {
    get full() {
      return rows >= room;
    },
    get left() {
      return left;
    },
    write: async (batch) => {
      const total = batch.ids.length;
      let start = 0;
      if (resume !== undefined) {
        start = Math.min(total, resume.skip - rowsSinceAfter);
        resume = checkResumed(resume, batch, rowsSinceAfter + start, start);
      }
      while (start < total && rows < room && left === undefined) {
        const most = Math.min(total, start + job.partRows - partRows, start + room - rows);
        const end = endInPart(batch, start, most);
        await writeRows(batch, start, end);
        start = end;
        if (isPartFull()) await commitAt(batch, end);
      }
      rowsSinceAfter += total;
      tally.add(batch);
      if (resume === undefined) {
        after = batch.cursor;
        rowsSinceAfter = 0;
        tally.settle();
      }
      return start === total;
    },
    finish: async () => {
      if (resume !== undefined && resume.skip > rowsSinceAfter && rows < room) throw sourceChanged(resume);
      await commit();
      tally.settle();
      const state = { parts, tally: tally.value(rows), done: true };
      await job.checkpoint.save(slice, state);
      return state;
    },
    abort: async () => {
      await part?.abort();
    },
  };
}

/** Rows of a batch, with those of its refused points that are among them. */
function rowsOf(batch: SourceBatch, start: number, end: number): SourceBatch {
  const chosen = { ...batch, ...sliceBatch(batch, start, end) };
  if (batch.refused === undefined || batch.refused.size === 0) return chosen;
  const own = [...batch.refused].filter(([row]) => row >= start && row < end);
  return { ...chosen, refused: new Map(own.map(([row, failure]) => [row - start, failure])) };
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
