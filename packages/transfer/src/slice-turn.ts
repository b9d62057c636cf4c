import type { Storage } from '@vecport/storage';
import type { Checkpoint, SliceState } from './checkpoint.js';
import { isOpenFor } from './dispatch.js';
import { type TransferJob, transfer } from './transfer.js';
import type { SinkPart, TransferSink } from './transfer-sink.js';

/** Milliseconds for which it is taken for granted that nobody else has gone on. */
const FRESH_MS = 200;

/** One turn of work on a slice that was dispatched. */
export interface TurnOptions {
  /** As the dispatch named it. */
  readonly run: string;
  /** Parts it writes at most; to the end of the slice if not said. */
  readonly maxParts?: number | undefined;
  readonly signal: AbortSignal;
}

/** What became of a turn. */
export interface SliceTurn {
  /**
   * `done`: the slice is; `left`: it goes on in another turn; `overtaken`: another one works on the slice and is ahead;
   * `closed`: the work is not open to this run any more. What was read of a part that is not committed is lost.
   */
  readonly outcome: 'done' | 'left' | 'overtaken' | 'closed';
  /** Parts that this turn committed. */
  readonly parts: number;
  /** Rows of the slice that are durable. */
  readonly rows: number;
}

/** What a slice is moved by; the slice is the only one. */
export type TurnJob<Receipt> = Pick<
  TransferJob<Receipt>,
  'source' | 'sink' | 'partRows' | 'partBytes' | 'checkpoint' | 'gate' | 'onBatch'
> & { readonly slice: TransferJob<Receipt>['slices'][number] };

/**
 * Work on slice `index` for one turn. Any number may do so at the same time: before a part is committed it is asked
 * whether the work is still open and whether nobody is ahead, and a checkpoint is never put back by a slower one. What
 * two write between a question and its write is consistent, as every state names its own parts.
 */
export async function takeTurn<Receipt>(
  storage: Storage,
  index: number,
  job: TurnJob<Receipt>,
  { run, maxParts, signal }: TurnOptions,
): Promise<SliceTurn> {
  let ended: 'overtaken' | 'closed' | undefined;
  let parts = 0;
  const refuse = (why: 'overtaken' | 'closed'): never => {
    ended = why;
    throw new Error(`The turn is ${why}.`);
  };
  const before = await job.checkpoint.load(index);
  let after = before;
  let checkedAt = Number.NEGATIVE_INFINITY;
  const check = async (): Promise<void> => {
    if (!(await isOpenFor(storage, run))) refuse('closed');
    const now = await job.checkpoint.load(index);
    if (now?.done === true || (now?.tally?.rows ?? 0) > (after?.tally?.rows ?? 0)) refuse('overtaken');
    checkedAt = performance.now();
  };
  const checkpoint: Checkpoint<Receipt> = {
    load: async () => before,
    save: async (_slice, state) => {
      // To commit a part may take long, and others may have gone on meanwhile.
      if (performance.now() - checkedAt > FRESH_MS) await check();
      await job.checkpoint.save(index, state);
      after = state;
    },
  };
  try {
    if (before?.done === true) return turnOf('done', 0, before);
    if (!(await isOpenFor(storage, run))) return turnOf('closed', 0, before);
    await transfer({
      ...job,
      slices: [job.slice],
      sink: checkedSink(job.sink, index, check, () => parts++),
      checkpoint,
      parallel: 1,
      maxParts,
      signal,
    });
  } catch (error) {
    if (ended === undefined) throw error;
    return turnOf(ended, parts, await job.checkpoint.load(index));
  }
  return turnOf(after?.done === true ? 'done' : 'left', parts, after);
}

function turnOf(outcome: SliceTurn['outcome'], parts: number, state: SliceState<unknown> | undefined): SliceTurn {
  return { outcome, parts, rows: state?.tally?.rows ?? 0 };
}

/** The same sink for the slice `index` alone, which is asked before each part is committed. */
function checkedSink<Receipt>(
  sink: TransferSink<Receipt>,
  index: number,
  check: () => Promise<void>,
  onPart: () => void,
): TransferSink<Receipt> {
  return {
    keepsNothing: sink.keepsNothing,
    open: async (place, options): Promise<SinkPart<Receipt>> => {
      const part = await sink.open({ ...place, slice: index }, options);
      return {
        write: async (batch, refused) => part.write(batch, refused),
        abort: async () => part.abort(),
        commit: async () => {
          await check();
          const receipt = await part.commit();
          onPart();
          return receipt;
        },
      };
    },
  };
}
