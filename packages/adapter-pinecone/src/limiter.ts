import { setTimeout as wait } from 'node:timers/promises';

/** Resolves when the next request may start. @throws the abort reason. */
export type Limiter = (signal: AbortSignal | undefined) => Promise<void>;

/**
 * At most `perSecond` starts a second on average, and as many at once after a pause. Without a number nobody waits.
 */
export function createLimiter(perSecond: number | undefined): Limiter {
  if (perSecond === undefined) {
    return async (signal) => {
      signal?.throwIfAborted();
    };
  }
  const interval = 1000 / perSecond;
  // When the next start would be if starts were evenly spaced; a pause earns one second of them, or one.
  const most = Math.max(1000, interval);
  let next = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    signal?.throwIfAborted();
    const now = performance.now();
    next = Math.max(next, now - most) + interval;
    const delay = next - now;
    if (delay <= 0) return;
    try {
      await wait(delay, undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  };
}
