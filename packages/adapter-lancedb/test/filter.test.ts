import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  and,
  type CollectionDriver,
  contains,
  eq,
  type FieldType,
  type Filter,
  type FilterValue,
  matchesFilter,
  not,
  or,
  parseJson,
  stringifyJson,
} from '@vecport/abstractions';
import { removeTempFolders } from '@vecport/testkit';
import fc from 'fast-check';
import { describes, newCollection, newStore, write } from './support/tables.js';

jest.setTimeout(60_000);

const FIELDS: Readonly<Record<string, FieldType>> = {
  text: 'string',
  'deep.er text': 'string',
  whole: 'integer',
  real: 'number',
  flag: 'boolean',
  texts: 'string[]',
  wholes: 'integer[]',
  reals: 'number[]',
  Whole: 'integer',
};

const TEXTS = [
  '',
  "'",
  "''",
  '"',
  '\\',
  "\\'",
  '%',
  '_',
  '`',
  ';--',
  '\n',
  '\u0000',
  'é',
  'e\u0301',
  '\uffff',
  '😀',
  'null',
  'a',
];
const WHOLES = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1n - 2n ** 63n];
const REALS = [0, -0, 0.1, 1.5, -1.5, 5e-324, -5e-324, Number.MAX_VALUE, 2 ** 53, 1e21, 1e-7, 123456789.125];

const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme', maxLength: 4 }));
const whole = fc.oneof(fc.constantFrom(...WHOLES), fc.bigInt({ min: -3n, max: 3n }));
const real = fc.oneof(fc.constantFrom(...REALS), fc.double({ noNaN: true, noDefaultInfinity: true }));
// Doubles from 2^53 on that JSON prints as integers with other last digits are integers to the reference.
const exact = real.filter(
  (value) => typeof parseJson(JSON.stringify(value)) === 'number' || Number.isSafeInteger(value),
);
const beyond = fc.constantFrom(
  2n ** 63n,
  -(2n ** 63n) - 1n,
  10n ** 30n,
  2n ** 53n + 1n,
  2 ** 53 + 2,
  2 ** 63,
  -(2 ** 63),
  1e300,
  -1e300,
);
const nothing = fc.constantFrom(undefined, null);

const metadata = fc.record({
  text: fc.oneof(text, nothing),
  deep: fc.oneof(fc.record({ 'er text': fc.oneof(text, nothing) }), nothing),
  whole: fc.oneof(whole, nothing),
  Whole: fc.oneof(whole, nothing),
  real: fc.oneof(exact, nothing),
  flag: fc.oneof(fc.boolean(), nothing),
  texts: fc.oneof(fc.array(fc.oneof(text, fc.constant(null)), { maxLength: 3 }), nothing),
  wholes: fc.oneof(fc.array(whole, { maxLength: 3 }), nothing),
  reals: fc.oneof(fc.array(exact, { maxLength: 3 }), nothing),
});

const anyValue: fc.Arbitrary<FilterValue> = fc.oneof(text, whole, real, beyond, fc.boolean(), whole.map(Number));
const bound = fc.oneof(text, whole, real, beyond, whole.map(Number));
const field = fc.constantFrom(...Object.keys(FIELDS));
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constantFrom('eq', 'ne', 'contains'), field, value: anyValue }),
  fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), field, value: bound }),
  fc.record({ op: fc.constant('in' as const), field, values: fc.array(anyValue, { maxLength: 4 }) }),
  fc.record({ op: fc.constant('exists' as const), field }),
);
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ op: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
  ),
}));

describe('filters', () => {
  let collection: CollectionDriver;
  const stored = fc.sample(metadata, { numRuns: 150, seed: 7 });
  const texts = stored.map(stringifyJson);

  beforeAll(async () => {
    const { store } = await newStore();
    const fields = Object.entries(FIELDS).map(([name, type]) => ({ name, type }));
    collection = await newCollection(store, describes('filtered', 2, { fields }));
    await write(
      collection,
      texts.map((metadataText, at) => ({ id: String(at), embedding: Float32Array.of(1, 1), metadataText })),
    );
  });
  afterAll(removeTempFolders);

  const expectSame = async (wanted: Filter): Promise<void> => {
    const expected = texts.filter((json) => matchesFilter(wanted, parseJson(json)));
    expect([stringifyJson(wanted), await collection.count(wanted, {})]).toEqual([
      stringifyJson(wanted),
      expected.length,
    ]);
  };

  it('match exactly what the reference matches: quotes, integers of 64 bits, doubles, lists, nulls', async () => {
    await fc.assert(fc.asyncProperty(filter, expectSame), { numRuns: 400 });
  });

  it('find every stored value by itself', async () => {
    for (const value of TEXTS)
      await expectSame(or(eq('text', value), contains('texts', value), eq('deep.er text', value)));
    for (const value of WHOLES) await expectSame(or(eq('whole', value), contains('wholes', value)));
    for (const value of REALS) await expectSame(or(eq('real', value), contains('reals', value)));
  });

  it('may be as deep as a filter can be when the levels are negations, and refuse what is too deep', async () => {
    const negated = Array.from({ length: 63 }).reduce<Filter>((inner) => not(inner), eq('whole', 1));
    await expectSame(negated);
    const nested = Array.from({ length: 60 }).reduce<Filter>(
      (inner, _, level) => (level % 2 === 0 ? and(inner, not(eq('whole', level))) : or(inner, eq('whole', level))),
      eq('whole', 1),
    );
    await expect(collection.count(nested, {})).rejects.toMatchObject({ code: 'not-supported' });
  });

  it('refuse a field that was not declared, by name, before anything is read', async () => {
    const wanted = and(eq('text', 'a'), not(eq('colour', 'red')));
    const refusal = { code: 'not-supported', message: expect.stringMatching(/'colour'.*Declare 'colour' in `fields`/) };
    await expect(collection.count(wanted, {})).rejects.toMatchObject(refusal);
    await expect(
      collection.search({ vector: Float32Array.of(1, 1), topK: 1, filter: wanted }, {}),
    ).rejects.toMatchObject(refusal);
    await expect(collection.slices?.(2, { filter: wanted })).rejects.toMatchObject(refusal);
    const batches = collection.exportAll?.({ filter: wanted });
    await expect(batches?.[Symbol.asyncIterator]().next()).rejects.toMatchObject(refusal);
  });

  it('do not see values of another type than the field has, which stay in the metadata', async () => {
    const { store } = await newStore();
    const mixed = await newCollection(store, describes('mixed', 2, { fields: [{ name: 'n', type: 'integer' }] }));
    const odd = ['{"n":"7"}', '{"n":1.5}', '{"n":18446744073709551615}', '{"n":[7]}', '{"n":7.0}'];
    await write(
      mixed,
      odd.map((metadataText, at) => ({ id: String(at), embedding: Float32Array.of(1, 1), metadataText })),
    );
    expect(await mixed.count({ op: 'exists', field: 'n' }, {})).toBe(1);
    expect(await mixed.count(eq('n', 7), {})).toBe(1);
    const found = await mixed.get(['0', '1', '2', '3', '4'], {});
    expect(Buffer.from(found.metadata.bytes).toString()).toBe(odd.join(''));
  });
});
