import type { JobKind } from '../jobs/job.js';
import type { JobRunner } from '../jobs/job-runner.js';

/** Jobs that are looked through. */
const LOOKED_AT = 50;

/** Points a second of the last job of a kind that has succeeded, from its start to its end; `undefined` where there was none. */
export function rateOfLast(kind: JobKind, jobs: Pick<JobRunner, 'list'>): number | undefined {
  const last = jobs.list(LOOKED_AT).find((job) => job.kind === kind && job.status === 'succeeded');
  if (last?.endedAt === undefined) return undefined;
  const seconds = (Date.parse(last.endedAt) - Date.parse(last.startedAt)) / 1000;
  const { total = last.progress.done } = last.progress;
  return seconds > 0 && total > 0 ? total / seconds : undefined;
}
