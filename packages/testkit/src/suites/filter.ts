import assert from 'node:assert/strict';
import type { JsonValue } from '@vecport/abstractions';
import {
  FILTER_OPERATORS,
  type Filter,
  type FilterOperator,
  hasCapability,
  type IVectorSearchRepository,
  matchesFilter,
  type VectorRecord,
} from '@vecport/abstractions';
import fc from 'fast-check';
import { sameMultiset } from '../conformance/assert-same.js';
import { type SuiteCheck, suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { FILTER_FIELDS, FILTERS, filterCorpus, GROUPS, operatorsOf, TAGS } from './filter-corpus.js';

/** The meaning of every filter operator, compared with the reference. */
export const filterSuite = suite('filter', [
  ...FILTER_OPERATORS.map(
    (op): SuiteCheck => ({
      name: `${op} finds exactly what it means, also with missing and null fields`,
      needs: [`filter:${op}`],
      run: async (context) => {
        const corpus = await corpusCollection(context);
        for (const filter of FILTERS[op].filter((one) => isSupported(one, context))) await assertFilter(corpus, filter);
      },
    }),
  ),
  {
    name: 'integers above 2^53 are compared exactly',
    needs: ['filter:eq', 'filter:gt'],
    run: async ({ create, id, options }) => {
      const repository = await create({ fields: [{ name: 'rank', type: 'integer' }] });
      const values = [9007199254740992n, 9007199254740993n, 9223372036854775807n, -9007199254740993n];
      const points = values.map((rank, n) => ({
        id: id(n),
        embedding: new Float32Array(DIMENSION).fill(n + 1),
        metadata: { rank },
      }));
      await writeAll(repository, points);
      for (const value of values) {
        for (const op of ['eq', 'gt'] as const)
          await assertFilter({ repository, points, counts: countsFilters(options) }, { op, field: 'rank', value });
      }
    },
  },
  {
    name: 'texts are ordered by code point',
    needs: ['filter:gt', 'text-order'],
    run: async (context) => {
      const corpus = await corpusCollection(context);
      for (const filter of FILTERS.gt.filter(ordersTexts)) await assertFilter(corpus, filter);
    },
  },
  {
    name: 'a value of another type than the field equals nothing',
    needs: ['filter:eq', 'filter:ne', 'filter:in'],
    run: async (context) => {
      const corpus = await corpusCollection(context);
      for (const filter of [
        { op: 'eq', field: 'group', value: 1 },
        { op: 'eq', field: 'rank', value: '0' },
        { op: 'eq', field: 'active', value: 'true' },
        { op: 'eq', field: 'active', value: 1 },
        { op: 'ne', field: 'rank', value: '0' },
        { op: 'in', field: 'rank', values: ['0', 0] },
      ] as const satisfies readonly Filter[]) {
        await assertFilter(corpus, filter);
      }
    },
  },
  {
    name: 'fields that hold several types are compared by type',
    needs: ['mixed-types', 'filter:eq', 'filter:gt', 'filter:exists'],
    run: async ({ create, id, options }) => {
      const repository = await create({ fields: [{ name: 'rank', type: 'integer' }] });
      const values: readonly unknown[] = [1, '1', 1.5, true, null, [1], { a: 1 }, 'one', 7];
      const points = values.map((rank, n) => ({
        id: id(n),
        embedding: new Float32Array(DIMENSION).fill(n + 1),
        metadata: { rank },
      }));
      await writeAll(repository, points);
      await assertFilter({ repository, points, counts: countsFilters(options) }, { op: 'eq', field: 'rank', value: 7 });
      await assertFilter({ repository, points, counts: countsFilters(options) }, { op: 'gt', field: 'rank', value: 1 });
      await assertFilter({ repository, points, counts: countsFilters(options) }, { op: 'exists', field: 'rank' });
    },
  },
  {
    name: 'random filters find what the reference finds',
    run: async (context) => {
      const corpus = await corpusCollection(context);
      const filters = randomFilter(context.traits.filterOperators);
      if (filters === undefined) return;
      await fc.assert(
        fc.asyncProperty(
          filters.filter((filter) => isSupported(filter, context)),
          async (filter) => assertFilter(corpus, filter),
        ),
        { numRuns: context.options.filterRuns ?? 40, seed: context.options.seed ?? 7 },
      );
    },
  },
]);

interface Corpus {
  readonly repository: IVectorSearchRepository;
  readonly points: readonly VectorRecord[];
  /** Whether the provider counts what a filter matches. */
  readonly counts: boolean;
}

async function corpusCollection(context: ConformanceContext): Promise<Corpus> {
  const repository = await context.create({ fields: FILTER_FIELDS });
  const points = filterCorpus(context.id);
  await writeAll(repository, points);
  return { repository, points, counts: countsFilters(context.options) };
}

function countsFilters({ absent }: ConformanceContext['options']): boolean {
  return absent?.['count-filter'] === undefined;
}

function isSupported(filter: Filter, { traits, options }: ConformanceContext): boolean {
  if (options.absent?.['text-order'] !== undefined && ordersTexts(filter)) return false;
  return operatorsOf(filter).every((op) => traits.filterOperators.includes(op));
}

function ordersTexts(filter: Filter): boolean {
  if (filter.op === 'and' || filter.op === 'or') return filter.filters.some(ordersTexts);
  if (filter.op === 'not') return ordersTexts(filter.filter);
  return /^[gl]te?$/.test(filter.op) && 'value' in filter && typeof filter.value === 'string';
}

/** The three ways to use a filter all find exactly what the reference finds. */
async function assertFilter({ repository, points, counts }: Corpus, filter: Filter): Promise<void> {
  const what = printFilter(filter);
  const expected = points
    .filter(({ metadata }) => matchesFilter(filter, metadata as JsonValue | undefined))
    .map(({ id }) => id);
  if (counts) assert.equal(await repository.count(filter), expected.length, `count of ${what}`);
  const found = await repository.search({ vector: new Float32Array(DIMENSION).fill(1), topK: points.length, filter });
  sameMultiset(
    found.map(({ id }) => id),
    expected,
    `search with ${what}`,
  );
  const { exportFilterOperators } = repository.traits;
  const exportable =
    exportFilterOperators === undefined || operatorsOf(filter).every((op) => exportFilterOperators.includes(op));
  if (hasCapability(repository, 'exportAll') && exportable) {
    sameMultiset((await collectExport(repository, { filter, batchSize: 16 })).ids, expected, `export with ${what}`);
  }
}

function printFilter(filter: Filter): string {
  return JSON.stringify(filter, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Filters of the operators given, a few levels deep; `undefined` when none of them compares anything. */
function randomFilter(operators: readonly FilterOperator[]): fc.Arbitrary<Filter> | undefined {
  const leaves = LEAVES.filter(([op]) => operators.includes(op)).map(([, leaf]) => leaf);
  if (leaves.length === 0) return undefined;
  return fc.letrec<{ filter: Filter }>((tie) => {
    const nodes: fc.Arbitrary<Filter>[] = [];
    if (operators.includes('not')) nodes.push(tie('filter').map((filter) => ({ op: 'not', filter })));
    for (const op of ['and', 'or'] as const) {
      if (operators.includes(op))
        nodes.push(fc.array(tie('filter'), { maxLength: 3 }).map((filters) => ({ op, filters })));
    }
    return { filter: fc.oneof({ maxDepth: 3, depthSize: 'small' }, fc.oneof(...leaves), ...nodes) };
  }).filter;
}

const text = fc.constantFrom('group', 'address.city');
const textValue = fc.constantFrom(...GROUPS, 'Oslo', 'nobody');
const number = fc.constantFrom('rank', 'weight');
const numberValue = fc.constantFrom<number | bigint>(-3, 0, 0.5, 2, 2.5, 4n, -1000);
const field = fc.oneof(text, number, fc.constantFrom('active', 'tags'));

const comparable = fc.oneof(
  fc.record({ field: text, value: textValue }),
  fc.record({ field: number, value: numberValue }),
);
const equatable = fc.oneof(comparable, fc.record({ field: fc.constant('active'), value: fc.boolean() }));

const LEAVES: readonly (readonly [FilterOperator, fc.Arbitrary<Filter>])[] = [
  ...(['eq', 'ne'] as const).map((op) => [op, equatable.map((part): Filter => ({ op, ...part }))] as const),
  ...(['gt', 'gte', 'lt', 'lte'] as const).map(
    (op) => [op, comparable.map((part): Filter => ({ op, ...part }))] as const,
  ),
  [
    'in',
    fc
      .record({ field: text, values: fc.array(textValue, { maxLength: 3 }) })
      .map((part): Filter => ({ op: 'in', ...part })),
  ],
  ['exists', field.map((name): Filter => ({ op: 'exists', field: name }))],
  ['contains', fc.constantFrom(...TAGS).map((value): Filter => ({ op: 'contains', field: 'tags', value }))],
];
