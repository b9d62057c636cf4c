import { useCallback, useEffect, useState } from 'react';
import { ask } from './ask.js';
import type { Job } from './types.js';

const LISTED = 30;
/** Before a lost server is asked again. */
const RETRY_MS = 2000;

/** The jobs of the server, kept up to date, whoever has started them. */
export interface Jobs {
  /** Latest first; `undefined` before the first answer. */
  readonly jobs: readonly Job[] | undefined;
  /** Why they are not up to date. */
  readonly problem: string | undefined;
  /** Start one: what the server refuses is thrown. */
  start(path: string, body?: object): Promise<Job>;
  /** What the server refuses is a `problem`. */
  cancel(id: string): Promise<void>;
}

/** Lists the jobs and follows all of them over one connection; when the server is gone, asks until it is back. */
export function useJobs(): Jobs {
  const [jobs, setJobs] = useState<readonly Job[]>();
  const [problem, setProblem] = useState<string>();

  const keep = useCallback((job: Job) => setJobs((known = []) => withJob(known, job)), []);

  useEffect(() => {
    let timer: number | undefined;
    let source: EventSource | undefined;
    let told: readonly Job[] = [];
    const list = async (): Promise<void> => {
      const { jobs: listed } = await ask<{ readonly jobs: readonly Job[] }>(`/admin/jobs?limit=${LISTED}`);
      // What was told meanwhile may be newer than the list; whatever is newer than both is told next.
      setJobs(told.reduce(withJob, listed));
      setProblem(undefined);
    };
    const tryAgain = (error: unknown): void => {
      setProblem(messageOf(error));
      source?.close();
      window.clearTimeout(timer);
      timer = window.setTimeout(connect, RETRY_MS);
    };
    const connect = (): void => {
      source?.close();
      told = [];
      source = new EventSource('/admin/jobs/events');
      source.addEventListener('job', (event: MessageEvent<string>) => {
        const job = JSON.parse(event.data) as Job;
        told = withJob(told, job);
        keep(job);
      });
      // What happened before it was open is in the list; what happens after comes by itself.
      source.addEventListener('open', () => void list().catch(tryAgain));
      source.addEventListener('error', () => void list().then(() => tryAgain(new Error(RECONNECTING)), tryAgain));
    };
    connect();
    return () => {
      window.clearTimeout(timer);
      source?.close();
    };
  }, [keep]);

  const start = useCallback(
    async (path: string, body?: object): Promise<Job> => {
      const job = await ask<Job>(path, { method: 'POST', ...(body && { body }) });
      keep(job);
      return job;
    },
    [keep],
  );
  const cancel = useCallback(
    async (id: string): Promise<void> => {
      try {
        keep(await ask<Job>(`/admin/jobs/${id}`, { method: 'DELETE' }));
      } catch (error) {
        setProblem(messageOf(error));
      }
    },
    [keep],
  );
  return { jobs, problem, start, cancel };
}

/** In the place of its earlier state, or before all others. */
function withJob(known: readonly Job[], job: Job): readonly Job[] {
  return known.some(({ id }) => id === job.id) ? known.map((one) => (one.id === job.id ? job : one)) : [job, ...known];
}

const RECONNECTING = 'The connection was lost; it is made anew.';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
