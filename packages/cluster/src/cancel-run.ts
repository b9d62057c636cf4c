import { VecportError } from '@vecport/abstractions';
import { answeringQueues } from './await-queues.js';
import { parseRun } from './run-record.js';

/**
 * Cancel a run: its workers stop within seconds, on whatever machine, and so does the process that started it. What is
 * committed is kept. Of a run that has ended already nothing changes.
 * @throws VecportError `not-found` when the queue knows no such run, `unavailable` when it does not answer soon.
 */
export async function cancelRun(url: string, run: string): Promise<{ readonly state: string }> {
  const queues = await answeringQueues(url);
  try {
    const job = await queues.runs.getJob(run);
    const record = parseRun(job?.data);
    if (job === undefined || record === undefined) {
      throw new VecportError('not-found', `The cluster knows no run '${run}'.`, {
        advice: 'See: vecport cluster status --cluster URL',
      });
    }
    if (record.state !== 'running') return { state: record.state };
    const endedAt = new Date().toISOString();
    await job.updateData({ ...record, state: 'cancelled', endedAt, reason: 'It was cancelled.' });
    for (const slice of await queues.slices.getJobs(['prioritized', 'wait', 'delayed'])) {
      if (slice?.data.run === run) await slice.remove().catch(() => undefined);
    }
    return { state: 'cancelled' };
  } finally {
    await queues.close();
  }
}
