import { availableParallelism } from 'node:os';
import { createPartThreads, type PartThreads } from '@vecport/dataset';
import { assumedRowBytes, type ExportPlan } from './export-plan.js';
import type { WorkOptions } from './export-run.js';

/** What a thread costs, which loads and compiles the code anew, comes back with so many bytes of points. */
const WORTHWHILE_BYTES = 2 ** 27;

/** Do work with as many threads for parts as are wanted, or with none; they end with it. */
export async function withPartThreads<T>(
  { workers }: Pick<WorkOptions, 'workers'>,
  plan: ExportPlan,
  work: (threads: PartThreads | undefined) => Promise<T>,
): Promise<T> {
  const count = workers ?? (availableParallelism() > 1 && expectedBytes(plan) >= WORTHWHILE_BYTES ? 1 : 0);
  if (count === 0) return work(undefined);
  const threads = createPartThreads(count);
  try {
    return await work(threads);
  } finally {
    await threads.close();
  }
}

/** What the points of a plan take in memory, as far as they were counted. */
function expectedBytes({ collections }: ExportPlan): number {
  return collections.reduce((total, { description, units, selection }) => {
    const counted = units.reduce((sum, { expected = 0 }) => sum + expected, 0);
    const points = Math.min(counted, selection.limit ?? Number.POSITIVE_INFINITY, selection.ids?.count ?? counted);
    return total + points * assumedRowBytes(description);
  }, 0);
}
