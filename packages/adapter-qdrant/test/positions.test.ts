import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { comparePointIds, FIRST_ID, FIRST_UUID, nextPointId, uuidFrom } from '../src/point-id.js';
import type { PointTransport } from '../src/points.js';
import { rangeOf } from '../src/position.js';
import { planSlices } from '../src/slices.js';

const number = fc.bigInt(0n, 2n ** 64n - 1n).map(String);
const uuid = fc.bigInt(0n, 2n ** 128n - 1n).map(uuidFrom);
const id = fc.oneof(number, uuid);

describe('identifiers', () => {
  it('are in the order of a scroll: integers by value, then uuids by value', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n), uuid, (a, b, one) => {
        expect(Math.sign(comparePointIds(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(comparePointIds(String(a), one)).toBeLessThan(0);
      }),
    );
  });

  it('each has a next one, but for the last', () => {
    expect(nextPointId('9007199254740992')).toBe('9007199254740993');
    expect(nextPointId('18446744073709551615')).toBe(FIRST_UUID);
    expect(nextPointId('00000000-0000-4000-8000-0000000000ff')).toBe('00000000-0000-4000-8000-000000000100');
    expect(nextPointId('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBeUndefined();
    fc.assert(
      fc.property(id, id, (one, other) => {
        const next = nextPointId(one) ?? '';
        // Nothing lies between.
        expect(next === '' || comparePointIds(other, one) <= 0 || comparePointIds(other, next) >= 0).toBe(true);
      }),
    );
  });
});

function drawing(ids: readonly string[] | Error): PointTransport {
  const sample: PointTransport['sample'] = async () => {
    if (ids instanceof Error) throw ids;
    return ids;
  };
  return { sample } as PointTransport;
}

describe('slices', () => {
  it('are all identifiers, each in one of them, whatever was drawn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(id, { maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        id,
        async (drawn, count, any) => {
          const { slices } = await planSlices(drawing(drawn), count, undefined, { collection: 'c' });
          expect(slices.length).toBeGreaterThan(0);
          expect(slices.length).toBeLessThanOrEqual(count);
          const ranges = slices.map((slice) => rangeOf(undefined, slice));
          expect(ranges[0]?.from).toBe(FIRST_ID);
          expect(ranges.at(-1)?.to).toBeUndefined();
          const inside = ranges.filter(
            (range) =>
              range &&
              comparePointIds(range.from, any) <= 0 &&
              (range.to === undefined || comparePointIds(any, range.to) < 0),
          );
          expect(inside).toHaveLength(1);
        },
      ),
    );
  });

  it('are about equally large', async () => {
    const drawn = Array.from({ length: 512 }, (_, n) => String(n * n));
    const { slices } = await planSlices(drawing(drawn), 4, undefined, { collection: 'c' });
    const sizes = slices.map((slice) => {
      const range = rangeOf(undefined, slice);
      return drawn.filter(
        (one) =>
          range &&
          comparePointIds(range.from, one) <= 0 &&
          (range.to === undefined || comparePointIds(one, range.to) < 0),
      ).length;
    });
    expect(sizes).toEqual([128, 128, 128, 128]);
  });

  it('are ranges of equal width where the server draws none', async () => {
    const { VecportError } = await import('@vecport/abstractions');
    const refusal = new VecportError('invalid-argument', 'no sampling here');
    const { slices } = await planSlices(drawing(refusal), 3, undefined, { collection: 'c' });
    expect(slices.map(({ token }) => token)).toEqual([
      '{"from":"0","to":"00000000-0000-0000-0000-000000000000"}',
      '{"from":"00000000-0000-0000-0000-000000000000","to":"80000000-0000-0000-0000-000000000000"}',
      '{"from":"80000000-0000-0000-0000-000000000000"}',
    ]);
    const lost = new VecportError('unavailable', 'gone');
    await expect(planSlices(drawing(lost), 3, undefined, { collection: 'c' })).rejects.toBe(lost);
  });

  it.each(['', 'x', '{}', '{"from":"-1"}', '{"from":"1","to":2}', '{"from":"01"}'])(
    'the token %j is not one',
    (token) => {
      expect(() => rangeOf(undefined, { token })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );

  it('a cursor must lie in its slice', () => {
    const slice = { token: '{"from":"10","to":"20"}' };
    expect(rangeOf('15', slice)).toEqual({ from: '15', to: '20' });
    expect(rangeOf('20', slice)).toBeUndefined();
    expect(rangeOf('end', slice)).toBeUndefined();
    expect(() => rangeOf('9', slice)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(() => rangeOf('somewhere', undefined)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
