import { describe, expect, it } from '@jest/globals';
import { type Filter, isVecportError } from '@vecport/abstractions';
import fc from 'fast-check';
import { DATA_TYPE } from '../src/data-types.js';
import { compileFilter } from '../src/filter.js';
import type { ServerInfo } from '../src/server-kind.js';
import { field, foreignLayout, LITE_2, LITE_3, MILVUS, ownLayout } from './support/layouts.js';

const FIELDS = [
  { name: 'group', type: 'string' },
  { name: 'rank', type: 'integer' },
  { name: 'active', type: 'boolean' },
  { name: 'tags', type: 'string[]' },
  { name: 'address.city', type: 'string' },
] as const;
const own = ownLayout(FIELDS);
const compile = (filter: Filter, server: ServerInfo = MILVUS): string | undefined => compileFilter(filter, own, server);
const eq = (name: string, value: string | number | bigint | boolean): Filter => ({ op: 'eq', field: name, value });
const refused = expect.objectContaining({ code: 'not-supported' });

describe('filters of collections that Vecport made', () => {
  it('compare paths into the dynamic field', () => {
    expect(compile(eq('group', 'a"b'))).toBe('$meta["group"] == "a\\"b"');
    expect(compile(eq('address.city', 'Oslo'))).toBe('$meta["address"]["city"] == "Oslo"');
    expect(compile(eq('rank', 9007199254740993n))).toBe('$meta["rank"] == 9007199254740993');
    expect(compile({ op: 'gte', field: 'anything', value: 2.5 })).toBe('$meta["anything"] >= 2.5');
  });

  it('say what a missing value means wherever something is denied', () => {
    expect(compile({ op: 'ne', field: 'rank', value: 1 })).toBe(
      '(not ($meta["rank"] == 1) or not (exists $meta["rank"]))',
    );
    expect(compile({ op: 'ne', field: 'rank', value: 1 }, LITE_3)).toBe(
      '($meta["rank"] is null or $meta["rank"] != 1)',
    );
    expect(compile({ op: 'ne', field: 'rank', value: 1 }, LITE_2)).toBe('$meta["rank"] != 1');
    const notAbove: Filter = { op: 'not', filter: { op: 'gt', field: 'rank', value: 1 } };
    expect(compile(notAbove, LITE_3)).toBe('($meta["rank"] is null or $meta["rank"] <= 1)');
  });

  it('fold what is always or never true', () => {
    expect(compile({ op: 'and', filters: [] })).toBe('');
    expect(compile({ op: 'or', filters: [] })).toBeUndefined();
    expect(compile({ op: 'not', filter: { op: 'or', filters: [] } })).toBe('');
    expect(
      compile({ op: 'and', filters: [eq('group', 'x'), { op: 'in', field: 'group', values: [] }] }),
    ).toBeUndefined();
    expect(compile(eq('active', 1), LITE_3)).toBeUndefined();
  });

  it('put exists in brackets, which binds loosely', () => {
    const filter: Filter = { op: 'or', filters: [{ op: 'exists', field: 'rank' }, eq('group', 'x')] };
    expect(compile(filter)).toBe('((exists $meta["rank"]) or $meta["group"] == "x")');
  });

  it('find integers in lists however they are spelled', () => {
    expect(compile({ op: 'contains', field: 'sizes', value: 2 })).toBe('json_contains($meta["sizes"], 2.0)');
    expect(compile({ op: 'contains', field: 'tags', value: 'x' }, LITE_3)).toBe('json_contains(tags, "x")');
  });

  it.each<readonly [string, Filter, ServerInfo]>([
    ['a name that a field of the collection has', eq('id', 'x'), MILVUS],
    ['the vector field', eq('vector.x', 'x'), MILVUS],
    ['the reserved field', eq('_vecport', 'x'), MILVUS],
    ['a key that servers read differently', eq('a/b', 'x'), MILVUS],
    ['a place in a list', eq('tags.0', 'x'), MILVUS],
    ['an integer beyond 64 bits', eq('rank', 2n ** 63n), MILVUS],
    ['existence deep inside, of unknown type', { op: 'exists', field: 'a.b' }, MILVUS],
    ['a field without a declared type, in milvus-lite 3', eq('other', 1), LITE_3],
    ['a line break, in milvus-lite 2', eq('group', 'a\nb'), LITE_2],
  ])('refuse %s', (_, filter, server) => {
    expect(() => compile(filter, server)).toThrow(refused);
  });

  it('are balanced, or refused by name, whatever they are', () => {
    const name = fc.constantFrom('group', 'rank', 'active', 'tags', 'address.city', 'id', 'x.y', 'größe', 'a"b');
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt(), fc.boolean());
    const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 3 },
        fc.record({ op: fc.constantFrom('eq' as const, 'ne' as const, 'contains' as const), field: name, value }),
        fc.record({
          op: fc.constantFrom('gt' as const, 'lte' as const),
          field: name,
          value: fc.oneof(fc.string(), fc.integer()),
        }),
        fc.record({ op: fc.constant('in' as const), field: name, values: fc.array(value, { maxLength: 3 }) }),
        fc.record({ op: fc.constant('exists' as const), field: name }),
        fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
        fc.record({
          op: fc.constantFrom('and' as const, 'or' as const),
          filters: fc.array(tie('filter'), { maxLength: 3 }),
        }),
      ),
    }));
    fc.assert(
      fc.property(filter, fc.constantFrom(MILVUS, LITE_3), (one, server) => {
        let text: string | undefined;
        try {
          text = compileFilter(one, own, server);
        } catch (error) {
          expect(isVecportError(error) && error.code).toBe('not-supported');
          return;
        }
        const bare = (text ?? '').replace(/"(?:[^"\\]|\\.)*"/gs, '""');
        let depth = 0;
        for (const char of bare) {
          if ('(['.includes(char)) depth++;
          if (')]'.includes(char)) depth--;
          expect(depth).toBeGreaterThanOrEqual(0);
        }
        expect(depth).toBe(0);
      }),
    );
  });
});

describe('filters of collections that other programs made', () => {
  const layout = foreignLayout(
    [
      field('pages', DATA_TYPE.Int32),
      field('price', DATA_TYPE.Double),
      field('title', DATA_TYPE.VarChar, { nullable: true }),
      field('score', DATA_TYPE.Float),
      field('extra', DATA_TYPE.JSON),
    ],
    false,
  );
  const of = (filter: Filter): string | undefined => compileFilter(filter, layout, MILVUS);

  it('compare fields by their type', () => {
    expect(of({ op: 'gt', field: 'pages', value: 1.5 })).toBe('pages > 1');
    expect(of({ op: 'lt', field: 'pages', value: -1.5 })).toBe('pages <= -2');
    expect(of(eq('pages', 1.5))).toBeUndefined();
    expect(of(eq('pages', 'x'))).toBeUndefined();
    expect(of({ op: 'gte', field: 'price', value: 3 })).toBe('price >= 3.0');
    expect(of({ op: 'ne', field: 'pages', value: 3 })).toBe('not (pages == 3)');
    expect(of({ op: 'ne', field: 'title', value: 'x' })).toBe('(not (title == "x") or title is null)');
    expect(of({ op: 'exists', field: 'pages' })).toBe('');
    expect(of({ op: 'exists', field: 'title' })).toBe('title is not null');
    expect(of(eq('extra.deep.n', 1))).toBe('extra["deep"]["n"] == 1');
  });

  it('refuse what cannot be compared exactly', () => {
    for (const name of ['score', 'nowhere', 'pages.x']) expect(() => of(eq(name, 1))).toThrow(refused);
  });
});
