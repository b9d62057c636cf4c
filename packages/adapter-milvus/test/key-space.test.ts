import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keySpace } from '../src/key-space.js';

describe('the space of keys', () => {
  it('ascends with its places, as the bytes of the keys do', () => {
    const space = keySpace('varchar', 'point-000');
    const place = fc.bigInt({ min: space.low, max: space.high - 1n });
    fc.assert(
      fc.property(place, place, (a, b) => {
        const order = Buffer.compare(Buffer.from(space.keyAt(a)), Buffer.from(space.keyAt(b)));
        if (a < b) expect(order).toBeLessThanOrEqual(0);
        else if (a > b) expect(order).toBeGreaterThanOrEqual(0);
        expect(space.keyAt(a).isWellFormed()).toBe(true);
      }),
    );
  });

  it('begins before the first key', () => {
    expect(keySpace('varchar', 'point-000').keyAt(keySpace('varchar', 'point-000').low)).toBe('point-000');
    expect(keySpace('int64', '-9223372036854775808').low).toBe(-(2n ** 63n) - 1n);
    expect(keySpace('int64', '5').keyAt(7n)).toBe('7');
  });
});
