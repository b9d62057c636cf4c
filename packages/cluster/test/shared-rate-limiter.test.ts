import { describe, expect, it } from '@jest/globals';
import { type RateLimiterAbstract, RateLimiterMemory } from 'rate-limiter-flexible';
import { sharedRateLimiter } from '../src/shared-rate-limiter.js';

/** A store that grants what it can and remembers what it granted. */
function store(points = 1_000_000): { readonly limiter: RateLimiterAbstract; readonly granted: number[] } {
  const granted: number[] = [];
  const limiter = new RateLimiterMemory({ points, duration: 0.02 });
  const consume = limiter.consume.bind(limiter);
  limiter.consume = async (key, asked = 1) => {
    const result = await consume(key, asked);
    granted.push(asked);
    return result;
  };
  return { limiter, granted };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('a limiter that all share', () => {
  it('asks for the points of a page in pieces', async () => {
    const { limiter, granted } = store();
    await sharedRateLimiter(limiter, 'k', 1000).turn(120, undefined);
    expect(granted).toEqual([50, 50, 20]);
  });

  it('makes up for points that came beyond what was asked for, and for those that did not come', async () => {
    const { limiter, granted } = store();
    const shared = sharedRateLimiter(limiter, 'k', 1000);
    shared.correct(30);
    await shared.turn(50, undefined);
    expect(sum(granted)).toBe(80);
    shared.correct(-70);
    await shared.turn(50, undefined);
    expect(sum(granted)).toBe(80);
    await shared.turn(50, undefined);
    expect(sum(granted)).toBe(110);
  });

  it('asks again for what was refused', async () => {
    const { limiter, granted } = store(1);
    await sharedRateLimiter(limiter, 'k', 20).turn(3, undefined);
    expect(granted).toEqual([1, 1, 1]);
  });

  it('ends with its signal while a store that is gone does not answer', async () => {
    const { limiter } = store();
    const asked = Promise.withResolvers<void>();
    limiter.consume = async () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const stop = new AbortController();
    const turn = sharedRateLimiter(limiter, 'k', 20).turn(1, stop.signal);
    await asked.promise;
    stop.abort(new Error('stop'));
    await expect(turn).rejects.toBe(stop.signal.reason);
  });

  it('ends with its signal, and with an error of the store', async () => {
    const reason = new Error('stop');
    await expect(sharedRateLimiter(store().limiter, 'k', 20).turn(1, AbortSignal.abort(reason))).rejects.toBe(reason);
    const { limiter } = store();
    limiter.consume = async () => {
      throw new Error('gone');
    };
    await expect(sharedRateLimiter(limiter, 'k', 20).turn(1, undefined)).rejects.toThrow('gone');
  });
});
