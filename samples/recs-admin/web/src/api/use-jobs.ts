import { useCallback, useEffect, useRef, useState } from 'react';
import { ask } from './ask.js';
import type { Job } from './types.js';

const LISTED = 30;
/** Before a lost server is asked again. */
const RETRY_MS = 2000;

/** The jobs of the server, those that run kept up to date. */
export interface Jobs {
  /** Latest first; `undefined` before the first answer. */
  readonly jobs: readonly Job[] | undefined;
  /** Why they are not up to date. */
  readonly problem: string | undefined;
  /** Start one: what the server refuses is thrown. */
  start(path: string, body?: object): Promise<Job>;
  cancel(id: string): Promise<void>;
}

/** Lists the jobs and follows those that run; when the server is gone, asks until it is back. */
export function useJobs(): Jobs {
  const [jobs, setJobs] = useState<readonly Job[]>();
  const [problem, setProblem] = useState<string>();
  const followed = useRef(new Map<string, EventSource>());
  const timer = useRef<number>(undefined);

  const keep = useCallback((job: Job) => {
    setJobs((known = []) =>
      known.some(({ id }) => id === job.id) ? known.map((one) => (one.id === job.id ? job : one)) : [job, ...known],
    );
  }, []);

  const refresh = useCallback(async () => {
    try {
      const { jobs: listed } = await ask<{ readonly jobs: readonly Job[] }>(`/admin/jobs?limit=${LISTED}`);
      setJobs(listed);
      setProblem(undefined);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => void refresh(), RETRY_MS);
    }
  }, []);

  const follow = useCallback(
    (id: string) => {
      if (followed.current.has(id)) return;
      const source = new EventSource(`/admin/jobs/${id}/events`);
      followed.current.set(id, source);
      const stop = (): void => {
        source.close();
        followed.current.delete(id);
      };
      source.addEventListener('job', (event: MessageEvent<string>) => {
        const job = JSON.parse(event.data) as Job;
        keep(job);
        if (job.status !== 'running') stop();
      });
      source.addEventListener('error', () => {
        stop();
        void refresh();
      });
    },
    [keep, refresh],
  );

  useEffect(() => {
    void refresh();
    const sources = followed.current;
    return () => {
      window.clearTimeout(timer.current);
      for (const source of sources.values()) source.close();
      sources.clear();
    };
  }, [refresh]);

  useEffect(() => {
    for (const { id, status } of jobs ?? []) if (status === 'running') follow(id);
  }, [jobs, follow]);

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
      keep(await ask<Job>(`/admin/jobs/${id}`, { method: 'DELETE' }));
    },
    [keep],
  );
  return { jobs, problem, start, cancel };
}
