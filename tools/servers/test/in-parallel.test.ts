import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { inParallel } from '../in-parallel.js';

describe('inParallel', () => {
  it('keeps within the limit, does everything, and tells how each ended', async () => {
    const items = [2, 1, 1, 3, 1].map((weight, n) => ({ weight, n }));
    let busy = 0;
    const loads: number[] = [];
    const results = await inParallel(items, 2, async ({ weight, n }) => {
      busy += weight;
      loads.push(busy);
      await turn();
      busy -= weight;
      if (n === 1) throw new Error('no');
      return n;
    });
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    // The one that is heavier than the limit is done alone.
    expect(loads.filter((load) => load > 2)).toEqual([3]);
    expect(loads).toContain(2);
  });
});
