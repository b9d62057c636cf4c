import { setTimeout as delay } from 'node:timers/promises';
import { isVecportError } from '@vecport/abstractions';
import { lanceCall } from './errors.js';

const ATTEMPTS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Run a write again when another writer was faster, after a short random pause. LanceDB itself
 * repeats most of them before it gives up. After five attempts the conflict is thrown.
 */
export async function retryConflicts<T>(write: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await lanceCall(write);
    } catch (error) {
      if (attempt === ATTEMPTS || !isVecportError(error) || error.code !== 'conflict') throw error;
      // The abort reason itself is thrown at the next attempt.
      await delay(Math.random() * LONGEST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
