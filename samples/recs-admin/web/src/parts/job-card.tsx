import type { Job } from '../api/types.js';
import { bytesText, dateText, grouped, timeText } from './format.js';

const NAMES: Readonly<Record<string, string>> = {
  seed: 'Seed the vector store',
  'export-vectors': 'Export to the embedding cache',
  'export-dataset': 'Export to a dataset',
  import: 'Import a dataset',
  migrate: 'Move to another store',
};

/** A job with its progress, what came of it, and a way to stop it. */
export function JobCard({
  job,
  onCancel,
}: {
  readonly job: Job;
  readonly onCancel: (id: string) => void;
}): React.JSX.Element {
  const name = NAMES[job.kind] ?? job.kind;
  return (
    <article className={`card job ${job.status}`} aria-label={name} data-status={job.status}>
      <h3>
        {name} <span className="state">{job.status}</span>
      </h3>
      <p className="muted">
        Started {dateText(job.startedAt)}
        {requestText(job.request)}
      </p>
      {job.status === 'running' && <Progress job={job} name={name} />}
      {job.message !== undefined && <p role="status">{job.message}</p>}
      {job.error !== undefined && <p role="alert">{job.error.message}</p>}
      {job.status === 'interrupted' && <p>The application ended while it ran. Start it again; what was done stays.</p>}
      {job.status === 'running' && (
        <button type="button" onClick={() => onCancel(job.id)}>
          Cancel
        </button>
      )}
      {job.log.length > 0 && (
        <details>
          <summary>Log, {job.log.length} lines</summary>
          <ol className="log">
            {job.log.map(({ at, text }, number) => (
              <li key={`${at} ${number}`}>{text}</li>
            ))}
          </ol>
        </details>
      )}
    </article>
  );
}

function Progress({ job, name }: { readonly job: Job; readonly name: string }): React.JSX.Element {
  const { done, total, bytes, perSecond, etaMs } = job.progress;
  const facts = [
    total === undefined ? `${grouped(done)} done` : `${grouped(done)} of ${grouped(total)}`,
    ...(bytes === undefined ? [] : [bytesText(bytes)]),
    ...(perSecond === undefined || perSecond === 0 ? [] : [`${grouped(perSecond)} points/s`]),
    ...(etaMs === undefined ? [] : [`${timeText(etaMs)} left`]),
  ];
  return (
    <>
      <progress
        aria-label={`Progress of: ${name}`}
        value={total === undefined ? undefined : done}
        max={total || undefined}
      />
      <p>{facts.join(' · ')}</p>
    </>
  );
}

/** What was asked for, e.g. ` · to: lancedb:./copy · mode: create`. */
function requestText(request: unknown): string {
  const parts = typeof request === 'object' && request !== null ? Object.entries(request) : [];
  return parts.map(([name, value]) => ` · ${name}: ${String(value)}`).join('');
}
