import type { Storage } from '@vecport/storage';

/**
 * Do something while a lock is held. Where it fails, its error counts: the lock of a store that is out of reach cannot be
 * given back, and ends by itself.
 * @throws what `Storage.lock` throws, and what the work throws.
 */
export async function withLock<T>(
  storage: Storage,
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await storage.lock(path, { signal });
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await lock.release().catch(() => undefined);
    throw error;
  }
  await lock.release();
  return result;
}
