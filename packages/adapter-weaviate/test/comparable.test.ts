import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { comparable, comparableElement, comparableRange, comparableTexts } from '../src/comparable.js';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  fc.constantFrom<number | bigint>(
    0,
    -0,
    -1.2,
    -1.23,
    1.2,
    1.23,
    -12n,
    -120n,
    1e23,
    10n ** 23n,
    5e-324,
    2 ** 53,
    2n ** 53n + 1n,
    1.7976931348623157e308,
  ),
);
const text = fc.string({ unit: 'binary' });

const bytes = (value: string): Buffer => Buffer.from(value);

describe('comparable texts', () => {
  it('of numbers order and equal as the numbers do, exactly', () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const expected = left < right ? -1 : left > right ? 1 : 0;
        expect(Buffer.compare(bytes(comparable(left)), bytes(comparable(right)))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('of texts order by code point, and are equal for equal texts only', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const expected = Buffer.compare(bytes(left), bytes(right));
        expect(Buffer.compare(bytes(comparable(left)), bytes(comparable(right)))).toBe(expected);
      }),
    );
  });

  it('have no white space at their ends, which Weaviate would cut off', () => {
    fc.assert(
      fc.property(fc.oneof(text, number, fc.boolean()), (value) => {
        expect(comparable(value).trim()).toBe(comparable(value));
        expect(comparableElement(value).trim()).toBe(comparableElement(value));
      }),
    );
  });

  it('of one kind lie in a range that has none of another kind', () => {
    fc.assert(
      fc.property(text, number, fc.boolean(), (one, two, three) => {
        const inRange = (value: string, of: string | number | bigint): boolean => {
          const [from, below] = comparableRange(of);
          return value >= from && value < below;
        };
        expect([inRange(comparable(one), ''), inRange(comparable(two), 0)]).toEqual([true, true]);
        const others = [comparable(two), comparable(three), ...comparableTexts([one]), ...comparableTexts({})];
        expect(others.filter((other) => inRange(other, ''))).toEqual([]);
        expect([comparable(one), ...comparableTexts([two])].filter((other) => inRange(other, 0))).toEqual([]);
      }),
    );
  });

  it('stand for every value but null, lists by their scalar elements', () => {
    expect(comparableTexts(null)).toEqual([]);
    expect(comparableTexts(undefined)).toEqual([]);
    expect(comparableTexts([])).toHaveLength(1);
    expect(comparableTexts([1, 1, 'a', null, { x: 1 }])).toEqual(['!', comparableElement(1), comparableElement('a')]);
    expect(comparableTexts({ a: 1 })).toHaveLength(1);
  });
});
