import { describe, expect, it } from '@jest/globals';
import { type Filter, type JsonValue, matchesFilter } from '@vecport/abstractions';
import { ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';
import { compileFilter } from '../src/filter.js';
import { filterJson } from '../src/filter-json.js';
import { writeFilter } from '../src/filter-proto.js';
import { evaluate } from './support/evaluate-filter.js';

const TEXTS = ['red', 'Red', '', '0', 'größe', "it's"];
const NUMBERS: readonly (number | bigint)[] = [
  0,
  1,
  -1,
  2.5,
  -2.5,
  0.5,
  -0.5,
  1e20,
  -1e20,
  1e300,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 53n - 1n,
  -(2n ** 53n) - 1n,
  2n ** 60n + 1n,
  2n ** 63n - 1n,
  2n ** 63n - 400n,
  -(2n ** 63n),
  -(2n ** 63n) + 1n,
  10n ** 30n,
  -(10n ** 30n),
  10n ** 400n,
];
const STORED: readonly (number | bigint)[] = [
  ...NUMBERS.filter((value) => typeof value === 'number' || (value >= -(2n ** 63n) && value < 2n ** 63n)),
  2n ** 60n,
  2n ** 60n + 2n,
  2n ** 63n - 512n,
  2n ** 63n - 513n,
  2,
  3,
  -3,
  -2,
  0.25,
  2 ** 53,
  2 ** 60,
  2 ** 62,
];

const scalar = fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...STORED), fc.boolean(), fc.constant(null));
const payload = fc.record(
  {
    a: fc.oneof(scalar, fc.record({ b: scalar })),
    n: fc.oneof(fc.constantFrom(...STORED), fc.constantFrom('x', true, null)),
    l: fc.array(scalar, { maxLength: 3 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonValue>;

const field = fc.constantFrom('a', 'a.b', 'n', 'missing');
const value = fc.oneof(fc.constantFrom(...TEXTS), fc.constantFrom(...NUMBERS), fc.boolean());
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constantFrom('eq' as const, 'ne' as const), field, value }),
  fc.record({
    op: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
    field,
    value: fc.constantFrom(...NUMBERS),
  }),
  fc.record({ op: fc.constant('in' as const), field, values: fc.array(value, { maxLength: 3 }) }),
  fc.record({ op: fc.constant('contains' as const), field: fc.constantFrom('l', 'a', 'missing'), value }),
);
const filter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;

describe('compiling filters', () => {
  it('finds what the reference finds, for every payload', () => {
    fc.assert(
      fc.property(filter, payload, (portable, metadata) => {
        expect(evaluate(compileFilter(portable), metadata)).toBe(matchesFilter(portable, metadata));
      }),
      { numRuns: 4000 },
    );
  });

  it('finds the same with an integer index, which cuts fractions off', () => {
    const comparison = fc.record({
      op: fc.constantFrom('eq' as const, 'gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
      field: fc.constant('n'),
      value: fc.constantFrom(...NUMBERS),
    });
    const integer = fc.constantFrom(
      ...STORED.filter((number) => typeof number === 'bigint' || Number.isSafeInteger(number)),
    );
    fc.assert(
      fc.property(comparison, integer, (portable, n) => {
        const metadata = { n: BigInt(n) };
        expect(evaluate(compileFilter(portable), metadata, { integerIndexes: ['n'] })).toBe(
          matchesFilter(portable, metadata),
        );
      }),
      { numRuns: 4000 },
    );
  });

  it('asks the server nothing where the answer is known', () => {
    expect(compileFilter({ op: 'and', filters: [] })).toBe(true);
    expect(compileFilter({ op: 'or', filters: [] })).toBe(false);
    expect(compileFilter({ op: 'in', field: 'a', values: [] })).toBe(false);
    expect(compileFilter({ op: 'not', filter: { op: 'eq', field: 'a', value: '\ud800' } })).toBe(true);
  });

  it.each<Filter>([
    { op: 'gt', field: 'a', value: 'b' },
    { op: 'exists', field: 'a' },
    { op: 'eq', field: 'a', value: 2n ** 63n },
    { op: 'lt', field: 'a', value: 2n ** 64n },
    { op: 'eq', field: 'say "x"', value: 1 },
    { op: 'eq', field: 'a..b', value: 1 },
  ])('refuses by name what would not be exact: %j', (portable) => {
    expect(() => compileFilter(portable)).toThrow(expect.objectContaining({ code: 'not-supported' }));
  });

  it('refuses the field that is Vecport`s own', () => {
    expect(() => compileFilter({ op: 'eq', field: '_vecport', value: 'x' })).toThrow(/Vecport's own/);
  });

  it('spells keys that are no plain words in quotes', () => {
    const compiled = compileFilter({ op: 'eq', field: 'a key.größe', value: 'x' });
    expect(typeof compiled === 'boolean' ? '' : filterJson(compiled)).toBe(
      '{"must":[{"key":"\\"a key\\".\\"größe\\"","match":{"value":"x"}}]}',
    );
  });

  it('is the same condition over gRPC', () => {
    const compiled = compileFilter({
      op: 'and',
      filters: [
        { op: 'eq', field: 'k', value: 'x' },
        { op: 'ne', field: 'b', value: true },
        { op: 'gte', field: 'n', value: 2 },
        { op: 'in', field: 'k', values: ['x', 'y'] },
      ],
    });
    if (typeof compiled === 'boolean') throw new Error('nothing was compiled');
    const reader = new ProtoReader(new ProtoWriter().message(1, (writer) => writeFilter(writer, 2, compiled)).finish());
    expect([reader.next(), reader.enter(), reader.next()]).toEqual([1, reader.bytes.length, 2]);
    expect(Buffer.from(reader.data()).toString('hex')).toBe(
      // must: k is the keyword x; must a filter: must_not: b is true; must: n ≥ 2; must: k is one of x, y
      [
        '120a0a080a016b12030a0178',
        '120d220b1a090a070a016212021801',
        '12100a0e0a016e1a09190000000000000040',
        '120f0a0d0a016b12082a060a01780a0179',
      ].join(''),
    );
  });
});
