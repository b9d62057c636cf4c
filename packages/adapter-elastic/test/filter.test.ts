import { describe, expect, it } from '@jest/globals';
import {
  type FieldSpec,
  type Filter,
  fieldValue,
  type JsonValue,
  matchesFilter,
  parseJson,
  stringifyJson,
} from '@vecport/abstractions';
import fc from 'fast-check';
import { metadataSplitter } from '../src/check-metadata.js';
import { compileFilter, type Query } from '../src/filter.js';
import { MAX_KEYWORD, mappedField, PRESENT_FIELD } from '../src/filter-fields.js';
import { layoutOf } from '../src/layout.js';

const FIELDS: readonly FieldSpec[] = [
  { name: 's', type: 'string' },
  { name: 'i', type: 'integer' },
  { name: 'n', type: 'number' },
  { name: 'b', type: 'boolean' },
  { name: 'l', type: 'string[]' },
  { name: 'o.s', type: 'string' },
];
const layout = layoutOf('points', 'points', {
  mappings: {
    _meta: { vecport: { version: 1, idKinds: ['string'], vectors: {}, fields: FIELDS } },
    properties: {
      ...Object.fromEntries(
        FIELDS.filter(({ name }) => !name.includes('.')).map(({ name, type }) => [name, mappedField(type)]),
      ),
      o: { properties: { s: mappedField('string') } },
    },
  },
});
const split = metadataSplitter(layout);

const text = fc.constantFrom('', 'a', 'b', 'B', 'ä', '\u{10ffff}', '\uffee', 'z'.repeat(MAX_KEYWORD + 1));
const integer = fc.constantFrom<number | bigint>(
  0,
  1,
  -5,
  7,
  9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
);
const double = fc.constantFrom<number | bigint>(0, -0, 0.5, -2.25, 1, 1e300, 5e-324, 4n);
const others = fc.constantFrom<JsonValue>(null, true, [1], {}, { x: 1 });

// Values of another type than an integer's or number's are no numbers, so that order is the same for both.
const metadata = fc.record(
  {
    s: fc.oneof(text, others, integer),
    i: fc.oneof(integer, others, text),
    n: fc.oneof(double, others, text),
    b: fc.oneof(fc.boolean(), text, fc.constantFrom(0, 1)),
    l: fc.oneof(fc.array(fc.oneof(text, fc.constant(null))), text, fc.constant([1, 2])),
    o: fc.oneof(
      fc.record({ s: fc.oneof(text, others) }),
      text,
      fc.constant([{ s: 'a' }]),
      fc.constant({ 'q.r': 1, s: 'a' }),
    ),
    'o.s': text,
  },
  { requiredKeys: [] },
);

const queried = fc.constantFrom('', 'a', 'b', 'ä', '\uffee', 'nobody');
const numbers = fc.oneof(integer, double, fc.constantFrom<number | bigint>(2.5, -0.5, 1e30, -(2n ** 70n), 2n ** 70n));
// A field is asked for values of its own type: those of other types are kept where filters do not see them.
const compared = fc.oneof(
  fc.record({ field: fc.constantFrom('s', 'o.s'), value: queried }),
  fc.record({ field: fc.constantFrom('i', 'n'), value: numbers }),
  fc.record({ field: fc.constant('b'), value: fc.boolean() }),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constantFrom('eq', 'ne'), of: compared }).map(({ op, of }): Filter => ({ op, ...of })),
  fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), field: fc.constantFrom('i', 'n'), value: numbers }),
  fc.record({ op: fc.constant('in'), field: fc.constantFrom('s', 'o.s'), values: fc.array(queried) }),
  fc.record({ op: fc.constant('in'), field: fc.constantFrom('i', 'n'), values: fc.array(numbers) }),
  fc.record({ op: fc.constant('exists'), field: fc.constantFrom(...FIELDS.map(({ name }) => name)) }),
  fc.record({ op: fc.constant('contains'), field: fc.constantFrom('l', 's'), value: queried }),
);
const filter = fc.letrec<{ node: Filter }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('node').map((inner): Filter => ({ op: 'not', filter: inner })),
    fc.record({
      op: fc.constantFrom('and', 'or'),
      filters: fc.array(tie('node'), { maxLength: 3 }),
    }) as fc.Arbitrary<Filter>,
  ),
})).node;

