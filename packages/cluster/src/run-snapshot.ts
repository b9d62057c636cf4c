import type { Job } from 'bullmq';
import type { ClusterQueues } from './open-queues.js';
import { parseSlice, type SliceJob, type SliceProgress, type SliceResult } from './run-record.js';

/** What the queue says of a slice. */
export interface SliceSeen {
  readonly state: 'waiting' | 'active' | 'done' | 'failed';
  readonly slice: SliceJob;
  /** Points that are durable or being read, and bytes. */
  readonly points: number;
  readonly bytes: number;
  /** The worker that has it. */
  readonly worker?: string | undefined;
  /** Turns that failed, over its life. */
  readonly failures: number;
  /** Why it is given up, or why its last turn failed. */
  readonly reason?: string | undefined;
}

const STATES = {
  waiting: ['prioritized', 'wait', 'delayed'],
  active: ['active'],
  done: ['completed'],
  failed: ['failed'],
} as const;

type SliceTask = Job<SliceJob, SliceResult, string, SliceProgress>;

/** All slices in the queue, of all runs; a slice that moves while it is looked at is there at least once. */
export async function readSlices({ slices }: Pick<ClusterQueues, 'slices'>): Promise<readonly SliceSeen[]> {
  const seen = new Map<string, SliceSeen>();
  // In the order in which slices move, so that the later state is the one that stays.
  for (const state of ['waiting', 'active', 'failed', 'done'] as const) {
    for (const job of await slices.getJobs([...STATES[state]])) {
      const one = job === undefined || job === null ? undefined : seenOf(job as unknown as SliceTask, state);
      if (one !== undefined) seen.set(job.id ?? '', one);
    }
  }
  return [...seen.values()];
}

function seenOf(job: SliceTask, state: SliceSeen['state']): SliceSeen | undefined {
  const { data, progress, returnvalue, failedReason: reason, attemptsMade } = job;
  const slice = parseSlice(data);
  if (slice === undefined) return undefined;
  if (state === 'done') {
    const { points, bytes, turns, waits, queueMs } = returnvalue ?? { ...slice, points: slice.rows };
    return { state, slice: { ...slice, turns, waits, queueMs, rows: points }, points, bytes, failures: 0 };
  }
  const seen = { state, slice, points: slice.rows, bytes: slice.bytes, failures: attemptsMade, reason };
  const told = isProgress(progress) && progress.turn === slice.turns ? progress : undefined;
  if (state !== 'active' || told === undefined) return seen;
  const { points, bytes, worker } = told;
  return { ...seen, points: Math.max(seen.points, points), bytes: Math.max(seen.bytes, bytes), worker };
}

function isProgress(value: unknown): value is SliceProgress {
  return typeof value === 'object' && value !== null && 'turn' in value && 'points' in value;
}
