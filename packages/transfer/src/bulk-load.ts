import type { IVectorSearchRepository } from '@vecport/abstractions';

/**
 * Do work that writes many points, with the collection's settings tuned for it where the provider has such, and put
 * back when the work ends in any way. When only putting back fails, that is the error.
 */
export async function withBulkLoad<T>(
  repository: IVectorSearchRepository,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const tuned = await repository.bulkLoad?.({ signal });
  if (tuned === undefined) return work();
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // What failed first is the error to report.
    await tuned.restore().catch(() => undefined);
    throw error;
  }
  await tuned.restore();
  return result;
}
