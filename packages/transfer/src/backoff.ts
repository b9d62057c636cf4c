import { setTimeout as sleep } from 'node:timers/promises';
import { isVecportError } from '@vecport/abstractions';

/** Attempts after the first one when nobody says how many. */
const DEFAULT_RETRIES = 5;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** How often in a row a provider may say when to come again; that is not counted as an attempt. */
const MOST_ASKED_WAITS = 100;

/** A wait before something is tried again. */
export interface RetryNote {
  /** The error's sentence. */
  readonly reason: string;
  /** How many attempts have failed in a row, those that the provider gave a time for not counted. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** How often and how slowly something is tried again. */
export interface RetryPolicy {
  /** Attempts after the first one, in a row and without progress. 5 if not said; with 0 the first error is final. */
  readonly retries?: number | undefined;
  /** The longest first delay, 250 ms if not said; it doubles with each attempt, up to 30 s. */
  readonly firstDelayMs?: number | undefined;
  /** Told before each wait; must not throw. */
  readonly onRetry?: ((note: RetryNote) => void) | undefined;
}

/** Waits between the attempts of one piece of work that may be done again. */
export interface Backoff {
  /**
   * Wait before the next attempt: for a random part of a growing delay, or as long as the provider says.
   * @throws the error as it is when it is permanent or there were too many; the signal's reason when it is aborted.
   */
  wait(error: unknown, signal: AbortSignal | undefined): Promise<void>;
  /** There was progress: the next error is the first one again. */
  reset(): void;
}

/** A {@link Backoff} that has seen no error yet. */
export function createBackoff({
  retries = DEFAULT_RETRIES,
  firstDelayMs = FIRST_DELAY_MS,
  onRetry,
}: RetryPolicy): Backoff {
  let attempt = 0;
  let asked = 0;
  return {
    wait: async (error, signal) => {
      signal?.throwIfAborted();
      if (!isVecportError(error) || !error.retryable || retries === 0) throw error;
      if (error.retryAfterMs === undefined) attempt++;
      else asked++;
      if (attempt > retries || asked > MOST_ASKED_WAITS) throw error;
      const delayMs =
        error.retryAfterMs ?? Math.random() * Math.min(LONGEST_DELAY_MS, firstDelayMs * 2 ** (attempt - 1));
      onRetry?.({ reason: error.reason, attempt, delayMs: Math.round(delayMs) });
      await pause(delayMs, signal);
    },
    reset: () => {
      attempt = 0;
      asked = 0;
    },
  };
}

/** Do something that may be done twice, again when its error may go away by itself. The last error is thrown as it is. */
export async function retrying<T>(
  work: () => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<T> {
  const backoff = createBackoff(policy);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await backoff.wait(error, signal);
    }
  }
}

/** Wait, unless the signal is aborted; then its reason is thrown. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
