import { pause } from './backoff.js';

/** Keeps the points that are read below a number a second, for all that read through it together. */
export interface RateLimiter {
  /**
   * Wait for a turn to read about so many points. Turns are given in the order they were asked for, so that a burst
   * is never longer than one page.
   * @throws the signal's reason when it is aborted; the turn is given back then.
   */
  turn(points: number, signal: AbortSignal | undefined): Promise<void>;
  /** So many points more (or fewer) came than a turn was asked for. */
  correct(points: number): void;
}

/** Time, for tests. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

const REAL_CLOCK: Clock = { now: () => performance.now(), sleep: pause };

/** A {@link RateLimiter} for a number of points a second. The first turn does not wait. */
export function createRateLimiter(pointsPerSecond: number, clock: Clock = REAL_CLOCK): RateLimiter {
  const costOf = (points: number): number => (points / pointsPerSecond) * 1000;
  let free = clock.now();
  return {
    turn: async (points, signal) => {
      signal?.throwIfAborted();
      const at = Math.max(clock.now(), free);
      free = at + costOf(points);
      const left = at - clock.now();
      if (left <= 0) return;
      try {
        await clock.sleep(left, signal);
      } catch (error) {
        free -= costOf(points);
        throw error;
      }
    },
    correct: (points) => {
      free += costOf(points);
    },
  };
}
