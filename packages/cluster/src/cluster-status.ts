import { answeringQueues } from './await-queues.js';
import type { ClusterQueues } from './open-queues.js';
import { parseRun, type RunRecord, type WorkerRecord } from './run-record.js';
import { readSlices, type SliceSeen } from './run-snapshot.js';

/** Milliseconds of silence after which a worker counts as gone. */
const SILENT_MS = 10_000;
/** Milliseconds after which one that is gone is forgotten. */
const FORGOTTEN_MS = 3600_000;

/** A run as it is seen from outside. */
export interface RunStatus {
  readonly run: string;
  readonly kind: string;
  readonly state: RunRecord['state'];
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  readonly reason?: string | undefined;
  /** Slices by what becomes of them; `quarantined` were given up. Of a run that is done, all are. */
  readonly slices: {
    readonly total: number;
    readonly waiting: number;
    readonly active: number;
    readonly done: number;
    readonly quarantined: number;
  };
  readonly points: number;
  readonly bytes: number;
  /** Of the workers that are at it now; of a run that is done, from its begin to its end. */
  readonly pointsPerSecond: number;
  readonly turns: number;
  /** What it cost on average to go from one turn to the next where work was waiting; 0 when that did not happen. */
  readonly queueMs: number;
  /** Slices that were given up, each with its error. */
  readonly failures: readonly { readonly collection: string; readonly slice: number; readonly reason: string }[];
}

/** What a cluster does. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly at: string;
  /** Those that were heard of in the last seconds. */
  readonly workers: readonly WorkerRecord[];
  /** Jobs by state, for each queue. */
  readonly queues: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The newest first. */
  readonly runs: readonly RunStatus[];
}

/** What the cluster at a URL does. @throws VecportError `unavailable` when its server does not answer soon. */
export async function clusterStatus(url: string): Promise<ClusterStatus> {
  const queues = await answeringQueues(url);
  try {
    return await statusOf(queues);
  } finally {
    await queues.close();
  }
}

/** The same of queues that are open. */
async function statusOf(queues: ClusterQueues): Promise<ClusterStatus> {
  const [workers, slices, jobs, counts] = await Promise.all([
    liveWorkers(queues),
    readSlices(queues),
    queues.runs.getJobs(['wait', 'waiting-children', 'completed', 'failed', 'delayed', 'active']),
    queues.slices.getJobCounts(),
  ]);
  const bySlice = Map.groupBy(slices, ({ slice }) => slice.run);
  const runs = jobs.flatMap((job) => {
    const record = parseRun(job?.data);
    const run = job?.id;
    return record === undefined || run === undefined ? [] : [runStatus(run, record, bySlice.get(run) ?? [], workers)];
  });
  return {
    cluster: queues.shown,
    at: new Date().toISOString(),
    workers,
    queues: { slices: counts },
    runs: runs.toSorted((left, right) => right.startedAt.localeCompare(left.startedAt)),
  };
}

/** A run, from its record and what the queue has of its slices. */
export function runStatus(
  run: string,
  record: RunRecord,
  seen: readonly SliceSeen[],
  workers: readonly WorkerRecord[],
): RunStatus {
  const { state, work, from, to, startedAt, endedAt, reason, result, slices: total } = record;
  const count = (wanted: SliceSeen['state']): number => seen.filter((one) => one.state === wanted).length;
  const sum = (numberOf: (one: SliceSeen) => number): number => seen.reduce((all, one) => all + numberOf(one), 0);
  const counts = { waiting: count('waiting'), active: count('active'), quarantined: count('failed') };
  const left = counts.waiting + counts.active + counts.quarantined;
  const waits = result?.waits ?? sum(({ slice }) => slice.waits);
  const queueMs = result?.queueMs ?? sum(({ slice }) => slice.queueMs);
  return {
    ...{ run, kind: work.kind, state, from, to, startedAt, endedAt, reason },
    slices: { total, ...counts, done: state === 'running' || state === 'done' ? total - left : count('done') },
    points: result?.points ?? sum(({ points }) => points),
    bytes: result?.bytes ?? sum(({ bytes }) => bytes),
    pointsPerSecond: rateOf(run, record, workers),
    turns: result?.turns ?? sum(({ slice }) => slice.turns),
    queueMs: waits === 0 ? 0 : Math.round((queueMs / waits) * 10) / 10,
    failures: seen.flatMap((one) =>
      one.state === 'failed'
        ? [{ collection: one.slice.name, slice: one.slice.slice, reason: one.reason ?? 'unknown' }]
        : [],
    ),
  };
}

function rateOf(run: string, { state, result }: RunRecord, workers: readonly WorkerRecord[]): number {
  if (result !== undefined) return Math.round((result.points / Math.max(1, result.milliseconds)) * 1000);
  if (state !== 'running') return 0;
  const atIt = workers.filter(({ active }) => active.some((what) => what.startsWith(`${run} `)));
  return atIt.reduce((sum, { pointsPerSecond }) => sum + pointsPerSecond, 0);
}

/** The workers that were heard of in the last seconds; those that have long been gone are forgotten. */
export async function liveWorkers({ workers }: Pick<ClusterQueues, 'workers'>): Promise<readonly WorkerRecord[]> {
  const jobs = (await workers.getJobs(['wait', 'prioritized'])).filter((job) => job !== undefined && job !== null);
  const now = Date.now();
  for (const { id, data } of jobs) {
    if (id !== undefined && now - data.seenAt > FORGOTTEN_MS) await workers.remove(id);
  }
  return jobs
    .map(({ data }) => data)
    .filter(({ seenAt }) => now - seenAt <= SILENT_MS)
    .toSorted((left, right) => left.name.localeCompare(right.name));
}
