import { setTimeout as sleep } from 'node:timers/promises';
import { isVecportError } from '@vecport/abstractions';
import { isStorageError } from '../problems/is-storage-error.js';

/** How long somebody who holds a lock is waited for, and between two looks, in milliseconds. */
const LOCKED_MS = 10_000;
const LOOK_EVERY_MS = 250;

/**
 * Do something that takes the lock of a dataset; again, for ten seconds, while somebody else holds it: a service that died
 * may have left a job that is about to end. @throws what the work throws; the signal's reason.
 */
export async function whenUnlocked<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + LOCKED_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      const locked = isVecportError(error) && error.code === 'conflict' && isStorageError(error.cause);
      if (!locked || performance.now() >= until) throw error;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
