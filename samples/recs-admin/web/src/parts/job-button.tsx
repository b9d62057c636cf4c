import { useRef, useState } from 'react';
import type { Jobs } from '../api/use-jobs.js';
import { JobCard } from './job-card.js';

/**
 * A button that starts a job, and the job under it: the one it has started, or one of its kind that somebody else has.
 * What the server refuses is shown in its words.
 */
export function JobButton({
  jobs,
  kind,
  path,
  body,
  disabled = false,
  children,
}: {
  readonly jobs: Jobs;
  readonly kind: string;
  readonly path: string;
  readonly body?: object;
  readonly disabled?: boolean;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const [id, setId] = useState<string>();
  const [problem, setProblem] = useState<string>();
  // Not a state: the second click of two comes before anything is drawn.
  const isStarting = useRef(false);
  const running = jobs.jobs?.find((one) => one.kind === kind && one.status === 'running');
  const job = running ?? jobs.jobs?.find((one) => one.id === id);
  const start = async (): Promise<void> => {
    if (isStarting.current) return;
    isStarting.current = true;
    setProblem(undefined);
    try {
      setId((await jobs.start(path, body)).id);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      isStarting.current = false;
    }
  };
  return (
    <>
      <button type="button" disabled={disabled || running !== undefined} onClick={() => void start()}>
        {children}
      </button>
      {problem !== undefined && <p role="alert">{problem}</p>}
      {job !== undefined && <JobCard job={job} onCancel={(one) => void jobs.cancel(one)} />}
    </>
  );
}
