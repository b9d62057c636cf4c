import { describe, expect, it } from '@jest/globals';
import { floatsText, floatText, MAX_FLOAT_TEXT, writeFloatsText, writeFloatText } from '@vecport/wire';
import fc from 'fast-check';
import { casesOf, hardFloats, randomFloats } from './support/hard-floats.js';
import { compare, distanceOf, slowShortest } from './support/slow-shortest.js';

const LONG = 300_000;
const finite = fc.float({ noNaN: true, noDefaultInfinity: true });

/** Why a text is not the shortest of a float above zero, or not the nearest of the shortest. */
function problemOf(value: number): string | undefined {
  const text = floatText(value);
  if (Math.fround(Number(text)) !== value) return `${text} does not give ${value} back`;
  if (JSON.stringify(Number(text)) !== text) return `${text} is not how JavaScript prints that number`;
  const digits = text
    .replace(/e.*$/, '')
    .replace('.', '')
    .replace(/^0+|0+$/g, '').length;
  const shortest = slowShortest(value);
  if (digits !== shortest.digits) return `${text} of ${value} has ${digits} digits instead of ${shortest.digits}`;
  return compare(distanceOf(text, value), shortest.distance) === 0
    ? undefined
    : `${text} is not the nearest to ${value}`;
}

function problemsOf(floats: Iterable<number>): string[] {
  const problems: string[] = [];
  for (const value of floats) {
    const problem = problemOf(value);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

describe('the text of a float', () => {
  it(
    'is the shortest decimal that gives it back, and of those the nearest, for random floats',
    () => {
      expect(problemsOf(randomFloats(casesOf(10_000, 1_000_000)))).toEqual([]);
    },
    LONG,
  );

  it(
    'is so for floats that are hard to print',
    () => {
      expect(problemsOf(hardFloats(casesOf(10_000, 200_000)))).toEqual([]);
    },
    LONG,
  );

  it('has a sign where the float has one', () => {
    fc.assert(
      fc.property(finite, (value) => {
        expect(Object.is(Math.fround(Number(floatText(value))), value)).toBe(true);
        if (value !== 0) expect(floatText(-Math.abs(value))).toBe(`-${floatText(Math.abs(value))}`);
      }),
    );
    expect([floatText(0), floatText(-0), floatText(0, true), floatText(-0, true)]).toEqual([
      '0',
      '-0.0',
      '0.0',
      '-0.0',
    ]);
  });

  it('is of the nearest float32 where the number is not one', () => {
    expect([floatText(0.1), floatText(1 / 3), floatText(1e-50), floatText(-1e-50)]).toEqual([
      '0.1',
      '0.33333334',
      '0',
      '-0.0',
    ]);
  });

  it('prints whole numbers with a fraction where asked', () => {
    expect([1, 16_777_217, 3e9, 1e20, 1e21, 0.1, 3e38].map((value) => floatText(value, true))).toEqual([
      '1.0',
      '16777216.0',
      '3000000000.0',
      '100000000000000000000.0',
      '1e+21',
      '0.1',
      '3e+38',
    ]);
  });

  it('takes no more room than is said', () => {
    const longest = [...hardFloats(5000), ...randomFloats(5000)].map((value) => floatText(-value, true).length);
    expect(Math.max(...longest)).toBeLessThanOrEqual(MAX_FLOAT_TEXT);
    expect(floatText(-Math.fround(9.99e20), true)).toHaveLength(MAX_FLOAT_TEXT);
  });

  it('is refused for what JSON has no number for', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3.5e38])
      expect(() => floatText(value)).toThrow(RangeError);
    expect(() => floatsText(Float32Array.of(1, Number.NaN))).toThrow('NaN is not a JSON number');
  });
});

describe('texts of floats in bytes', () => {
  it('stand where they are asked for, with commas between them', () => {
    fc.assert(
      fc.property(fc.array(finite), fc.boolean(), fc.nat(5), (list, withFraction, offset) => {
        const values = Float32Array.from(list);
        const expected = Array.from(values, (value) => floatText(value, withFraction)).join(',');
        expect(floatsText(values, withFraction)).toBe(expected);
        const target = new Uint8Array(offset + values.length * (MAX_FLOAT_TEXT + 1)).fill(0x78);
        const end = writeFloatsText(target, offset, values, withFraction);
        expect(Buffer.from(target).toString('latin1', 0, end)).toBe('x'.repeat(offset) + expected);
      }),
    );
  });

  it('may be many', () => {
    const values = Float32Array.from({ length: 20_000 }, (_, at) => at / 7);
    expect(floatsText(values)).toBe(Array.from(values, (value) => floatText(value)).join(','));
    const one = new Uint8Array(MAX_FLOAT_TEXT);
    expect(writeFloatText(one, 1, -0.5)).toBe(5);
    expect([...one.subarray(0, 6)]).toEqual([0, ...Buffer.from('-0.5'), 0]);
  });
});
