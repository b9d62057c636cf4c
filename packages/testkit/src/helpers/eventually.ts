import { setTimeout as delay } from 'node:timers/promises';

/** How {@link eventually} waits, in milliseconds. */
export interface EventuallyOptions {
  /** Give up after this long; 10 seconds if not said. */
  readonly timeout?: number | undefined;
  /** Ask again after this long; 20 if not said. */
  readonly interval?: number | undefined;
}

/**
 * Ask until the answer is neither `undefined` nor `false`, and return it.
 * @throws Error naming what was waited for, when the time is over; what `condition` throws passes through.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeout = 10_000, interval = 20 }: EventuallyOptions = {},
): Promise<Exclude<Awaited<T>, undefined | false>> {
  const end = performance.now() + timeout;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined && answer !== false) return answer as Exclude<Awaited<T>, undefined | false>;
    if (performance.now() > end) throw new Error(`Waited ${timeout} ms in vain until ${what}.`);
    await delay(interval);
  }
}
