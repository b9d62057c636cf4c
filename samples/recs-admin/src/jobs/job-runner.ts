import { randomUUID } from 'node:crypto';
import { type JsonValue, VecportError } from '@vecport/abstractions';
import type { Logger } from 'pino';
import { problemOf } from '../http/problem.js';
import type { Job, JobKind, JobProgress } from './job.js';
import type { JobStore } from './job-store.js';

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
  /** Stop all jobs, which are `interrupted` then, and wait for them. */
  close(): Promise<void>;
}

interface Running {
  job: Job;
  readonly abort: AbortController;
  readonly ended: Promise<JobResult>;
  readonly watchers: Set<() => void>;
}

/** The jobs of an application. Those that an earlier process did not end are marked as interrupted. */
export function createJobRunner(store: JobStore, logger: Logger): JobRunner {
  const running = new Map<string, Running>();
  const closing = new Error('The application is shutting down.');
  store.interruptAll(new Date());

  const get = (id: string): Job => {
    const job = running.get(id)?.job ?? store.get(id);
    if (job === undefined) throw new VecportError('not-found', `There is no job '${id}'.`);
    return job;
  };

  return {
    get,
    list: (limit) => store.list(limit).map(({ id }) => get(id)),
    start: (kind, request, work) => {
      const other = [...running.values()].find(({ job }) => job.kind === kind);
      if (other !== undefined) throw alreadyRunning(other.job);
      const entry = begin(newJob(kind, request), { store, logger, closing }, work, () => running.delete(entry.job.id));
      running.set(entry.job.id, entry);
      return entry.job;
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
    watch: (id, signal) => watch(() => get(id), running.get(id)?.watchers, signal),
    close: async () => {
      const entries = [...running.values()];
      for (const { abort } of entries) abort.abort(closing);
      await Promise.allSettled(entries.map(async ({ ended }) => ended));
    },
  };
}

function newJob(kind: JobKind, request: JsonValue): Job {
  const startedAt = new Date().toISOString();
  return { id: randomUUID(), kind, status: 'running', request, progress: { done: 0 }, log: [], startedAt };
}

interface Surroundings {
  readonly store: JobStore;
  readonly logger: Logger;
  readonly closing: Error;
}

function begin(first: Job, { store, logger, closing }: Surroundings, work: JobWork, forget: () => void): Running {
  const abort = new AbortController();
  const watchers = new Set<() => void>();
  let savedAt = performance.now();
  const change = (part: Partial<Job>, save: boolean): void => {
    entry.job = { ...entry.job, ...part };
    if (save) {
      store.save(entry.job);
      savedAt = performance.now();
    }
    for (const wake of watchers) wake();
  };
  const context: JobContext = {
    signal: abort.signal,
    progress: (progress) => change({ progress }, performance.now() - savedAt > SAVE_EVERY_MS),
    log: (text) => {
      logger.info({ job: first.id }, text);
      const lines = [...entry.job.log, { at: new Date().toISOString(), text }];
      change({ log: lines.slice(-LOG_LINES) }, false);
    },
  };
  const run = async (): Promise<JobResult> => {
    try {
      const { message, result } = await work(context);
      end({ status: 'succeeded', message, result });
      return { message, result };
    } catch (error) {
      end(failureOf(error, abort.signal, closing));
      throw error;
    }
  };
  const end = (part: Partial<Job>): void => {
    forget();
    change({ ...part, endedAt: new Date().toISOString() }, true);
    logger.info({ job: first.id, kind: first.kind, status: part.status }, 'A job has ended');
  };
  store.save(first);
  // The work begins when the entry is in its place.
  const entry: Running = { job: first, abort, watchers, ended: Promise.resolve().then(run) };
  entry.ended.catch(() => {});
  return entry;
}

function failureOf(error: unknown, signal: AbortSignal, closing: Error): Partial<Job> {
  if (signal.aborted) return { status: signal.reason === closing ? 'interrupted' : 'cancelled' };
  const { detail, code } = problemOf(error);
  return { status: 'failed', error: { code, message: detail } };
}

async function* watch(
  now: () => Job,
  watchers: Set<() => void> | undefined,
  signal: AbortSignal,
): AsyncGenerator<Job, void, undefined> {
  let wake = (): void => {};
  let changed = false;
  const notify = (): void => {
    changed = true;
    wake();
  };
  watchers?.add(notify);
  signal.addEventListener('abort', notify);
  try {
    for (let job = now(); ; job = now()) {
      changed = false;
      yield job;
      if (job.status !== 'running') return;
      while (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (signal.aborted) return;
    }
  } finally {
    watchers?.delete(notify);
    signal.removeEventListener('abort', notify);
  }
}

function alreadyRunning({ id, kind }: Job): VecportError {
  return new VecportError('conflict', `A job of this kind (${kind}) is running already: ${id}.`, {
    advice: 'Wait for it to end, or cancel it.',
  });
}
