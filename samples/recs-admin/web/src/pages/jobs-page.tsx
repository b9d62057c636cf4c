import type { Jobs } from '../api/use-jobs.js';
import { JobCard } from '../parts/job-card.js';

/** What runs and what ran. */
export function JobsPage({ jobs }: { readonly jobs: Jobs }): React.JSX.Element {
  const list = jobs.jobs ?? [];
  return (
    <>
      <h1>Jobs</h1>
      {jobs.jobs !== undefined && list.length === 0 && (
        <p>Nothing has run yet. Start something under “Move vectors”.</p>
      )}
      {list.map((job) => (
        <JobCard key={job.id} job={job} onCancel={(id) => void jobs.cancel(id)} />
      ))}
    </>
  );
}
