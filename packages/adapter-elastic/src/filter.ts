import type { Filter, FilterValue } from '@vecport/abstractions';
import { notSupported } from './errors.js';
import { type FilterField, PRESENT_FIELD, scalarType } from './filter-fields.js';

/** A query of Elasticsearch's. Numbers are text, so that no digit is lost. */
export type Query = Readonly<Record<string, unknown>>;

/** Matches every document. */
export const EVERYTHING: Query = Object.freeze({ match_all: {} });
/** Matches no document. */
const NOTHING: Query = Object.freeze({ match_none: {} });

const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;
/** Values of one `terms` query, Elasticsearch's `index.max_terms_count`. */
const MOST_TERMS = 65_536;

type OrderOperator = 'gt' | 'gte' | 'lt' | 'lte';

/**
 * The filter as a query. A document without a value is found by no comparison and by its negation, as the portable
 * filter means it.
 * @throws VecportError `not-supported` naming a field that is not indexed, or not as it would have to be.
 */
export function compileFilter(filter: Filter, fields: ReadonlyMap<string, FilterField>): Query {
  switch (filter.op) {
    case 'and':
      return allOf(filter.filters.map((part) => compileFilter(part, fields)));
    case 'or':
      return anyOf(filter.filters.map((part) => compileFilter(part, fields)));
    case 'not':
      return noneOf(compileFilter(filter.filter, fields));
    case 'ne':
      return noneOf(equals(fieldOf(filter.field, fields), filter.field, [filter.value]));
    case 'eq':
      return equals(fieldOf(filter.field, fields), filter.field, [filter.value]);
    case 'in':
      return equals(fieldOf(filter.field, fields), filter.field, filter.values);
    case 'exists':
      return exists(fieldOf(filter.field, fields), filter.field);
    case 'contains':
      return contains(fieldOf(filter.field, fields), filter.field, filter.value);
    default:
      return order(fieldOf(filter.field, fields), filter.field, filter.op, filter.value);
  }
}

/** All of the queries. Of none: everything. */
export function allOf(queries: readonly Query[]): Query {
  const needed = queries.filter((query) => query !== EVERYTHING);
  if (needed.includes(NOTHING)) return NOTHING;
  return needed.length > 1 ? { bool: { filter: needed } } : (needed[0] ?? EVERYTHING);
}

function anyOf(queries: readonly Query[]): Query {
  const needed = queries.filter((query) => query !== NOTHING);
  if (needed.includes(EVERYTHING)) return EVERYTHING;
  return needed.length > 1 ? { bool: { should: needed, minimum_should_match: 1 } } : (needed[0] ?? NOTHING);
}

function noneOf(query: Query): Query {
  if (query === NOTHING) return EVERYTHING;
  return query === EVERYTHING ? NOTHING : { bool: { must_not: [query] } };
}

function fieldOf(name: string, fields: ReadonlyMap<string, FilterField>): FilterField {
  const field = fields.get(name);
  if (field !== undefined) return field;
  const known = [...fields.keys()].join(', ') || 'none';
  throw notSupported(
    `This index cannot be filtered by '${name}' (it can by: ${known}).`,
    `Declare '${name}' in \`fields\` when the collection is created; fields of the types text, float and date compare otherwise than they were written.`,
  );
}

function isList({ type }: FilterField): boolean {
  return type.endsWith('[]');
}

// Of a field that Vecport checks, a list equals nothing; elsewhere Elasticsearch does not tell the two.
function equals(field: FilterField, name: string, values: readonly FilterValue[]): Query {
  if (isList(field)) return NOTHING;
  return terms(field, name, values);
}

function contains(field: FilterField, name: string, value: FilterValue): Query {
  if (!field.checked) {
    throw notSupported(
      `Elasticsearch does not tell a list from a single value in '${name}', so 'contains' cannot be answered exactly.`,
      "Use 'eq', which finds elements of lists too.",
    );
  }
  return isList(field) ? terms(field, name, [value]) : NOTHING;
}

function exists({ present, checked }: FilterField, name: string): Query {
  const found = present.map((field): Query => ({ exists: { field } }));
  return anyOf(checked ? [...found, { term: { [PRESENT_FIELD]: name } }] : found);
}

