import { stringifyJson } from '@vecport/abstractions';
import type { Clock } from '../clock.js';
import type { ServiceMetrics } from '../metrics.js';
import { ProblemError } from '../problems/problem-error.js';
import { jobFailure } from '../problems/problem-of.js';
import { isFinal, type JobKey, type JobRecord, keyOf, keyText } from '../state/job-record.js';
import type { JobTable } from '../state/job-table.js';
import { createJobFeed, type JobFeed } from './job-feed.js';
import { afterEvent, endedWith, exportedWith, type FileBytes, importedWith, startedClasses } from './job-progress.js';
import type { JobRunner, RunContext, RunEvent } from './job-runner.js';
import { objectsDone, statusOf } from './job-status.js';
import { createRateMeter, type RateMeter } from './rate-meter.js';
import { taskKey } from './task-key.js';

/** What a manager works with. */
export interface ManagerParts {
  readonly jobs: JobTable;
  readonly runner: JobRunner;
  readonly clock: Clock;
  readonly metrics: ServiceMetrics;
  /** Jobs that run at the same time. */
  readonly concurrency: number;
  /** Jobs that may wait. */
  readonly maxQueued: number;
  /** How often a job is begun that its process does not survive. */
  readonly maxAttempts: number;
  /** Told of what is unexpected. */
  readonly onError: (error: unknown, key: JobKey) => void;
  /** Told of each job that has a final status. */
  readonly onEnd: (record: JobRecord) => void;
}

/** A job as it is now. */
export interface LiveJob {
  readonly record: JobRecord;
  /** Objects a second; of one that runs. */
  readonly rate?: number | undefined;
  /** Its events; of one that has no final status. */
  readonly feed?: JobFeed | undefined;
  /** Its status as JSON; written anew only when it has changed. */
  text(): string;
}

/** Runs jobs, a few at a time, and remembers what becomes of them. */
export interface JobManager {
  get(key: JobKey): LiveJob | undefined;
  /** Whether a job is waiting, running or being stopped. */
  isActive(key: JobKey): boolean;
  /** Remember a job and run it as soon as there is room. @throws ProblemError `busy`, `shutting-down`. */
  start(record: JobRecord): JobRecord;
  /** Stop a job and remove the unfinished files of an export. Resolves when that is done. */
  cancel(key: JobKey): Promise<JobRecord>;
  /** Go on with the jobs an earlier process left, and give up those that it was begun too often. */
  recover(): void;
  /** Stop all jobs where they can be gone on with, and begin none. */
  close(): Promise<void>;
}

interface Job {
  record: JobRecord;
  readonly feed: JobFeed;
  readonly stop: AbortController;
  readonly meter: RateMeter;
  readonly files: Map<string, FileBytes>;
  /** Of an export: the run has begun to write. */
  planned: boolean;
  publishedAt: number;
  savedAt: number;
  /** Its status as JSON, with what it was made of. */
  text?: { readonly record: JobRecord; readonly rate: number | undefined; readonly json: string } | undefined;
  /** Set while a progress event waits to be sent. */
  later?: (() => void) | undefined;
  done: Promise<void>;
}

/** Milliseconds between two events of progress, and between two times it is remembered. */
const PUBLISH_EVERY_MS = 500;
const SAVE_EVERY_MS = 1000;

const SHUTDOWN = new DOMException('The service is shutting down.', 'AbortError');
const CANCELED = new DOMException('The job was canceled.', 'AbortError');

/** A manager of the jobs in a table. */
export function createJobManager(parts: ManagerParts): JobManager {
  const { jobs, clock, metrics } = parts;
  const active = new Map<string, Job>();
  const queue: Job[] = [];
  let running = 0;
  let closing = false;

  const pump = (): void => {
    while (!closing && running < parts.concurrency) {
      const job = queue.shift();
      if (job === undefined) return;
      running++;
      job.done = runJob(parts, job).finally(() => {
        running--;
        active.delete(keyText(keyOf(job.record)));
        if (isFinal(job.record.status)) parts.onEnd(job.record);
        pump();
      });
    }
  };
  const enqueue = (record: JobRecord): void => {
    const job = newJob(record, clock);
    active.set(keyText(keyOf(record)), job);
    queue.push(job);
    pump();
  };
  return {
    get: (key) => {
      const job = active.get(keyText(key));
      if (job !== undefined) {
        return { record: job.record, rate: job.meter.perSecond(), feed: job.feed, text: () => textOf(job) };
      }
      const record = jobs.get(key);
      return record === undefined ? undefined : { record, text: () => stringifyJson(statusOf(record)) };
    },
    isActive: (key) => active.has(keyText(key)),
    start: (record) => {
      if (closing) throw new ProblemError('shutting-down', 'The service is shutting down.', { retryAfter: 10 });
      if (queue.length >= parts.maxQueued) {
        throw new ProblemError('busy', 'Too many jobs are waiting.', { retryAfter: 30 });
      }
      const started = startedClasses(record);
      putOrRefuse(jobs, started);
      metrics.started(started);
      enqueue(started);
      return started;
    },
    cancel: async (key) => {
      const job = active.get(keyText(key));
      if (job === undefined) throw notRunning();
      const waiting = queue.indexOf(job);
      job.record = endedWith(job.record, 'CANCELED', clock.now());
      remember(parts, job.record);
      job.stop.abort(CANCELED);
      if (waiting < 0) {
        await job.done;
        return job.record;
      }
      queue.splice(waiting, 1);
      active.delete(keyText(key));
      finish(parts, job);
      parts.onEnd(job.record);
      return job.record;
    },
    recover: () => {
      for (const record of jobs.unfinished()) {
        if (record.attempts < parts.maxAttempts) enqueue(record);
        else giveUp(parts, record);
      }
    },
    close: async () => {
      closing = true;
      for (const job of active.values()) job.stop.abort(SHUTDOWN);
      await Promise.all([...active.values()].map(async ({ done }) => done));
    },
  };
}

