import { setTimeout as wait } from 'node:timers/promises';
import { isVecportError } from '@vecport/abstractions';

/** How a read is tried again. */
export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  /** How often it is tried in all; 5 if not said. */
  readonly attempts?: number | undefined;
  /** Longest wait before the second try in milliseconds, doubled each time; 200 if not said. */
  readonly firstDelayMs?: number | undefined;
}

const LONGEST_MS = 30_000;
/** How often a server may say when to come again; that is not counted as a try. */
const MOST_ASKED_WAITS = 50;

/**
 * Do something that can be done twice, again when its error may go away by itself (`retryable`): after a
 * random part of a growing delay, or when the server says so. The last error is thrown as it is.
 */
export async function retryRead<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { signal, attempts = 5, firstDelayMs = 200 } = options;
  let tried = 0;
  let asked = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isVecportError(error) || !error.retryable) throw error;
      const told = error.retryAfterMs;
      if (told === undefined) tried++;
      else asked++;
      if (tried >= attempts || asked > MOST_ASKED_WAITS) throw error;
      const delay = told ?? Math.random() * Math.min(LONGEST_MS, firstDelayMs * 2 ** tried);
      await pause(delay, signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
