import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { joinBytes, splitBytes } from '../../src/parquet/byte-stream-split.js';
import { bits, floatsFrom } from './part-support.js';

const words = fc.array(fc.nat({ max: 0xffffffff }), { maxLength: 40 });

describe('byte stream split', () => {
  it('puts all first bytes first, then all second bytes, and so on', () => {
    fc.assert(
      fc.property(words, (values) => {
        const target = new Uint8Array(values.length * 4);
        splitBytes(floatsFrom(values), target);
        const expected = [0, 8, 16, 24].flatMap((shift) => values.map((word) => (word >>> shift) & 0xff));
        expect([...target]).toEqual(expected);
      }),
    );
  });

  it('is undone from memory at any position', () => {
    fc.assert(
      fc.property(words, fc.nat({ max: 3 }), (values, shift) => {
        const floats = floatsFrom(values);
        const memory = new Uint8Array(shift + values.length * 4).subarray(shift);
        splitBytes(floats, memory);
        const back = new Float32Array(values.length);
        joinBytes(memory, back);
        expect(bits(back)).toBe(bits(floats));
      }),
    );
  });
});
