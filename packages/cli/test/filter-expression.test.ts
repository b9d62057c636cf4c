import { describe, expect, it } from '@jest/globals';
import {
  and,
  contains,
  eq,
  exists,
  type Filter,
  type FilterValue,
  gte,
  lt,
  ne,
  not,
  oneOf,
  or,
} from '@vecport/abstractions';
import fc from 'fast-check';
import { parseFilterExpression, printFilterExpression } from '../src/filter-expression.js';

describe('a filter expression', () => {
  it.each<[string, Filter]>([
    [
      "lang = 'de' and year >= 2020 and not (tag in ('a','b')) and exists(x)",
      and(eq('lang', 'de'), gte('year', 2020), not(oneOf('tag', ['a', 'b'])), exists('x')),
    ],
    ['a = 1 and b = 2 or c = 3', or(and(eq('a', 1), eq('b', 2)), eq('c', 3))],
    ['a = 1 and (b = 2 or c = 3)', and(eq('a', 1), or(eq('b', 2), eq('c', 3)))],
    ['not a = 1 and b = 2', and(not(eq('a', 1)), eq('b', 2))],
    ['NOT NOT EXISTS(a) AND a IN (TRUE, False)', and(not(not(exists('a'))), oneOf('a', [true, false]))],
    ["contains(tags, 'it''s')", contains('tags', "it's")],
    ['address.city != "and"', eq('x', 'x')],
    ['"not" != \'\' and "a ""b""" < -1.5e3', and(ne('not', ''), lt('a "b"', -1500))],
    ['id = 9007199254740993', eq('id', 9007199254740993n)],
    ['größe_2-x.y=0', eq('größe_2-x.y', 0)],
    ['a in ()', oneOf('a', [])],
    ['and() and or(a = 1)', and(and(), or(eq('a', 1)))],
  ])('%s', (text, filter) => {
    if (text.startsWith('address')) expect(() => parseFilterExpression(text)).toThrow('where a value');
    else expect(parseFilterExpression(text)).toEqual(filter);
  });

  it.each([
    ['', 'At character 1: the expression ends where a metadata field is expected.'],
    ['a', 'At character 2: the expression ends where a comparison such as = or in is expected.'],
    ['a = ', 'At character 5: the expression ends where a value'],
    ['a == 1', "At character 4: '=' stands where a value"],
    ["a = 'x", 'At character 5: a quote is not closed.'],
    ['a = 1 b = 2', "At character 7: 'b' stands where nothing more is expected."],
    ['(a = 1', "At character 7: the expression ends where ')' is expected."],
    ['a > true', "At character 5: 'true' stands where a text or a number"],
    ['exists(a', "where ')' is expected"],
    ['contains(a)', "where ',' is expected"],
    ['and = 1', "'and' stands where a metadata field is expected"],
    ['a & b', "At character 3: '&' is not expected."],
    ['a = 1e999', 'a number that can be held'],
    [`${'('.repeat(200)}a = 1${')'.repeat(200)}`, 'no more than 100 levels'],
    [`${'not '.repeat(200)}a = 1`, 'no more than 100 levels'],
  ])('%s is refused with its place', (text, message) => {
    expect(() => parseFilterExpression(text)).toThrow(message);
  });

  it('that was printed is the same filter again', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const text = printFilterExpression(filter);
        expect(parseFilterExpression(text)).toEqual(filter);
        expect(printFilterExpression(parseFilterExpression(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

const fields = fc.oneof(
  fc.constantFrom('a', 'lang', 'address.city', 'not', 'IN', 'exists', 'true', 'größe', 'a-b', '2020', 'a b', 'a"b'),
  fc.string({ minLength: 1, unit: 'binary' }),
);
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 2 ** 60, 1e21, 5e-324, Number.MAX_VALUE),
  // Others are the same as numbers, and are read as such.
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
  fc.bigInt({ min: -(2n ** 80n), max: -(2n ** 53n) }),
);
const ordered = fc.oneof(fc.string({ unit: 'binary' }), numbers);
const values: fc.Arbitrary<FilterValue> = fc.oneof(ordered, fc.boolean());

const { filter: filters } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ op: fc.constantFrom('eq', 'ne', 'contains'), field: fields, value: values }) as fc.Arbitrary<Filter>,
    fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), field: fields, value: ordered }) as fc.Arbitrary<Filter>,
    fc.record({ op: fc.constant('in'), field: fields, values: fc.array(values) }) as fc.Arbitrary<Filter>,
    fc.record({ op: fc.constant('exists'), field: fields }) as fc.Arbitrary<Filter>,
    fc.record({ op: fc.constant('not'), filter: tie('filter') }) as fc.Arbitrary<Filter>,
    fc.record({
      op: fc.constantFrom('and', 'or'),
      filters: fc.array(tie('filter'), { maxLength: 4 }),
    }) as fc.Arbitrary<Filter>,
  ),
}));
