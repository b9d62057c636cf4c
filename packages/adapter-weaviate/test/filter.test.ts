import { describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type FieldSpec,
  type Filter,
  type JsonValue,
  matchesFilter,
  stringifyJson,
} from '@vecport/abstractions';
import fc from 'fast-check';
import { compileFilter } from '../src/filter.js';
import { type CollectionLayout, readLayout } from '../src/layout.js';
import { planClass } from '../src/plan-class.js';
import { planWrite } from '../src/records.js';
import { decodeObjects, matchesClause } from './support/weaviate-model.js';

const FIELDS: readonly FieldSpec[] = [
  { name: 'text', type: 'string' },
  { name: 'int', type: 'integer' },
  { name: 'num', type: 'number' },
  { name: 'flag', type: 'boolean' },
  { name: 'texts', type: 'string[]' },
  { name: 'ints', type: 'integer[]' },
  { name: 'nums', type: 'number[]' },
  { name: 'deep.text', type: 'string' },
  { name: 'deep.num', type: 'number' },
  { name: 'Upper', type: 'integer' },
];

const layout = layoutOf(FIELDS);

const text = fc.constantFrom('', 'a', 'A', 'b', ' a', 'a ', '\u0085', 'a\u0000', '😀', '\uffee', '1', 'true');
const number = fc.constantFrom<number | bigint>(
  ...[0, 1, -1, 1.5, -1.5, 2.5, 0.1, 1e300, -1e300, 5e-324, 9007199254740992, 1e23],
  ...[9007199254740993n, -9007199254740993n, 9223372036854775807n, 10n ** 23n, 10n ** 40n, -(10n ** 40n)],
);
const scalar = fc.oneof(text, number, fc.boolean());
const value = fc.oneof(
  { arbitrary: scalar, weight: 4 },
  { arbitrary: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }), weight: 2 },
  fc.constant(null),
  fc.record({ x: scalar }),
);
const metadata = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      {
        ...Object.fromEntries(
          ['text', 'int', 'num', 'flag', 'texts', 'ints', 'nums', 'Upper'].map((name) => [name, value]),
        ),
        deep: fc.record({ text: value, num: value }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(null, [1], 'text', undefined) },
);
const field = fc.constantFrom(...FIELDS.map(({ name }) => name));

// By a text with space at its ends Weaviate cannot order, which is refused: see below.
const bound = fc.oneof(
  text.filter((one) => one === one.trim() && one !== '\u0085'),
  number,
);
const filter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ op: fc.constantFrom('eq', 'ne', 'contains'), field, value: scalar }),
    fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), field, value: bound }),
    fc.record({ op: fc.constant('in'), field, values: fc.array(scalar, { maxLength: 3 }) }),
    fc.record({ op: fc.constant('exists'), field }),
    fc.record({ op: fc.constant('not'), filter: tie('filter') }),
    fc.record({ op: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
  ) as fc.Arbitrary<Filter>,
})).filter;

describe('a compiled filter', () => {
  it('finds in what is written exactly what the reference finds in the metadata', () => {
    fc.assert(
      fc.property(filter, fc.array(metadata, { minLength: 1, maxLength: 4 }), (one, values) => {
        const clause = compileFilter(one, layout);
        for (const json of values) {
          // What is compared is the metadata as it is read again, in which −0 and 0 are one number.
          expect([json, matchesClause(clause, written(json))]).toEqual([json, matchesFilter(one, parsed(json))]);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('compares numbers that no double holds with those that are kept as doubles', () => {
    // The double nearest to 2^53 + 1 is 2^53, to 2^53 + 3 it is 2^53 + 4.
    const kept = [
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 53n + 2n,
      2n ** 53n + 3n,
      2n ** 53n + 4n,
      1.5,
      -2.5,
      1,
      2,
      -3,
      -2,
    ];
    for (const field of ['num', 'int', 'text']) {
      for (const op of ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const) {
        for (const value of kept) {
          const clause = compileFilter({ op, field, value }, layout);
          const found = kept.filter((one) => matchesClause(clause, written({ [field]: one })));
          const expected = kept.filter((one) => matchesFilter({ op, field, value }, { [field]: one }));
          expect([field, op, value, found]).toEqual([field, op, value, expected]);
        }
      }
    }
  });

  it('is everything or nothing where the logic says so, without asking', () => {
    expect(compileFilter({ op: 'and', filters: [] }, layout)).toBe(true);
    expect(compileFilter({ op: 'or', filters: [] }, layout)).toBe(false);
    expect(compileFilter({ op: 'not', filter: { op: 'or', filters: [] } }, layout)).toBe(true);
    expect(compileFilter({ op: 'in', field: 'text', values: [] }, layout)).toBe(false);
  });

  it.each<[string, Filter]>([
    ['a field that was not declared', { op: 'eq', field: 'other', value: 1 }],
    ['an order by a text with space at its end', { op: 'gt', field: 'text', value: 'a ' }],
    ['the same deep inside', { op: 'not', filter: { op: 'and', filters: [{ op: 'exists', field: 'other' }] } }],
  ])('is refused for %s', (_, wrong) => {
    expect(() => compileFilter(wrong, layout)).toThrow(expect.objectContaining({ code: 'not-supported' }));
  });

  it('is refused for properties of others that do not compare exactly', () => {
    const foreign = readLayout({
      schema: {
        class: 'Foreign',
        properties: [
          { name: 'words', dataType: ['text'] },
          { name: 'whole', dataType: ['text'], tokenization: 'field' },
          { name: 'int', dataType: ['int'] },
        ],
      },
      native: null,
    });
    const refused: readonly Filter[] = [
      { op: 'eq', field: 'words', value: 'a' },
      { op: 'eq', field: 'whole', value: ' a' },
      { op: 'exists', field: 'int' },
    ];
    for (const wrong of refused) {
      expect(() => compileFilter(wrong, foreign)).toThrow(expect.objectContaining({ code: 'not-supported' }));
    }
    expect(compileFilter({ op: 'eq', field: 'whole', value: 'a' }, foreign)).toMatchObject({ property: 'whole' });
  });
});

function layoutOf(fields: readonly FieldSpec[]): CollectionLayout {
  const spec = { kind: 'dense', dimension: 1, elementType: 'float32' } as const;
  const schema = planClass({ name: 'Test', vectors: { default: spec }, idKinds: ['string'], fields }, 'hnsw');
  return readLayout({ schema, native: null });
}

function written(json: unknown) {
  const metadataText = json === undefined ? undefined : stringifyJson(json);
  const batch = batchFromRecords([{ id: 'x', embedding: Float32Array.of(1), metadataText }]);
  const target = { collection: 'Test', tenant: undefined, consistencyLevel: undefined };
  const { messages, failed } = planWrite(batch, layout, target, 1e6);
  expect(failed).toEqual([]);
  return decodeObjects(messages[0]?.bytes ?? new Uint8Array(0))[0]?.properties ?? new Map();
}

function parsed(json: unknown): JsonValue | undefined {
  return json as JsonValue | undefined;
}
