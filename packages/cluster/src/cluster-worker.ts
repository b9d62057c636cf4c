import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { VecportError } from '@vecport/abstractions';
import { awaitQueues } from './await-queues.js';
import { parseClusterUrl } from './cluster-url.js';
import { pauseAfter } from './failed-turns.js';
import type { ClusterQueues, SliceWorker } from './open-queues.js';
import { askAgain, type OutageWatch } from './outage.js';
import type { SliceJob, WorkerRecord } from './run-record.js';
import { createRunWatch } from './run-watch.js';
import { sharedRateLimiter } from './shared-rate-limiter.js';
import { sliceProcessor } from './slice-processor.js';
import { createWorkPlaces, type PlaceOpener } from './work-places.js';
import { createWorkerTally } from './worker-tally.js';

/** How often a worker tells of itself, and asks whether the queue is there. */
const HEARTBEAT_MS = 2000;
/** Stalls and attempts are counted by turns, not over the life of a slice. */
const NO_LIMIT = 1_000_000;
/** Milliseconds that a last word to the queue may take. */
const SOON_MS = 2000;
/** Milliseconds that closing may take beyond the parts that are begun. */
const FORCE_MS = 5000;

/** A worker of a cluster. */
export interface WorkerRequest extends Pick<PlaceOpener, 'openStore' | 'openStorage' | 'openDataset'> {
  /** `redis://…`, `rediss://…` or `postgres://…`. */
  readonly cluster: string;
  readonly name: string;
  /** Slices it works on at the same time. */
  readonly concurrency: number;
  /** Milliseconds without an answer of the queue after which the worker ends. */
  readonly patienceMs: number;
  /** Milliseconds after which the slice of a worker that fell silent is given to another one. */
  readonly takeoverMs: number;
  /** Milliseconds that parts which are begun may take after `signal`; then they are handed back. */
  readonly drainMs: number;
  /** Ends the worker. */
  readonly signal: AbortSignal;
  readonly onReady?: (() => void) | undefined;
  /** One line for each piece of work that ended, and for what is wrong with the queue. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** What it counts, whenever it tells of itself. */
  readonly onRecord?: ((record: WorkerRecord) => void) | undefined;
}

/**
 * Take slices from the queue and work on them until the signal is aborted: then no more are taken, and the parts that
 * are begun are finished or handed back. Everything that was opened is closed.
 * @throws VecportError `unavailable` when the queue does not answer for too long.
 */
export async function runClusterWorker(request: WorkerRequest): Promise<WorkerRecord> {
  const { cluster, signal, patienceMs, onLine = () => {} } = request;
  const outage: OutageWatch = {
    ...{ patienceMs, signal, everyMs: HEARTBEAT_MS, shown: parseClusterUrl(cluster).shown },
    onOutage: (error) => onLine(`the queue does not answer: ${error instanceof Error ? error.message : String(error)}`),
    onReturn: () => onLine('the queue answers again'),
  };
  const queues = await awaitQueues(cluster, { ...outage, everyMs: 1000 });
  try {
    return await workOn({ ...request, onLine }, queues, outage);
  } finally {
    await queues.close();
  }
}

type Started = WorkerRequest & { readonly onLine: (line: string) => void };

async function workOn(request: Started, queues: ClusterQueues, outage: OutageWatch): Promise<WorkerRecord> {
  const { name, concurrency, signal, onLine } = request;
  const tally = createWorkerTally(name, concurrency);
  const watch = createRunWatch(queues);
  const places = createWorkPlaces({
    openStore: request.openStore,
    openStorage: request.openStorage,
    openDataset: request.openDataset,
    limiterOf: async (key, rate) => sharedRateLimiter(await queues.backend.rateLimiter(rate), key, rate),
  });
  const [giveBack, ended] = [new AbortController(), new AbortController()];
  const processor = await sliceProcessor({
    ...{ name, queues, places, watch, tally, onTurn: onLine },
    outage: { ...outage, signal: ended.signal, onOutage: undefined, onReturn: undefined },
    giveBack: giveBack.signal,
  });
  const worker = await queues.work(processor, workerOptions(request));
  const id = `${name.replaceAll(/[^\w.-]/g, '_')}-${randomBytes(4).toString('hex')}`;
  const tell = async (): Promise<WorkerRecord> => {
    const record = tally.record();
    await tellOfWorker(queues, id, record);
    request.onRecord?.(record);
    return record;
  };
  try {
    await tell();
    request.onReady?.();
    const beat = async (): Promise<boolean> => {
      await tell();
      return false;
    };
    await askAgain(beat, { ...outage, everyMs: HEARTBEAT_MS });
    tally.drain();
    await drain(worker, giveBack, request.drainMs);
    await soon(tell());
    return tally.record();
  } catch (error) {
    giveBack.abort(new VecportError('unavailable', 'The queue is gone.', { cause: error }));
    ended.abort(error);
    await soon(worker.close(true));
    letGo(worker);
    throw error;
  } finally {
    ended.abort();
    watch.close();
    await places.close();
    if (signal.aborted) await soon(queues.workers.remove(id));
  }
}

function workerOptions({ name, concurrency, takeoverMs }: WorkerRequest) {
  return {
    name,
    concurrency,
    lockDuration: takeoverMs,
    stalledInterval: Math.ceil(takeoverMs / 2),
    maxStalledCount: NO_LIMIT,
    runRetryDelay: 1000,
    settings: {
      backoffStrategy: (attemptsMade: number, _type?: string, _error?: Error, job?: { readonly data: SliceJob }) =>
        pauseAfter(attemptsMade - (job?.data.failedBefore ?? 0)),
    },
  };
}

/** Take no more slices, wait for those that are begun, and hand back what takes too long. */
async function drain(worker: SliceWorker, giveBack: AbortController, drainMs: number): Promise<void> {
  const timer = setTimeout(() => giveBack.abort(new DOMException('The worker ends.', 'AbortError')), drainMs);
  try {
    // A queue that does not answer must not keep the process.
    const patience = sleep(drainMs + FORCE_MS, 'late', { ref: false });
    if ((await Promise.race([worker.close(), patience])) === 'late') letGo(worker);
  } finally {
    clearTimeout(timer);
  }
}

/** What BullMQ stops only after its server has answered. */
interface HeldTimers {
  readonly stalledCheckStopper?: (() => void) | undefined;
  readonly lockManager?: { close(): Promise<void> } | undefined;
}

/** Stop the timers of a worker whose closing waits for a queue that is gone: they would keep the process. */
function letGo(worker: SliceWorker): void {
  const { stalledCheckStopper, lockManager } = worker as unknown as HeldTimers;
  stalledCheckStopper?.();
  void lockManager?.close();
}

/** Wait for something that is good to have, but not for long: a queue that is gone never answers. */
async function soon(work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), sleep(SOON_MS, undefined, { ref: false })]);
}

async function tellOfWorker({ workers }: ClusterQueues, id: string, record: WorkerRecord): Promise<void> {
  const known = await workers.getJob(id);
  if (known === undefined) await workers.add('worker', record, { jobId: id });
  else await known.updateData(record);
}
