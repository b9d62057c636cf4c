import { describe, expect, it } from '@jest/globals';
import {
  and,
  contains,
  eq,
  exists,
  FILTER_OPERATORS,
  type Filter,
  gt,
  gte,
  type JsonValue,
  lt,
  lte,
  matchesFilter,
  ne,
  not,
  oneOf,
  or,
  parseFilter,
} from '@vecport/abstractions';
import fc from 'fast-check';

const point: JsonValue = {
  n: 3,
  big: 9007199254740993n,
  s: 'b',
  yes: true,
  none: null,
  list: [1, 'x', null],
  address: { city: 'Oslo', zip: { code: '0150' } },
  'a.b': 1,
};

describe('matchesFilter', () => {
  it.each<[string, Filter, boolean]>([
    ['eq', eq('n', 3), true],
    ['eq of a bigint', eq('n', 3n), true],
    ['eq of another type', eq('n', '3'), false],
    ['eq of a boolean and a number', eq('yes', 1), false],
    ['eq beyond 2^53', eq('big', 9007199254740993n), true],
    ['eq beyond 2^53, next to it', eq('big', 9007199254740992n), false],
    ['eq beyond 2^53, as the rounded number', eq('big', 9007199254740992), false],
    ['eq of a list', eq('list', 1), false],
    ['ne', ne('n', 4), true],
    ['ne of a missing field', ne('nothing', 4), true],
    ['ne of null', ne('none', 4), true],
    ['gt', gt('n', 2.5), true],
    ['gt of itself', gt('n', 3), false],
    ['gte of itself', gte('n', 3n), true],
    ['lt beyond 2^53', lt('big', 9007199254740994n), true],
    ['lte of text', lte('s', 'b'), true],
    ['gt of text', gt('s', 'a'), true],
    ['gt of another type', gt('s', 0), false],
    ['lt of a missing field', lt('nothing', 9), false],
    ['lt of null', lt('none', 9), false],
    ['lt of a boolean', lt('yes', 9), false],
    ['in', oneOf('s', ['a', 'b']), true],
    ['in of none', oneOf('s', []), false],
    ['exists', exists('n'), true],
    ['exists of null', exists('none'), false],
    ['exists of a missing field', exists('nothing'), false],
    ['exists of an object', exists('address'), true],
    ['contains', contains('list', 'x'), true],
    ['contains of another type', contains('list', '1'), false],
    ['contains in a text', contains('s', 'b'), false],
    ['a dotted field', eq('address.zip.code', '0150'), true],
    ['a dotted field through a text', exists('s.length'), false],
    ['a dotted field through a list', exists('list.0'), false],
    ['a key with a dot is not a dotted field', exists('a.b'), false],
    ['an inherited key', exists('toString'), false],
    ['and of none', and(), true],
    ['or of none', or(), false],
    ['and', and(eq('n', 3), eq('s', 'c')), false],
    ['or', or(eq('n', 3), eq('s', 'c')), true],
    ['not', not(eq('n', 3)), false],
    ['not of a missing field', not(gt('nothing', 3)), true],
  ])('%s', (_name, filter, expected) => {
    expect(matchesFilter(filter, point)).toBe(expected);
  });

  it.each<[JsonValue | undefined]>([[undefined], [null], ['text'], [[1]]])('finds no field in %j', (metadata) => {
    expect(matchesFilter(exists('n'), metadata)).toBe(false);
    expect(matchesFilter(ne('n', 1), metadata)).toBe(true);
  });

  it('orders text by code point, not by UTF-16 unit', () => {
    expect(matchesFilter(gt('s', '\uffee'), { s: '😀' })).toBe(true);
    expect(matchesFilter(lt('s', '😀'), { s: '\uffee' })).toBe(true);
  });

  it('orders every pair of values one way only', () => {
    const value = fc.oneof(fc.double({ noNaN: true }), fc.bigInt(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(value, value, (left, right) => {
        const holds = (filter: Filter): boolean => matchesFilter(filter, { f: left });
        const comparable = (typeof left === 'string') === (typeof right === 'string');
        expect([lt('f', right), eq('f', right), gt('f', right)].filter(holds)).toHaveLength(comparable ? 1 : 0);
        expect(holds(lte('f', right))).toBe(comparable && !holds(gt('f', right)));
        expect(holds(ne('f', right))).toBe(!holds(eq('f', right)));
      }),
    );
  });
});

describe('parseFilter', () => {
  const examples: readonly Filter[] = [
    and(eq('a', 1), or(ne('b', 'x'), not(exists('c')))),
    gt('a', 1n),
    gte('a', 'x'),
    lt('a', 1),
    lte('a', 2.5),
    oneOf('a', ['x', 1, true]),
    contains('a', false),
  ];

  it('copies what belongs to a filter', () => {
    expect(new Set(examples.flatMap(operators))).toEqual(new Set(FILTER_OPERATORS));
    for (const filter of examples) {
      const parsed = parseFilter({ ...filter, note: 'not part of it' });
      expect(parsed).toEqual(filter);
      expect(parsed).not.toBe(filter);
    }
  });

  it.each<[string, unknown]>([
    ['filter must be an object', 'a = 1'],
    ['filter must be an object', [eq('a', 1)]],
    ['filter.op must be one of', { op: 'like', field: 'a', value: 'x' }],
    ['filter.op must be one of', { op: 'toString' }],
    ['filter.filters must be a list', { op: 'and', filters: eq('a', 1) }],
    ['filter.filters[1].field', { op: 'or', filters: [eq('a', 1), { op: 'eq', value: 1 }] }],
    ['filter.filter must be an object', { op: 'not' }],
    ['filter.field', { op: 'exists', field: '' }],
    ['filter.values must be a list', { op: 'in', field: 'a', values: 'x' }],
    ['filter.values[0]', { op: 'in', field: 'a', values: [null] }],
    ['filter.value must be a finite number', { op: 'gt', field: 'a', value: Number.NaN }],
    ['booleans have no order', { op: 'lt', field: 'a', value: true }],
    ['use exists for null', { op: 'eq', field: 'a', value: null }],
  ])('says: %s', (message, value) => {
    expect(() => parseFilter(value)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(message) }),
    );
  });

  it('refuses nesting that would exhaust the stack', () => {
    let filter: Filter = exists('a');
    for (let depth = 0; depth < 64; depth++) filter = not(filter);
    expect(parseFilter(filter)).toEqual(filter);
    expect(() => parseFilter(not(filter))).toThrow('nested deeper than 64');
  });
});

function operators(filter: Filter): readonly string[] {
  if (filter.op === 'and' || filter.op === 'or') return [filter.op, ...filter.filters.flatMap(operators)];
  return filter.op === 'not' ? ['not', ...operators(filter.filter)] : [filter.op];
}
