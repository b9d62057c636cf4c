import { describe, expect, it } from '@jest/globals';
import { createProgressMeter } from '../src/progress.js';

describe('createProgressMeter', () => {
  it('tells the rate of this run and the time left, not counting what an earlier run did', () => {
    let now = 0;
    const meter = createProgressMeter(() => now);
    const reading = { phase: 'read', collection: 'c', total: 1000, bytes: 0 } as const;
    expect(meter({ ...reading, done: 400 })).toEqual({ pointsPerSecond: 0, bytesPerSecond: 0 });
    now = 2000;
    expect(meter({ ...reading, done: 600, bytes: 800 })).toEqual({
      pointsPerSecond: 100,
      bytesPerSecond: 400,
      etaMs: 4000,
    });
  });

  it('starts anew with another phase or collection', () => {
    let now = 0;
    const meter = createProgressMeter(() => now);
    meter({ phase: 'read', collection: 'c', done: 10, bytes: 10 });
    now = 1000;
    expect(meter({ phase: 'verify', collection: 'c', done: 5, bytes: 5 }).pointsPerSecond).toBe(0);
    now = 2000;
    expect(meter({ phase: 'verify', collection: 'c', done: 15, bytes: 5 })).toMatchObject({
      pointsPerSecond: 10,
      etaMs: undefined,
    });
  });
});
