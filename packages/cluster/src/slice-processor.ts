import type { SliceTurn } from '@vecport/transfer';
import type { Job } from 'bullmq';
import { failureText, isPoison } from './failed-turns.js';
import { turnPriority } from './fair-turns.js';
import type { ClusterQueues, SliceProcessor } from './open-queues.js';
import { type OutageWatch, persist } from './outage.js';
import {
  parseRun,
  parseSlice,
  type RunRecord,
  type SliceJob,
  type SliceProgress,
  type SliceResult,
} from './run-record.js';
import type { RunWatch } from './run-watch.js';
import type { WorkPlaces } from './work-places.js';
import type { WorkerTally } from './worker-tally.js';

/** How often it is told how far a turn is. */
const TELL_MS = 1000;

/** What a worker works with. */
export interface ProcessorTools {
  readonly name: string;
  readonly queues: ClusterQueues;
  readonly places: WorkPlaces;
  readonly watch: RunWatch;
  readonly tally: WorkerTally;
  readonly outage: OutageWatch;
  /** Aborted when turns are to be handed back as they are. */
  readonly giveBack: AbortSignal;
  /** Told of each turn that ended. */
  readonly onTurn: (line: string) => void;
}

type SliceTask = Job<SliceJob, SliceResult, string, SliceProgress>;

interface Turn {
  readonly job: SliceTask;
  readonly token: string;
  readonly run: RunRecord;
  readonly slice: SliceJob;
  /** What the way from one turn to the next cost, where this one was waiting already. */
  readonly waited: number | undefined;
}

/**
 * What a worker does with a slice it took: one turn, and then put it back behind the turns of others, unless it is done
 * or given up. A turn that is taken twice, at the same time or after each other, does no harm (see `exportSlice`).
 */
export async function sliceProcessor(tools: ProcessorTools): Promise<SliceProcessor> {
  const { UnrecoverableError } = await import('bullmq');
  const { queues, outage } = tools;
  const ended: number[] = [];
  return async (job, token = '') => {
    const slice = parseSlice(job.data);
    if (slice === undefined) throw new UnrecoverableError('invalid-argument: The slice is of another version.');
    const run = parseRun((await persist(async () => queues.runs.getJob(slice.run), outage))?.data);
    if (run?.state !== 'running') return resultOf(slice);
    const stalls = job.stalledCounter - slice.stalledBefore;
    if (stalls >= run.attempts) throw new UnrecoverableError(`unexpected: Workers died or hung on it ${stalls} times.`);
    const last = ended.pop();
    const waited = last === undefined || slice.queuedAt > last ? undefined : Math.max(0, Date.now() - last);
    if (waited !== undefined) tools.tally.waited(waited);
    return takeTurn(tools, { job, token, run, slice, waited }, () => ended.push(Date.now()));
  };
}

async function takeTurn(tools: ProcessorTools, turn: Turn, onEnd: () => void): Promise<SliceResult> {
  const { tally, watch, giveBack, places } = tools;
  const { run, slice } = turn;
  const what = `${slice.run} ${slice.name} ${slice.slice}`;
  const followed = watch.follow(slice.run);
  const teller = tellProgress(tools, turn);
  tally.begin(what);
  let outcome: SliceTurn | undefined;
  try {
    const signal = AbortSignal.any([followed.signal, giveBack]);
    outcome = await places.takeTurn(run, slice, { signal, onRead: teller.add });
  } catch (error) {
    if (followed.signal.aborted) return resultOf(slice);
    if (!giveBack.aborted) throw await failed(tools, turn, error);
  } finally {
    onEnd();
    followed.done();
    teller.end();
    tally.end(what, outcome?.parts ?? 0);
  }
  return settle(tools, turn, outcome, teller.bytes());
}

/** Complete the slice, or put it back. */
async function settle(
  tools: ProcessorTools,
  { job, token, slice, run, waited }: Turn,
  outcome: SliceTurn | undefined,
  bytes: number,
): Promise<SliceResult> {
  const took = outcome?.outcome === 'done' || outcome?.outcome === 'left';
  const next: SliceJob = {
    ...slice,
    turns: slice.turns + (took ? 1 : 0),
    rows: outcome?.rows ?? slice.rows,
    bytes: slice.bytes + (took ? bytes : 0),
    failedBefore: took ? job.attemptsMade : slice.failedBefore,
    stalledBefore: took ? job.stalledCounter : slice.stalledBefore,
    queuedAt: Date.now(),
    waits: slice.waits + (waited === undefined ? 0 : 1),
    queueMs: slice.queueMs + (waited ?? 0),
  };
  if (outcome !== undefined) {
    const parts = outcome.parts === 1 ? '1 part' : `${outcome.parts} parts`;
    tools.onTurn(`${slice.name}, slice ${slice.slice}: ${outcome.outcome}, ${parts}, ${outcome.rows} points durable`);
  }
  if (outcome?.outcome === 'done' || outcome?.outcome === 'closed') return resultOf(next);
  const { WaitingError } = await import('bullmq');
  const inQueue = async (work: () => Promise<unknown>): Promise<unknown> => persist(work, tools.outage, isLost);
  await inQueue(async () => job.updateData(next));
  await inQueue(async () => job.changePriority({ priority: turnPriority({ ...next, slices: run.slices }) }));
  await inQueue(async () => job.moveToWait(token));
  throw new WaitingError();
}

async function failed(tools: ProcessorTools, { job, run, slice }: Turn, error: unknown): Promise<Error> {
  const { UnrecoverableError } = await import('bullmq');
  const text = failureText(error);
  const inARow = job.attemptsMade - slice.failedBefore + 1;
  const poison = isPoison(error, { inARow, attempts: run.attempts });
  const then = poison ? 'it is given up' : `attempt ${inARow} of ${run.attempts}`;
  tools.onTurn(`${slice.name}, slice ${slice.slice}: failed, ${then}: ${text}`);
  tools.tally.fail();
  return poison ? new UnrecoverableError(text) : new Error(text, { cause: error });
}

function resultOf({ rows, bytes, turns, waits, queueMs }: SliceJob): SliceResult {
  return { points: rows, bytes, turns, waits, queueMs };
}

/** The queue knows for sure that the slice is not ours any more. */
function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code < 0;
}

interface ProgressTeller {
  add(points: number, bytes: number): void;
  bytes(): number;
  end(): void;
}

/** Tells the queue at most once a second how far a turn is. */
function tellProgress({ name, tally }: ProcessorTools, { job, slice }: Turn): ProgressTeller {
  let points = slice.rows;
  let read = 0;
  let told = points;
  const timer = setInterval(() => {
    if (told === points) return;
    told = points;
    // What is told late or not at all changes nothing.
    job.updateProgress({ worker: name, turn: slice.turns, points, bytes: slice.bytes + read }).catch(() => undefined);
  }, TELL_MS);
  timer.unref();
  return {
    add: (more, bytes) => {
      points += more;
      read += bytes;
      tally.read(more, bytes);
    },
    bytes: () => read,
    end: () => clearInterval(timer),
  };
}
