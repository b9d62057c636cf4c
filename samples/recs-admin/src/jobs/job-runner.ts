import { randomUUID } from 'node:crypto';
import { type JsonValue, VecportError } from '@vecport/abstractions';
import type { Logger } from 'pino';
import { problemOf } from '../http/problem.js';
import type { Job, JobKind, JobProgress } from './job.js';
import type { JobStore } from './job-store.js';
import { type JobListener, watchJob, watchJobs } from './watch-jobs.js';

/** Lines of its log a job keeps. */
const LOG_LINES = 100;
/** Between two times progress is written to the store; those who watch see every step. */
const SAVE_EVERY_MS = 500;

/** What the work of a job is given. */
export interface JobContext {
  /** Aborted when the job is cancelled or the application shuts down. */
  readonly signal: AbortSignal;
  progress(progress: JobProgress): void;
  /** Add a line to the job's log and the application's. */
  log(text: string): void;
}

/** What a job did. */
export interface JobResult {
  /** One sentence. */
  readonly message: string;
  readonly result: JsonValue;
}

/** The work of a job. */
type JobWork = (context: JobContext) => Promise<JobResult>;

/** Runs jobs in the background of this process, one of a kind at a time. */
export interface JobRunner {
  /** @throws VecportError `conflict` while one of the kind is running. */
  start(kind: JobKind, request: JsonValue, work: JobWork): Job;
  /** @throws VecportError `not-found`. */
  get(id: string): Job;
  /** Latest first. */
  list(limit: number): readonly Job[];
  /** What the job did; rejects with the very error that ended it. @throws VecportError `not-found` unless it is running. */
  outcome(id: string): Promise<JobResult>;
  /** Stop a job; what it has done so far stays. Of one that has ended, nothing changes. Gives it once it has stopped. */
  cancel(id: string, reason?: Error): Promise<Job>;
  /** The job now, and after every change, until it has ended; a slow reader misses steps in between, never the last. */
  watch(id: string, signal: AbortSignal): AsyncIterable<Job>;
  /** Every job that changes from now on, one that begins included, until the signal is aborted; of fast changes the latest. */
  watchAll(signal: AbortSignal): AsyncIterable<Job>;
  /** Stop all jobs, which are `interrupted` then, and wait for them. */
  close(): Promise<void>;
}

interface Running {
  job: Job;
  readonly abort: AbortController;
  readonly ended: Promise<JobResult>;
}

/** The jobs of an application. Those that an earlier process did not end are marked as interrupted. */
export function createJobRunner(store: JobStore, logger: Logger): JobRunner {
  const running = new Map<string, Running>();
  const closing = new Error('The application is shutting down.');
  const memory = rememberedBy(store, logger);
  const listeners = new Set<JobListener>();
  store.interruptAll(new Date());

  const get = (id: string): Job => {
    const job = running.get(id)?.job ?? memory.get(id);
    if (job === undefined) throw new VecportError('not-found', `There is no job '${id}'.`);
    return job;
  };
  const surroundings: Surroundings = {
    logger,
    closing,
    save: memory.save,
    tell: (job) => {
      for (const listener of listeners) listener(job);
    },
    forget: (id) => void running.delete(id),
  };

  return {
    get,
    list: (limit) => store.list(limit).map(({ id }) => get(id)),
    start: (kind, request, work) => {
      const other = [...running.values()].find(({ job }) => job.kind === kind);
      if (other !== undefined) throw alreadyRunning(other.job);
      const first = newJob(kind, request);
      store.save(first);
      const entry = begin(first, surroundings, work);
      running.set(first.id, entry);
      surroundings.tell(first);
      return first;
    },
    outcome: async (id) => {
      const entry = running.get(id);
      if (entry === undefined) throw new VecportError('not-found', `The job '${id}' is not running.`);
      return entry.ended;
    },
    cancel: async (id, reason = new Error('The job was cancelled.')) => {
      const entry = running.get(id);
      if (entry === undefined) return get(id);
      entry.abort.abort(reason);
      await entry.ended.catch(() => {});
      return get(id);
    },
    watch: (id, signal) => watchJob({ listeners, get }, id, signal),
    watchAll: (signal) => watchJobs({ listeners, get }, signal),
    close: async () => {
      const entries = [...running.values()];
      for (const { abort } of entries) abort.abort(closing);
      await Promise.allSettled(entries.map(async ({ ended }) => ended));
    },
  };
}

/** The store; what it could not take, on a full disk, is remembered by this process alone: work does not end for it. */
function rememberedBy(store: JobStore, logger: Logger): Pick<JobStore, 'get' | 'save'> {
  const unsaved = new Map<string, Job>();
  return {
    get: (id) => unsaved.get(id) ?? store.get(id),
    save: (job) => {
      try {
        store.save(job);
        unsaved.delete(job.id);
      } catch (error) {
        unsaved.set(job.id, job);
        logger.error({ job: job.id, err: error }, 'The state of a job could not be saved');
      }
    },
  };
}

function newJob(kind: JobKind, request: JsonValue): Job {
  const startedAt = new Date().toISOString();
  return { id: randomUUID(), kind, status: 'running', request, progress: { done: 0 }, log: [], startedAt };
}

interface Surroundings {
  readonly logger: Logger;
  readonly closing: Error;
  /** Must not throw. */
  save(job: Job): void;
  tell(job: Job): void;
  forget(id: string): void;
}

function begin(first: Job, { save, tell, forget, logger, closing }: Surroundings, work: JobWork): Running {
  const { id, kind } = first;
  const abort = new AbortController();
  let savedAt = performance.now();
  const change = (part: Partial<Job>, isDue: boolean): void => {
    entry.job = { ...entry.job, ...part };
    if (isDue) {
      save(entry.job);
      savedAt = performance.now();
    }
    tell(entry.job);
  };
  const context: JobContext = {
    signal: abort.signal,
    progress: (progress) => change({ progress }, performance.now() - savedAt > SAVE_EVERY_MS),
    log: (text) => {
      logger.info({ job: id }, text);
      const lines = [...entry.job.log, { at: new Date().toISOString(), text }];
      change({ log: lines.slice(-LOG_LINES) }, false);
    },
  };
  const end = (part: Partial<Job>): void => {
    // In this order: who is told of the end finds it in the store, and may start the next one.
    entry.job = { ...entry.job, ...part, endedAt: new Date().toISOString() };
    save(entry.job);
    forget(id);
    tell(entry.job);
    logger.info({ job: id, kind, status: part.status }, 'A job has ended');
  };
  const run = async (): Promise<JobResult> => {
    try {
      abort.signal.throwIfAborted();
      const { message, result } = await work(context);
      end({ status: 'succeeded', message, result });
      return { message, result };
    } catch (error) {
      const part = failureOf(error, abort.signal, closing);
      if (part.status === 'failed') logger.error({ job: id, kind, err: error }, 'A job has failed');
      end(part);
      throw error;
    }
  };
  // The work begins when the entry is in its place.
  const entry: Running = { job: first, abort, ended: Promise.resolve().then(run) };
  entry.ended.catch(() => {});
  return entry;
}

function failureOf(error: unknown, signal: AbortSignal, closing: Error): Partial<Job> {
  if (signal.aborted) return { status: signal.reason === closing ? 'interrupted' : 'cancelled' };
  const { detail, code } = problemOf(error);
  return { status: 'failed', error: { code, message: detail } };
}

function alreadyRunning({ id, kind }: Job): VecportError {
  return new VecportError('conflict', `A job of this kind (${kind}) is running already: ${id}.`, {
    advice: 'Wait for it to end, or cancel it.',
  });
}
