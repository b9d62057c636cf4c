import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';

/** A bounded number of places for a kind of work. */
export interface Slots {
  /**
   * Wait for a place; the function it gives hands it back, and may be called again.
   * @throws VecportError `unavailable` when none of those who have a place has moved for the whole patience.
   */
  take(signal: AbortSignal | undefined): Promise<() => void>;
  /** Say that somebody who has a place is moving. */
  moved(): void;
}

/** `limit` places; whoever waits gives up when nothing moves for `patienceMs`. */
export function createSlots(what: string, limit: number, patienceMs: number): Slots {
  const waiting = new Set<() => void>();
  let free = limit;
  let lastMove = 0;
  const moved = (): void => {
    lastMove = performance.now();
  };
  const takeOne = (): (() => void) => {
    free -= 1;
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      free += 1;
      moved();
      const [next] = waiting;
      next?.();
    };
  };
  const waitForOne = async (signal: AbortSignal | undefined): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const since = performance.now();
    const look = (): void => {
      if (performance.now() - Math.max(lastMove, since) >= patienceMs) reject(stuck(what, limit));
    };
    const timer = setInterval(look, Math.min(1000, patienceMs));
    const aborted = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', aborted);
    waiting.add(resolve);
    try {
      await promise;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', aborted);
      waiting.delete(resolve);
    }
  };
  return {
    moved,
    take: async (signal) => {
      signal?.throwIfAborted();
      // Somebody else may have come between the call and the one who was called.
      while (free <= 0) await waitForOne(signal);
      return takeOne();
    },
  };
}

function stuck(what: string, limit: number): VecportError {
  return new VecportError('unavailable', `All ${limit} connections for ${what} are in use, and nothing moves.`, {
    provider: PROVIDER,
    advice: 'End or read on what holds them, or raise the setting `connections`.',
  });
}