describe('filters', () => {
  it('find what the reference finds, over what is indexed of metadata of any shape', () => {
    fc.assert(
      fc.property(metadata, filter, (value, wanted) => {
        const written = stringifyJson(value);
        const document = indexed(written);
        const expected = matchesFilter(wanted, parseJson(written));
        expect([wanted, found(compileFilter(wanted, layout.filterFields), document)]).toEqual([wanted, expected]);
      }),
      { numRuns: 2000 },
    );
  });

  it('order texts by code points, and refuse those longer than what is indexed', () => {
    const compile = (wanted: Filter): Query => compileFilter(wanted, layout.filterFields);
    expect(compile({ op: 'gt', field: 's', value: 'a' })).toEqual({ range: { s: { gt: 'a' } } });
    const long = 'x'.repeat(MAX_KEYWORD + 1);
    for (const wanted of [
      { op: 'eq', field: 's', value: long },
      { op: 'lt', field: 's', value: long },
    ] as const)
      expect(() => compile(wanted)).toThrow(expect.objectContaining({ code: 'not-supported' }));
  });

  it('name the fields there are when another is asked for', () => {
    expect(() => compileFilter({ op: 'eq', field: 'other', value: 1 }, layout.filterFields)).toThrow(
      /'other'.*s, i, n, b, l, o\.s/,
    );
  });

  it('cut long lists of values into what the server takes', () => {
    const values = Array.from({ length: 65_537 }, (_, n) => n);
    const query = compileFilter({ op: 'in', field: 'i', values }, layout.filterFields) as {
      bool: { should: object[] };
    };
    expect(query.bool.should).toHaveLength(2);
    expect(query.bool.should[1]).toEqual({ term: { i: '65536' } });
  });
});

interface Indexed {
  readonly values: ReadonlyMap<string, readonly JsonValue[]>;
}

/** What Elasticsearch has in its index of a document, as its mapping says. */
function indexed(written: string): Indexed {
  const { native, present } = split(Buffer.from(written));
  const document = Object.fromEntries(native.map(({ key, value }) => [key, parseJson(Buffer.from(value).toString())]));
  const values = new Map<string, readonly JsonValue[]>([[PRESENT_FIELD, present]]);
  for (const { name } of FIELDS) {
    const value = fieldValue(document, name) ?? null;
    const items = (Array.isArray(value) ? value : [value]) as readonly JsonValue[];
    values.set(
      name,
      items.filter((item) => item !== null && !(typeof item === 'string' && item.length > MAX_KEYWORD)),
    );
  }
  return { values };
}

function found(query: Query, document: Indexed): boolean {
  const [kind, body] = firstOf(query);
  const [field, value] = firstOf(body ?? {});
  const values = document.values.get(field) ?? [];
  switch (kind) {
    case 'match_all':
      return true;
    case 'match_none':
      return false;
    case 'exists':
      return (document.values.get(String(value)) ?? []).length > 0;
    case 'term':
      return values.some((item) => equalTerm(item, value));
    case 'terms':
      return values.some((item) => (value as unknown[]).some((term) => equalTerm(item, term)));
    case 'range':
      return values.some((item) =>
        Object.entries(value as object).every(([op, bound]) => inOrder(op, item, String(bound))),
      );
    default: {
      const { filter: all = [], should, must_not: none = [] } = body as Record<string, Query[] | undefined>;
      return (
        all.every((part) => found(part, document)) &&
        (should === undefined || should.some((part) => found(part, document))) &&
        !none.some((part) => found(part, document))
      );
    }
  }
}

function firstOf(object: object): readonly [string, unknown] {
  return (Object.entries(object) as [string, unknown][])[0] ?? ['', undefined];
}

// Lucene tells −0 from 0, which JavaScript prints alike.
function equalTerm(item: JsonValue, term: unknown): boolean {
  if (typeof item === 'number' || typeof item === 'bigint') return !Object.is(item, -0) && String(item) === term;
  return item === term;
}

function inOrder(op: string, item: JsonValue, bound: string): boolean {
  if (typeof item !== 'number' && typeof item !== 'bigint') return false;
  const [left, right] = [item, /[.eE]/.test(bound) ? Number(bound) : BigInt(bound)];
  const order = left < right ? -1 : left > right ? 1 : (Object.is(left, -0) ? 0 : 1) - (Object.is(right, -0) ? 0 : 1);
  return op === 'gt' ? order > 0 : op === 'gte' ? order >= 0 : op === 'lt' ? order < 0 : order <= 0;
}
