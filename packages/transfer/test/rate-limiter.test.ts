import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Clock, createRateLimiter } from '../src/rate-limiter.js';

describe('a rate limiter', () => {
  it('keeps all that read through it together below the rate, but for the pages that are under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 10 }), { minLength: 1, maxLength: 4 }),
        async (rate, slices) => {
          const clock = virtualClock();
          const limiter = createRateLimiter(rate, clock);
          const reads: { readonly at: number; readonly points: number }[] = [];
          const work = slices.map(async (pages) => {
            let expected = 10;
            for (const points of pages) {
              await limiter.turn(expected, undefined);
              reads.push({ at: clock.now(), points });
              limiter.correct(points - expected);
              expected = points;
            }
          });
          await clock.run(Promise.all(work));
          const largest = Math.max(10, ...slices.flat());
          for (const { at } of reads) {
            const before = reads.filter((read) => read.at < at).reduce((sum, { points }) => sum + points, 0);
            expect(before).toBeLessThanOrEqual((at / 1000) * rate + largest * slices.length + 1e-6);
          }
        },
      ),
    );
  });

  it('takes as long as the rate says, to the millisecond, when pages are alike', async () => {
    const clock = virtualClock();
    const limiter = createRateLimiter(1000, clock);
    const read = async (): Promise<void> => {
      for (let page = 0; page < 10; page++) await limiter.turn(100, undefined);
    };
    await clock.run(Promise.all([read(), read()]));
    expect(clock.now()).toBeCloseTo(1900);
  });

  it('gives a turn back that was aborted', async () => {
    const clock = virtualClock();
    const limiter = createRateLimiter(10, clock);
    await limiter.turn(10, undefined);
    const stop = new AbortController();
    const aborted = limiter.turn(1_000_000, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(aborted).rejects.toThrow('stopped');
    await clock.run(limiter.turn(10, undefined));
    expect(clock.now()).toBeCloseTo(1000);
  });
});

/** A clock that goes on when everybody sleeps. */
function virtualClock(): Clock & { run(work: Promise<unknown>): Promise<void> } {
  const sleepers: { readonly until: number; wake(): void }[] = [];
  let time = 0;
  return {
    now: () => time,
    sleep: async (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ until: time + milliseconds, wake: () => resolve() });
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    run: async (work) => {
      let over = false;
      const ending = work.finally(() => {
        over = true;
      });
      while (!over) {
        await new Promise((resolve) => setImmediate(resolve));
        sleepers.sort((left, right) => left.until - right.until);
        const next = sleepers.shift();
        if (next === undefined) continue;
        time = Math.max(time, next.until);
        next.wake();
      }
      await ending;
    },
  };
}
