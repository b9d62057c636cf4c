import { describe, expect, it } from '@jest/globals';
import {
  base64ToFloats,
  bfloatToFloat,
  floatsToBase64,
  floatToBfloat,
  floatToHalf,
  halfToFloat,
  isExactDouble,
  isInteger64,
  readFloatsBE,
  readFloatsLE,
  writeFloatsBE,
} from '@vecport/wire';
import fc from 'fast-check';

const bits = fc.integer({ min: 0, max: 0xffff_ffff });

describe('half floats', () => {
  it('every half comes back from its float', () => {
    for (let half = 0; half < 0x1_0000; half++) {
      const value = halfToFloat(half);
      if (Number.isNaN(value)) expect(halfToFloat(floatToHalf(value))).toBeNaN();
      else expect(floatToHalf(value)).toBe(half);
    }
  });

  it('a float becomes the nearest half, ties to even', () => {
    const halves = Array.from({ length: 0x7c00 }, (_, half) => halfToFloat(half));
    fc.assert(
      fc.property(fc.float({ min: 0, max: 65_504, noNaN: true }), (value) => {
        const half = floatToHalf(value);
        const error = Math.abs(halfToFloat(half) - value);
        for (const near of [half - 1, half + 1]) {
          const other = Math.abs((halves[near] ?? Number.POSITIVE_INFINITY) - value);
          expect(error < other || (error === other && half % 2 === 0)).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
    expect(floatToHalf(65_520)).toBe(0x7c00);
    expect(floatToHalf(65_519.996)).toBe(0x7bff);
    expect(floatToHalf(-65_520)).toBe(0xfc00);
  });
});

describe('bfloats', () => {
  it('every bfloat comes back from its float', () => {
    for (let bfloat = 0; bfloat < 0x1_0000; bfloat++) {
      const value = bfloatToFloat(bfloat);
      if (Number.isNaN(value)) expect(bfloatToFloat(floatToBfloat(value))).toBeNaN();
      else expect(floatToBfloat(value)).toBe(bfloat);
    }
  });

  it('a float becomes the nearest bfloat, ties to even', () => {
    expect([1.00390625, 1.01171875, 1.004].map(floatToBfloat)).toEqual([0x3f80, 0x3f82, 0x3f81]);
  });
});

describe('base64 of floats', () => {
  it('keeps every bit in both orders', () => {
    fc.assert(
      fc.property(
        fc.array(bits, { maxLength: 50 }),
        fc.constantFrom('big' as const, 'little' as const),
        (list, order) => {
          const values = new Float32Array(Uint32Array.from(list).buffer);
          const text = floatsToBase64(values, order);
          const view = new DataView(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
          expect(list.map((_, i) => view.getUint32(i * 4, order === 'little'))).toEqual(list);
          for (const given of [text, new TextEncoder().encode(text)]) {
            const into = new Float32Array(values.length + 1);
            expect(base64ToFloats(given, into, 1, order)).toBe(values.length);
            expect([...new Uint32Array(into.buffer, 4)]).toEqual(list);
          }
        },
      ),
    );
  });

  it('refuses what is not base64 of whole floats, or too much', () => {
    const into = new Float32Array(2);
    for (const text of ['AAAA', 'AAAAAAA', 'AAAAAA=', 'AA!AAA==', 'AAAAAA==AAAAAA==', ' AAAAA=='])
      expect(() => base64ToFloats(text, into, 0, 'big')).toThrow(/base64/);
    expect(() => base64ToFloats(floatsToBase64(new Float32Array(3), 'big'), into, 0, 'big')).toThrow(
      /3 floats where 2/,
    );
  });

  it('raw bytes of either order are copied from any place', () => {
    const values = Float32Array.of(1.5, -0, 3e38);
    const bytes = new Uint8Array(15);
    writeFloatsBE(values, bytes, 3);
    const into = new Float32Array(3);
    readFloatsBE(bytes, 3, 3, into, 0);
    expect(into).toEqual(values);
    readFloatsLE(new Uint8Array(values.buffer), 4, 2, into, 0);
    expect(into).toEqual(Float32Array.of(-0, 3e38, 3e38));
    expect(() => readFloatsBE(bytes, 4, 3, into, 0)).toThrow(/cut off/);
  });
});

describe('number texts', () => {
  it('are exact doubles when a double prints the same value', () => {
    for (const text of [
      '0',
      '-0',
      '-0.0',
      '1',
      '1.0',
      '1e2',
      '1E+2',
      '0.1',
      '1.50',
      '9007199254740992',
      '1e308',
      '5e-324',
      '123456789012345680000',
    ])
      expect([text, isExactDouble(text)]).toEqual([text, true]);
    for (const text of [
      '9007199254740993',
      '0.1000000000000000055511151231257827',
      '1e400',
      '1234567890123456789012345678901234567890',
      '18446744073709551615',
      'x',
      '01',
    ])
      expect([text, isExactDouble(text)]).toEqual([text, false]);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isExactDouble(String(value))).toBe(true);
        expect(isExactDouble(value.toExponential(20))).toBe(
          Number.isSafeInteger(value) || isExactDouble(value.toExponential(20)),
        );
      }),
    );
  });

  it('are integers of 64 bits by their digits', () => {
    for (const text of ['0', '-1', '9223372036854775807', '-9223372036854775808']) expect(isInteger64(text)).toBe(true);
    for (const text of ['-0', '1.0', '1e2', '9223372036854775808', '-9223372036854775809', '01', '', 'x'])
      expect(isInteger64(text)).toBe(false);
  });
});
