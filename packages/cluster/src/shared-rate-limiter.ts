import { setTimeout as sleep } from 'node:timers/promises';
import { raceSignal } from '@vecport/abstractions';
import type { RateLimiter } from '@vecport/transfer';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';

/** Into so many pieces the points of a second are cut, so that one that comes too late wastes little of the second. */
const PIECES = 20;

/**
 * A limiter of points a second that all share who use the same key, on whatever machine. Points that came beyond what a
 * turn was asked for are made up for at the next one.
 */
export function sharedRateLimiter(store: RateLimiterAbstract, key: string, pointsPerSecond: number): RateLimiter {
  const piece = Math.max(1, Math.floor(pointsPerSecond / PIECES));
  let owed = 0;
  return {
    turn: async (points, signal) => {
      let left = points + owed;
      owed = Math.min(0, left);
      while (left > 0) {
        signal?.throwIfAborted();
        // A store that is gone may never answer: whoever is to end does not wait for it.
        const wait = await raceSignal(consume(store, key, Math.min(left, piece)), signal);
        if (wait === undefined) left -= piece;
        else await sleep(wait, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
      }
    },
    correct: (points) => {
      owed += points;
    },
  };
}

/** Milliseconds until it is worth asking again; `undefined` when the points are granted. */
async function consume(store: RateLimiterAbstract, key: string, points: number): Promise<number | undefined> {
  try {
    await store.consume(key, points);
    return undefined;
  } catch (refused) {
    // The library rejects with the time of the next window, and with an error only when the store failed.
    if (refused instanceof Error) throw refused;
    return Math.max(1, (refused as { readonly msBeforeNext: number }).msBeforeNext);
  }
}
