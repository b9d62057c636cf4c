import { useState } from 'react';
import type { Job } from '../api/types.js';
import type { Jobs } from '../api/use-jobs.js';
import { JobCard } from './job-card.js';

/** A button that starts a job, and the job under it. What the server refuses is shown in its words. */
export function JobButton({
  jobs,
  path,
  body,
  children,
  onStarted,
}: {
  readonly jobs: Jobs;
  readonly path: string;
  readonly body?: object;
  readonly children: React.ReactNode;
  readonly onStarted?: (job: Job) => void;
}): React.JSX.Element {
  const [id, setId] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const job = jobs.jobs?.find((one) => one.id === id);
  const start = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const started = await jobs.start(path, body);
      setId(started.id);
      onStarted?.(started);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button type="button" disabled={job?.status === 'running'} onClick={() => void start()}>
        {children}
      </button>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {job !== undefined && <JobCard job={job} onCancel={(one) => void jobs.cancel(one)} />}
    </>
  );
}
