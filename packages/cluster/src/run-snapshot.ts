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
  /** Why it is given up. */
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

function seenOf(
  { data, progress, returnvalue, failedReason }: SliceTask,
  state: SliceSeen['state'],
): SliceSeen | undefined {
  const slice = parseSlice(data);
  if (slice === undefined) return undefined;
  const told = isProgress(progress) && progress.turn === slice.turns ? progress : undefined;
  if (state === 'done') {
    const { points, bytes, turns, waits, queueMs } = returnvalue ?? { ...slice, points: slice.rows };
    return { state, slice: { ...slice, turns, waits, queueMs }, points, bytes };
  }
  const sums = { points: Math.max(slice.rows, told?.points ?? 0), bytes: Math.max(slice.bytes, told?.bytes ?? 0) };
  if (state === 'active') return { state, slice, ...sums, worker: told?.worker };
  if (state === 'failed') return { state, slice, points: slice.rows, bytes: slice.bytes, reason: failedReason };
  return { state, slice, points: slice.rows, bytes: slice.bytes };
}

function isProgress(value: unknown): value is SliceProgress {
  return typeof value === 'object' && value !== null && 'turn' in value && 'points' in value;
}
