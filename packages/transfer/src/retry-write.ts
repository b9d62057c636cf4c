import { setTimeout as wait } from 'node:timers/promises';
import { isVecportError } from '@vecport/abstractions';

const ATTEMPTS = 6;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** How often a provider may say when to come again; that is not counted as an attempt. */
const MOST_ASKED_WAITS = 100;

/**
 * Do a write that may be done twice, again when its error may go away by itself: after a random part of a growing
 * delay, or when the provider says so. The last error is thrown as it is.
 */
export async function retryWrite<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  firstDelayMs: number = FIRST_DELAY_MS,
): Promise<T> {
  let attempts = 0;
  let asked = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isVecportError(error) || !error.retryable) throw error;
      if (error.retryAfterMs === undefined) attempts++;
      else asked++;
      if (attempts >= ATTEMPTS || asked > MOST_ASKED_WAITS) throw error;
      const delay = error.retryAfterMs ?? Math.random() * Math.min(LONGEST_DELAY_MS, firstDelayMs * 2 ** attempts);
      await wait(delay, undefined, { signal }).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
    }
  }
}
