import type { DispatchedWork } from '@vecport/transfer';
import type { JobsOptions } from 'bullmq';
import { firstTurn, turnPriority } from './fair-turns.js';
import type { ClusterQueues } from './open-queues.js';
import { type ClusterWork, parseRun, type RunRecord, type SliceJob } from './run-record.js';

/** Milliseconds after which a run that has ended is forgotten. */
const KEPT_MS = 24 * 3600 * 1000;
/** Attempts are counted by turns; this number is never reached. */
const NO_LIMIT = 1_000_000;

/**
 * Put slices of a run into the queue, below the job of the run, which is made if it is not there. Slices that are in the
 * queue stay as they are.
 */
export async function sliceJobs(
  queues: ClusterQueues,
  record: RunRecord,
  { run, slices }: DispatchedWork,
  wanted: readonly number[],
): Promise<void> {
  if (wanted.length === 0) return;
  const { slices: queue, runs, flow } = queues;
  const waiting = await queue.getJobs(['prioritized', 'active'], 0, 1000);
  const base = firstTurn(waiting.map((job) => job?.opts.priority ?? 0));
  const jobs = wanted.flatMap((at) => {
    const place = slices[at];
    if (place === undefined) return [];
    const { collection, unit, slice, name, points } = place;
    const counts = { turns: 0, rows: 0, bytes: 0, failedBefore: 0, stalledBefore: 0, waits: 0, queueMs: 0 };
    const data: SliceJob = { run, collection, unit, slice, name, points, at, base, ...counts, queuedAt: Date.now() };
    const opts: JobsOptions = {
      jobId: `${run}-${at}`,
      priority: turnPriority({ base, at, slices: slices.length, turns: 0 }),
      attempts: NO_LIMIT,
      backoff: { type: 'turns' },
      // A slice that is given up does not keep the run from ending.
      ignoreDependencyOnFailure: true,
    };
    return [{ name: `${record.work.kind} ${name}`, queueName: queue.name, data, opts }];
  });
  if ((await runs.getJob(run)) === undefined) {
    await flow.add({
      name: record.work.kind,
      queueName: runs.name,
      data: record,
      opts: { jobId: run },
      children: jobs,
    });
    return;
  }
  for (const { name, data, opts } of jobs) {
    // One that was finished without its slice being done would keep its place.
    await (await queue.getJob(opts.jobId ?? ''))?.remove();
    await queue.add(name, data, { ...opts, parent: { id: run, queue: runs.qualifiedName } });
  }
}

/** The folder that says how far work is: there can be one run in it. */
function placeOf(work: ClusterWork): string {
  return work.kind === 'export' ? work.dataset : work.state;
}

/** Forget runs that ended long ago, and end those that wrote to the same place: a new one goes on with them. */
export async function forgetOldRuns({ runs, slices }: ClusterQueues, work: ClusterWork): Promise<void> {
  const gone = new Set<string>();
  for (const job of await runs.getJobs(['wait', 'waiting-children', 'completed', 'failed', 'delayed'])) {
    const record = parseRun(job?.data);
    if (job?.id === undefined || record === undefined) continue;
    const old = record.endedAt !== undefined && Date.now() - Date.parse(record.endedAt) > KEPT_MS;
    if (!old && placeOf(record.work) !== placeOf(work)) continue;
    gone.add(job.id);
  }
  for (const run of gone) {
    const job = await runs.getJob(run);
    const record = parseRun(job?.data);
    if (record?.state === 'running')
      await job?.updateData({ ...record, state: 'cancelled', reason: 'Another run goes on.' });
  }
  for (const job of await slices.getJobs(['prioritized', 'wait', 'delayed', 'completed', 'failed'])) {
    if (job !== undefined && gone.has(job.data.run)) await job.remove().catch(() => undefined);
  }
  for (const run of gone) await runs.remove(run, { removeChildren: false }).catch(() => undefined);
}