function newJob(record: JobRecord, clock: Clock): Job {
  return {
    record,
    feed: createJobFeed(clock.now().toString(36)),
    stop: new AbortController(),
    meter: createRateMeter(clock.now),
    files: new Map(),
    planned: record.attempts > 0,
    publishedAt: 0,
    savedAt: 0,
    done: Promise.resolve(),
  };
}

/** Never rejects. */
async function runJob(parts: ManagerParts, job: Job): Promise<void> {
  const { clock } = parts;
  job.record = { ...job.record, attempts: job.record.attempts + 1 };
  remember(parts, job.record);
  publish(job, 'status', clock);
  try {
    const ended = await runTask(parts, job);
    if (!isFinal(job.record.status)) job.record = ended;
  } catch (error) {
    if (job.stop.signal.reason === SHUTDOWN) {
      // An orderly end is not the job's fault.
      remember(parts, { ...job.record, attempts: job.record.attempts - 1 });
      return;
    }
    if (!isFinal(job.record.status)) {
      job.record = endedWith(job.record, 'FAILED', clock.now(), jobFailure(error));
      parts.onError(error, keyOf(job.record));
    }
  }
  await finishRun(parts, job);
}

async function finishRun(parts: ManagerParts, job: Job): Promise<void> {
  const { kind, status, address } = job.record;
  try {
    if (status === 'CANCELED' && kind === 'export' && job.planned) await parts.runner.removeDataset(address);
  } catch (error) {
    job.record = { ...job.record, warnings: ['Its unfinished files could not be removed.'] };
    parts.onError(error, keyOf(job.record));
  }
  finish(parts, job);
}

function finish(parts: ManagerParts, job: Job): void {
  const { clock, metrics } = parts;
  remember(parts, job.record);
  metrics.ended(job.record);
  publish(job, 'end', clock);
}

async function runTask(parts: ManagerParts, job: Job): Promise<JobRecord> {
  const { runner, clock } = parts;
  const { record } = job;
  const { address, store, classes } = record;
  const context: RunContext = { signal: job.stop.signal, onEvent: (event) => hear(parts, job, event) };
  if (record.kind === 'export') {
    const outcome = await runner.runExport({ address, store, classes, request: record.request }, context);
    return job.record.kind === 'export' ? exportedWith(job.record, outcome, clock.now()) : job.record;
  }
  const key = taskKey(record);
  const outcome = await runner.runImport({ address, store, classes, request: record.request, key }, context);
  return job.record.kind === 'import' ? importedWith(job.record, outcome, clock.now()) : job.record;
}

function hear(parts: ManagerParts, job: Job, event: RunEvent): void {
  const { jobs, clock } = parts;
  if (isFinal(job.record.status)) return;
  if (event.type === 'plan') job.planned = true;
  const before = job.record.status;
  job.record = afterEvent(job.record, event, job.files);
  if (event.type === 'progress') job.meter.add(objectsDone(job.record));
  const now = clock.now();
  if (job.record.status !== before || Math.abs(now - job.savedAt) >= SAVE_EVERY_MS) {
    job.savedAt = now;
    // A disk that is busy with the files of jobs would keep all answers waiting; a job that is resumed counts anew.
    remember(parts, job.record, jobs.note);
  }
  if (job.record.status === before) publishLater(job, clock);
  else publish(job, 'status', clock);
}

/**
 * A job that runs goes on also when that cannot be remembered, as on a full disk: at worst the next service looks at it
 * again and finds it done.
 */
function remember({ jobs, onError }: ManagerParts, record: JobRecord, put = jobs.put): void {
  try {
    put(record);
  } catch (error) {
    onError(error, keyOf(record));
  }
}

/** @throws ProblemError `busy` when it cannot be remembered: then it is not begun either. */
function putOrRefuse(jobs: JobTable, record: JobRecord): void {
  try {
    jobs.put(record);
  } catch (cause) {
    throw new ProblemError('busy', 'The service cannot write down that there is a job; its disk may be full.', {
      retryAfter: 60,
      cause,
    });
  }
}

function giveUp(parts: ManagerParts, record: JobRecord): void {
  const reason = `The service ended ${record.attempts} times while it worked on it.`;
  const failed = endedWith(record, 'FAILED', parts.clock.now(), reason);
  remember(parts, failed);
  parts.metrics.ended(failed);
  parts.onEnd(failed);
}

function publishLater(job: Job, clock: Clock): void {
  if (job.later !== undefined) return;
  const wait = job.publishedAt + PUBLISH_EVERY_MS - clock.now();
  // One that is longer than it can be: the clock was set back.
  if (wait <= 0 || wait > PUBLISH_EVERY_MS) publish(job, 'progress', clock);
  else job.later = clock.after(wait, () => publish(job, 'progress', clock));
}

function publish(job: Job, type: 'status' | 'progress' | 'end', clock: Clock): void {
  job.later?.();
  job.later = undefined;
  job.publishedAt = clock.now();
  job.feed.publish(type, textOf(job));
}

function textOf(job: Job): string {
  const { record, meter } = job;
  const rate = meter.perSecond();
  if (job.text?.record !== record || job.text.rate !== rate) {
    job.text = { record, rate, json: stringifyJson(statusOf(record, rate)) };
  }
  return job.text.json;
}

function notRunning(): ProblemError {
  return new ProblemError('not-running', 'It is not running: there is nothing to cancel.');
}
