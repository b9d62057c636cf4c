import type { FieldSpec, Filter, FilterOperator, VectorRecord } from '@vecport/abstractions';
import { DIMENSION } from '../conformance/context.js';
import { mulberry32, randomInteger, randomVector } from '../helpers/random.js';

/** The fields of the corpus a collection is made with. */
export const FILTER_FIELDS: readonly FieldSpec[] = [
  { name: 'group', type: 'string' },
  { name: 'rank', type: 'integer' },
  { name: 'weight', type: 'number' },
  { name: 'active', type: 'boolean' },
  { name: 'tags', type: 'string[]' },
  { name: 'sizes', type: 'integer[]' },
  { name: 'address.city', type: 'string' },
];

/** Texts that order, case, quotes and escapes are tried with. */
export const GROUPS = [
  'amber',
  'Amber',
  'basalt',
  'zebra',
  'Äther',
  "o'clock",
  'a"b',
  '100%',
  'back\\slash',
  '',
  '😀',
  '\uffee',
] as const;
/** Values of the list fields. */
export const TAGS = ['red', 'green', "blue's", 'größe'] as const;

/** Points with every field present, missing and `null`, in all combinations that matter. */
export function filterCorpus(idOf: (n: number) => string, count = 72): readonly VectorRecord[] {
  const random = mulberry32(21);
  return Array.from({ length: count }, (_, n) => {
    const metadata = n % 18 === 17 ? undefined : corpusMetadata(n, random);
    return { id: idOf(n), embedding: randomVector(random, DIMENSION), ...(metadata === undefined ? {} : { metadata }) };
  });
}

/** Filters that pin down what each operator means; every one has its operator at the top. */
export const FILTERS: Readonly<Record<FilterOperator, readonly Filter[]>> = {
  eq: [
    ...GROUPS.map((value): Filter => ({ op: 'eq', field: 'group', value })),
    { op: 'eq', field: 'rank', value: -3 },
    { op: 'eq', field: 'rank', value: 0 },
    { op: 'eq', field: 'rank', value: 4n },
    { op: 'eq', field: 'rank', value: 2.5 },
    { op: 'eq', field: 'weight', value: 0.5 },
    { op: 'eq', field: 'weight', value: 1 },
    { op: 'eq', field: 'active', value: true },
    { op: 'eq', field: 'active', value: false },
    { op: 'eq', field: 'address.city', value: 'Oslo' },
  ],
  ne: [
    { op: 'ne', field: 'group', value: 'amber' },
    { op: 'ne', field: 'rank', value: 0 },
    { op: 'ne', field: 'active', value: true },
    { op: 'ne', field: 'address.city', value: 'Oslo' },
  ],
  gt: orderFilters('gt'),
  gte: orderFilters('gte'),
  lt: orderFilters('lt'),
  lte: orderFilters('lte'),
  in: [
    { op: 'in', field: 'group', values: ['amber', "o'clock", 'nobody'] },
    { op: 'in', field: 'rank', values: [0, -3, 99] },
    { op: 'in', field: 'weight', values: [0.5, -0.25] },
    { op: 'in', field: 'group', values: [] },
  ],
  exists: ['group', 'rank', 'weight', 'active', 'tags', 'address.city'].map((field) => ({ op: 'exists', field })),
  contains: [
    ...TAGS.map((value): Filter => ({ op: 'contains', field: 'tags', value })),
    { op: 'contains', field: 'tags', value: 'no such tag' },
    { op: 'contains', field: 'sizes', value: 2 },
  ],
  and: [
    { op: 'and', filters: [] },
    {
      op: 'and',
      filters: [
        { op: 'eq', field: 'active', value: true },
        { op: 'gt', field: 'rank', value: 0 },
      ],
    },
  ],
  or: [
    { op: 'or', filters: [] },
    {
      op: 'or',
      filters: [
        { op: 'eq', field: 'group', value: 'amber' },
        { op: 'lt', field: 'rank', value: 0 },
      ],
    },
  ],
  not: [
    { op: 'not', filter: { op: 'eq', field: 'group', value: 'amber' } },
    { op: 'not', filter: { op: 'gt', field: 'rank', value: 0 } },
    { op: 'not', filter: { op: 'not', filter: { op: 'eq', field: 'active', value: true } } },
  ],
};

/** The operators a filter uses. */
export function operatorsOf(filter: Filter): readonly FilterOperator[] {
  if (filter.op === 'and' || filter.op === 'or') return [filter.op, ...filter.filters.flatMap(operatorsOf)];
  return filter.op === 'not' ? ['not', ...operatorsOf(filter.filter)] : [filter.op];
}

function orderFilters(op: 'gt' | 'gte' | 'lt' | 'lte'): readonly Filter[] {
  return [
    { op, field: 'rank', value: 0 },
    { op, field: 'rank', value: 2.5 },
    { op, field: 'rank', value: -4n },
    { op, field: 'weight', value: 0.5 },
    { op, field: 'weight', value: 0 },
    { op, field: 'group', value: 'b' },
    { op, field: 'group', value: '\uffee' },
  ];
}

function corpusMetadata(n: number, random: () => number): Record<string, unknown> {
  const metadata: Record<string, unknown> = {};
  const put = (name: string, value: () => unknown): void => {
    const draw = randomInteger(random, 0, 5);
    if (draw > 0) metadata[name] = draw === 1 ? null : value();
  };
  put('group', () => GROUPS[n % GROUPS.length]);
  put('rank', () => (n % 11) - 5);
  put('weight', () => randomInteger(random, -8, 8) / 4);
  put('active', () => n % 2 === 0);
  put('tags', () => TAGS.filter(() => random() < 0.4));
  put('sizes', () => [n % 3, n % 5]);
  put('address', () => ({ city: n % 4 === 0 ? 'Oslo' : 'Rome' }));
  metadata['n'] = n;
  return metadata;
}