function terms(field: FilterField, name: string, values: readonly FilterValue[]): Query {
  const type = scalarType(field.type);
  if (type === 'number') return anyOf(values.map((value) => equalsNumber(field.field, value)));
  const literals = values.flatMap((value) => literal(field, name, value) ?? []);
  const parts = Array.from({ length: Math.ceil(literals.length / MOST_TERMS) }, (_, at) =>
    literals.slice(at * MOST_TERMS, (at + 1) * MOST_TERMS),
  );
  return anyOf(
    parts.map((part) =>
      part.length === 1 ? { term: { [field.field]: part[0] } } : { terms: { [field.field]: part } },
    ),
  );
}

// `undefined`: no value of this type equals it.
function literal(field: FilterField, name: string, value: FilterValue): string | boolean | undefined {
  switch (scalarType(field.type)) {
    case 'string':
      if (typeof value !== 'string') return undefined;
      if (field.longest !== undefined && value.length > field.longest) throw tooLong(name, field.longest);
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    default:
      return integerText(value);
  }
}

function integerText(value: FilterValue): string | undefined {
  if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isInteger(value))) return undefined;
  const integer = BigInt(value);
  return integer < MIN_I64 || integer > MAX_I64 ? undefined : String(integer);
}

// Zero equals −0, which Lucene keeps apart from it.
function equalsNumber(field: string, value: FilterValue): Query {
  if (typeof value !== 'number' && typeof value !== 'bigint') return NOTHING;
  const double = Number(value);
  if (!Number.isFinite(double) || (typeof value === 'bigint' && BigInt(double) !== value)) return NOTHING;
  if (double === 0) return { range: { [field]: { gte: '-0.0', lte: '0.0' } } };
  return { term: { [field]: String(double) } };
}

function order(field: FilterField, name: string, op: OrderOperator, value: string | number | bigint): Query {
  if (isList(field)) return NOTHING;
  if (typeof value === 'string') return field.type === 'string' ? orderText(field, name, op, value) : NOTHING;
  if (field.type === 'number') return orderNumber(field, op, value);
  return field.type === 'integer' ? orderInteger(field, op, value) : NOTHING;
}

// Terms are ordered by their UTF-8 bytes, which is the order of code points.
function orderText(field: FilterField, name: string, op: OrderOperator, value: string): Query {
  if (!field.checked && field.longest !== undefined) {
    throw notSupported(
      `Texts longer than ${field.longest} characters are not indexed in '${name}', so '${op}' would miss them.`,
    );
  }
  if (field.longest !== undefined && value.length > field.longest) throw tooLong(name, field.longest);
  return { range: { [field.field]: { [op]: value } } };
}

// An integer is above 1.5 where it is above 1, and below where it is at most 1.
function orderInteger(field: FilterField, op: OrderOperator, value: number | bigint): Query {
  const above = op === 'gt' || op === 'gte';
  const all: Query = { exists: { field: field.field } };
  if (typeof value === 'number' && !Number.isFinite(value)) return value > 0 === above ? NOTHING : all;
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return orderInteger(field, above ? 'gt' : 'lte', BigInt(Math.floor(value)));
  }
  const bound = BigInt(value);
  if (bound > MAX_I64) return above ? NOTHING : all;
  if (bound < MIN_I64) return above ? all : NOTHING;
  return { range: { [field.field]: { [op]: String(bound) } } };
}

// A bound between two doubles is replaced by the nearest one, on its own side of it.
function orderNumber(field: FilterField, op: OrderOperator, value: number | bigint): Query {
  const double = Number(value);
  const above = op === 'gt' || op === 'gte';
  if (!Number.isFinite(double)) return double > 0 === above ? NOTHING : { exists: { field: field.field } };
  const rounded = double > value ? (above ? 'gte' : 'lt') : double < value ? (above ? 'gt' : 'lte') : op;
  const zero = rounded === 'gte' || rounded === 'lt' ? '-0.0' : '0.0';
  return { range: { [field.field]: { [rounded]: double === 0 ? zero : String(double) } } };
}

function tooLong(name: string, longest: number): Error {
  return notSupported(`Texts longer than ${longest} characters are not indexed in '${name}'.`);
}
