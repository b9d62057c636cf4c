import type { Job } from './job.js';

/** Told that a job has changed. */
export type JobListener = (job: Job) => void;

/** Where to hear of changes. */
export interface JobChanges {
  readonly listeners: Set<JobListener>;
  /** The job as it is now. */
  get(id: string): Job;
}

/** The job now, and after every change, until it has ended; a slow reader misses steps in between, never the last. */
export async function* watchJob(
  { listeners, get }: JobChanges,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Job, void, undefined> {
  const changed = changesOf(listeners, signal, (job) => job.id === id);
  try {
    for (let job = get(id); ; job = get(id)) {
      changed.taken();
      yield job;
      if (job.status !== 'running') return;
      if (!(await changed.next())) return;
    }
  } finally {
    changed.stop();
  }
}

/** Every job that changes, as it is then; of one that changes faster than they are read, the latest state. */
export async function* watchJobs(
  { listeners, get }: JobChanges,
  signal: AbortSignal,
): AsyncGenerator<Job, void, undefined> {
  const changed = changesOf(listeners, signal, () => true);
  try {
    while (await changed.next()) {
      for (const id of changed.taken()) yield get(id);
    }
  } finally {
    changed.stop();
  }
}

interface Changes {
  /** False when the signal was aborted; true as soon as something has changed that was not taken. */
  next(): Promise<boolean>;
  /** Ids of what has changed since this was called before. */
  taken(): readonly string[];
  stop(): void;
}

function changesOf(listeners: Set<JobListener>, signal: AbortSignal, isWanted: (job: Job) => boolean): Changes {
  const ids = new Set<string>();
  let wake = (): void => {};
  const onAbort = (): void => wake();
  const onChange = (job: Job): void => {
    if (!isWanted(job)) return;
    ids.add(job.id);
    wake();
  };
  listeners.add(onChange);
  signal.addEventListener('abort', onAbort);
  return {
    next: async () => {
      while (ids.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return !signal.aborted;
    },
    taken: () => {
      const taken = [...ids];
      ids.clear();
      return taken;
    },
    stop: () => {
      listeners.delete(onChange);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
