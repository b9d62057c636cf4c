import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutUuids, parsePosition } from '../src/position.js';

describe('slices of uuids', () => {
  it('are all uuids, each in one slice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.uuid({ version: [1, 4, 7] }), (count, uuid) => {
        const ranges = cutUuids(count).map((slice) => parsePosition(undefined, slice));
        expect(ranges).toHaveLength(count);
        const inside = ranges.filter(
          ({ after, last }) => (after === undefined || uuid > after) && (last === undefined || uuid <= last),
        );
        expect(inside).toHaveLength(1);
        expect(ranges[0]?.after).toBeUndefined();
        expect(ranges.at(-1)?.last).toBeUndefined();
        expect(ranges.slice(1).map(({ after }) => after)).toEqual(ranges.slice(0, -1).map(({ last }) => last));
      }),
    );
  });

  it('are not without number', () => {
    expect(cutUuids(Number.MAX_SAFE_INTEGER)).toHaveLength(4096);
  });

  it('go on after a cursor that is in them', () => {
    const [first, second] = cutUuids(2);
    const border = '80000000-0000-0000-0000-000000000000';
    expect(parsePosition(border, first)).toEqual({ after: border, last: border });
    expect(parsePosition('ffffffff-0000-4000-8000-000000000000', second)).toMatchObject({ last: undefined });
    expect(() => parsePosition('ffffffff-0000-4000-8000-000000000000', first)).toThrow(/not in the slice/);
    expect(() => parsePosition('00000000-0000-4000-8000-000000000000', second)).toThrow(/not in the slice/);
  });

  it.each(['', 'x', '{}', 'FFFFFFFF-0000-4000-8000-000000000000'])('%j is no cursor', (after) => {
    expect(() => parsePosition(after, undefined)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it.each(['', 'uuids:', 'uuids:x..y', `uuids:${'-'.repeat(36)}..`])('%j is no slice', (token) => {
    expect(() => parsePosition(undefined, { token })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
