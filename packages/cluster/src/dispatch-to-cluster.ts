import { setTimeout as sleep } from 'node:timers/promises';
import { VecportError } from '@vecport/abstractions';
import type { Dispatch, DispatchedWork, TransferProgress } from '@vecport/transfer';
import { awaitQueues } from './await-queues.js';
import { liveWorkers } from './cluster-status.js';
import { parseClusterUrl } from './cluster-url.js';
import { hopelessError, judgeRun, paceOf, poisonError, progressOf, type RunPace } from './judge-run.js';
import type { ClusterQueues } from './open-queues.js';
import { askAgain, type OutageWatch, persist } from './outage.js';
import { forgetOldRuns, sliceJobs } from './queue-run.js';
import { type ClusterWork, parseRun, type RunRecord } from './run-record.js';
import { readSlices, type SliceSeen } from './run-snapshot.js';

/** How often the queue is looked at. */
const LOOK_MS = 1000;
/** Milliseconds that the queue may take to tell of a run of few slices. */
const ANSWER_MS = 5000;
/** Milliseconds that workers get to stop, when the run is ended from here. */
const STOP_MS = 3000;

/** How work is given to a cluster. */
export interface ClusterOptions {
  /** `redis://…`, `rediss://…` or `postgres://…`. */
  readonly cluster: string;
  /** What workers do. No secrets. */
  readonly work: ClusterWork;
  /** From where to where, as it may be shown. */
  readonly from: string;
  readonly to: string;
  /** Parts a turn writes at most, before the turn of another slice or run; 1 if not said. */
  readonly turnParts?: number | undefined;
  /** Failures in a row after which a slice is given up; 5 if not said. */
  readonly attempts?: number | undefined;
  /** Points a second of all workers, and of all runs that read from the same store; no bound if not said. */
  readonly rateLimit?: number | undefined;
  /** Milliseconds without an answer of the queue after which the run ends; 2 minutes if not said. */
  readonly patienceMs?: number | undefined;
  /** Told, once each, what a person may want to know on the way: sentences. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** Milliseconds without an answer after which a queue is gone, when nobody says. */
export const DEFAULT_PATIENCE_MS = 120_000;

/**
 * A dispatch that has workers of a cluster do the work. The queue only hands it out: what is done is what the
 * checkpoints say, so that jobs that a queue has lost are queued again. When it ends badly, workers are told to stop.
 *
 * @throws VecportError `unavailable` when the queue does not answer for too long or the run was cancelled from
 * elsewhere; when slices were given up, with their common code or `incomplete`. The signal's reason.
 */
export function dispatchToCluster(options: ClusterOptions): Dispatch {
  return async (work) => {
    const ended = new AbortController();
    const signal = work.signal === undefined ? ended.signal : AbortSignal.any([work.signal, ended.signal]);
    const outage: OutageWatch = {
      ...{
        signal,
        everyMs: LOOK_MS,
        shown: parseClusterUrl(options.cluster).shown,
        patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS,
      },
      onOutage: () => options.onNote?.('The queue does not answer; the run waits for it.'),
      onReturn: () => options.onNote?.('The queue answers again.'),
    };
    const queues = await awaitQueues(options.cluster, outage);
    try {
      // Of many slices there is much to ask at once.
      await runOn(queues, options, work, { ...outage, answerMs: ANSWER_MS + work.slices.length * 10 });
    } finally {
      ended.abort();
      await queues.close();
    }
  };
}

async function runOn(
  queues: ClusterQueues,
  options: ClusterOptions,
  work: DispatchedWork,
  outage: OutageWatch,
): Promise<void> {
  const record: RunRecord = {
    state: 'running',
    work: options.work,
    from: options.from,
    to: options.to,
    startedAt: new Date().toISOString(),
    slices: work.slices.length,
    turnParts: options.turnParts ?? 1,
    attempts: options.attempts ?? 5,
    rateLimit: options.rateLimit,
  };
  const begun = performance.now();
  let seen: readonly SliceSeen[] = [];
  const end = async (state: RunRecord['state'], reason?: string): Promise<void> =>
    endRun(queues, work.run, {
      ...record,
      state,
      reason,
      endedAt: new Date().toISOString(),
      result: sumsOf(seen, begun),
    });
  try {
    await follow(queues, record, work, options, outage, (now) => {
      seen = now;
    });
    await withinMs(end('done'), STOP_MS);
  } catch (error) {
    const cancelled = work.signal?.aborted === true;
    const reason = error instanceof Error ? error.message : String(error);
    // What failed first is the error to report; a queue that is gone cannot be told.
    await withinMs(end(cancelled ? 'cancelled' : 'failed', reason), STOP_MS).catch(() => undefined);
    throw error;
  }
}

/** Look at the run every second until all of its slices are done. */
async function follow(
  queues: ClusterQueues,
  record: RunRecord,
  work: DispatchedWork,
  { onNote }: ClusterOptions,
  outage: OutageWatch,
  onSeen: (seen: readonly SliceSeen[]) => void,
): Promise<void> {
  const done = new Map<number, number>();
  const open = new Set<number>(work.slices.keys());
  await checkOpen(work, open, done);
  await persist(async () => forgetOldRuns(queues, record.work), outage);
  let told = '';
  let pace: RunPace | undefined;
  let final: unknown;
  /** It is not the queue that does not answer. */
  const fatal = (error: unknown): unknown => {
    final = error;
    return error;
  };
  const look = async (): Promise<boolean> => {
    if (open.size === 0) return true;
    const known = parseRun((await queues.runs.getJob(work.run))?.data);
    if (known !== undefined && known.state !== 'running') throw fatal(cancelledElsewhere(work.run));
    const seen = (await readSlices(queues)).filter(({ slice }) => slice.run === work.run);
    onSeen(seen);
    tellProgress(progressOf(work.slices, seen, done), work);
    pace = paceOf(seen, pace);
    const hopeless = hopelessError(seen, pace, record.attempts);
    if (hopeless !== undefined) throw fatal(hopeless);
    const verdict = judgeRun(open, known === undefined ? [] : seen);
    if (verdict.next === 'fail') throw fatal(poisonError(verdict.failed, work.slices.length));
    if (verdict.next === 'wait') {
      const names = await liveWorkers(queues);
      const note =
        names.length === 0
          ? 'No worker is there; start some with: vecport worker --cluster URL'
          : `${names.length} at work`;
      if (note !== told) onNote?.(note);
      told = note;
      return false;
    }
    try {
      await checkOpen(work, open, done);
    } catch (error) {
      throw fatal(error);
    }
    const wanted = verdict.next === 'queue' ? verdict.slices.filter((at) => open.has(at)) : [...open];
    await sliceJobs(queues, record, work, wanted);
    return open.size === 0;
  };
  await askAgain(look, outage, (error) => error === final);
  outage.signal.throwIfAborted();
}

/** Of the first collection that is not done: they are shown one after the other. */
function tellProgress(all: readonly TransferProgress[], { onProgress }: DispatchedWork): void {
  const current = all.find(({ done, total }) => total === undefined || done < total) ?? all.at(-1);
  if (current !== undefined) onProgress?.(current);
}

/** Take the slices that are durably done out of `open`. */
async function checkOpen(
  { slices, stateOf }: DispatchedWork,
  open: Set<number>,
  done: Map<number, number>,
): Promise<void> {
  for (const at of [...open]) {
    const place = slices[at];
    if (place === undefined) continue;
    const state = await stateOf(place);
    done.set(at, state.tally?.rows ?? 0);
    if (state.done) open.delete(at);
  }
}

function sumsOf(seen: readonly SliceSeen[], begun: number): NonNullable<RunRecord['result']> {
  const sum = (numberOf: (one: SliceSeen) => number): number => seen.reduce((total, one) => total + numberOf(one), 0);
  return {
    points: sum(({ points }) => points),
    bytes: sum(({ bytes }) => bytes),
    milliseconds: Math.round(performance.now() - begun),
    turns: sum(({ slice }) => slice.turns),
    waits: sum(({ slice }) => slice.waits),
    queueMs: sum(({ slice }) => slice.queueMs),
  };
}

/** Say how a run ended, which stops its workers, and take what waits out of the queue; failures stay to be seen. */
async function endRun(queues: ClusterQueues, run: string, record: RunRecord): Promise<void> {
  const job = await queues.runs.getJob(run);
  if (job === undefined) return;
  if (parseRun(job.data)?.state === 'running') await job.updateData(record);
  for (const one of await queues.slices.getJobs(['prioritized', 'wait', 'delayed', 'completed'])) {
    if (one?.data.run === run) await one.remove().catch(() => undefined);
  }
}

async function withinMs(work: Promise<void>, milliseconds: number): Promise<void> {
  await Promise.race([work, sleep(milliseconds, undefined, { ref: false })]);
}

function cancelledElsewhere(run: string): VecportError {
  return new VecportError('unavailable', `The run ${run} was cancelled.`, {
    operation: 'cluster',
    advice: 'What is committed is kept.',
  });
}
