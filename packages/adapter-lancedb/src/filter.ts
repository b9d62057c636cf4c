import type { FieldType, Filter, FilterValue } from '@vecport/abstractions';
import { notSupported } from './errors.js';
import type { FilterColumn } from './layout.js';

const TRUE = 'true';
const FALSE = 'false';
const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;
const ORDER_SQL = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
type OrderOperator = keyof typeof ORDER_SQL;

/**
 * The filter as LanceDB's SQL. SQL's logic has three values and the portable filter's two, so
 * negations are moved down to the comparisons, where a missing value is spelled out; above them a
 * comparison that is `NULL` and one that is false are the same.
 * @throws VecportError `not-supported` naming a field that has no column of its own.
 */
export function compileFilter(filter: Filter, columns: ReadonlyMap<string, FilterColumn>): string {
  return compile(filter, columns, false);
}

/** A text as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An integer within 64 bits as an SQL literal. The smallest one does not parse as a number: the minus is read apart. */
export function integerLiteral(value: bigint): string {
  return value === MIN_I64 ? `CAST('${value}' AS BIGINT)` : String(value);
}

function compile(filter: Filter, columns: ReadonlyMap<string, FilterColumn>, negated: boolean): string {
  switch (filter.op) {
    case 'not':
      return compile(filter.filter, columns, !negated);
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => compile(part, columns, negated));
      return combine(parts, (filter.op === 'and') !== negated);
    }
    case 'ne':
      return compile({ op: 'eq', field: filter.field, value: filter.value }, columns, !negated);
    case 'eq':
      return leaf({ op: 'eq', value: filter.value }, columnOf(filter.field, columns), negated);
    default:
      return leaf(filter, columnOf(filter.field, columns), negated);
  }
}

function leaf(node: Comparison, column: FilterColumn, negated: boolean): string {
  const holds = comparison(node, column);
  return negated ? negate(holds, column) : holds;
}

function combine(parts: readonly string[], all: boolean): string {
  const [neutral, decisive] = all ? [TRUE, FALSE] : [FALSE, TRUE];
  if (parts.includes(decisive)) return decisive;
  const needed = parts.filter((part) => part !== neutral);
  if (needed.length === 0) return neutral;
  return needed.length === 1 ? (needed[0] ?? neutral) : `(${needed.join(all ? ' AND ' : ' OR ')})`;
}

function negate(holds: string, { expression }: FilterColumn): string {
  if (holds === FALSE) return TRUE;
  if (holds === `${expression} IS NOT NULL`) return `${expression} IS NULL`;
  return `(${expression} IS NULL OR NOT ${holds.startsWith('(') ? holds : `(${holds})`})`;
}

function columnOf(field: string, columns: ReadonlyMap<string, FilterColumn>): FilterColumn {
  const column = columns.get(field);
  if (column !== undefined) return column;
  const known = [...columns.keys()].join(', ') || 'none';
  throw notSupported(
    `This table cannot be filtered by '${field}' (it can by: ${known}).`,
    `Declare '${field}' in \`fields\` when the collection is created.`,
  );
}

type NodeOf<O extends Filter['op']> = { readonly op: O };
type Comparison =
  | (NodeOf<'eq'> & { readonly value: FilterValue })
  | (NodeOf<OrderOperator> & { readonly value: string | number | bigint })
  | (NodeOf<'in'> & { readonly values: readonly FilterValue[] })
  | (NodeOf<'contains'> & { readonly value: FilterValue })
  | NodeOf<'exists'>;

function comparison(filter: Comparison, { expression, type }: FilterColumn): string {
  const item = itemType(type);
  switch (filter.op) {
    case 'exists':
      return `${expression} IS NOT NULL`;
    case 'contains': {
      const value = item === undefined ? undefined : literal(item, filter.value);
      return value === undefined ? FALSE : `coalesce(array_has(${expression}, ${value}), false)`;
    }
    case 'eq':
    case 'in': {
      if (item !== undefined) return FALSE;
      const values = filter.op === 'eq' ? [filter.value] : filter.values;
      const literals = values.flatMap((value) => literal(type, value) ?? []);
      if (literals.length === 0) return FALSE;
      return filter.op === 'eq' ? `${expression} = ${literals[0]}` : `${expression} IN (${literals.join(', ')})`;
    }
    default:
      return item === undefined ? order(expression, type, filter.op, filter.value) : FALSE;
  }
}

function order(expression: string, type: FieldType, op: OrderOperator, value: string | number | bigint): string {
  if (typeof value === 'string')
    return type === 'string' ? `${expression} ${ORDER_SQL[op]} ${quoteText(value)}` : FALSE;
  if (type === 'number') return orderNumber(expression, op, value);
  return type === 'integer' ? orderInteger(expression, op, value) : FALSE;
}

// An integer is above 1.5 where it is above 1, and not above where it is at most 1.
function orderInteger(expression: string, op: OrderOperator, value: number | bigint): string {
  const above = op === 'gt' || op === 'gte';
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return orderInteger(expression, above ? 'gt' : 'lte', BigInt(Math.floor(value)));
  }
  const bound = BigInt(value);
  if (bound > MAX_I64) return above ? FALSE : `${expression} IS NOT NULL`;
  if (bound < MIN_I64) return above ? `${expression} IS NOT NULL` : FALSE;
  return `${expression} ${ORDER_SQL[op]} ${integerLiteral(bound)}`;
}

// A bound between two doubles is replaced by the nearest one, on its own side of it.
function orderNumber(expression: string, op: OrderOperator, value: number | bigint): string {
  const double = Number(value);
  const above = op === 'gt' || op === 'gte';
  if (double === Number.POSITIVE_INFINITY || double === Number.NEGATIVE_INFINITY) {
    return above === double < 0 ? `${expression} IS NOT NULL` : FALSE;
  }
  const rounded = double > value ? (above ? 'gte' : 'lt') : double < value ? (above ? 'gt' : 'lte') : op;
  return `${expression} ${ORDER_SQL[rounded]} ${doubleLiteral(double)}`;
}

// `undefined`: no value of this type equals it.
function literal(type: FieldType, value: FilterValue): string | undefined {
  switch (typeof value) {
    case 'string':
      return type === 'string' ? quoteText(value) : undefined;
    case 'boolean':
      return type === 'boolean' ? String(value) : undefined;
    default:
      if (type === 'number') return isDouble(value) ? doubleLiteral(Number(value)) : undefined;
      if (type !== 'integer' || (typeof value === 'number' && !Number.isInteger(value))) return undefined;
      return BigInt(value) < MIN_I64 || BigInt(value) > MAX_I64 ? undefined : integerLiteral(BigInt(value));
  }
}

function isDouble(value: number | bigint): boolean {
  const double = Number(value);
  return Number.isFinite(double) && (typeof value === 'number' || BigInt(double) === value);
}

// Adding zero takes the sign from −0, which LanceDB may tell from 0.
function doubleLiteral(value: number): string {
  return `CAST('${value + 0}' AS DOUBLE)`;
}

function itemType(type: FieldType): 'string' | 'integer' | 'number' | undefined {
  return type === 'string[]' ? 'string' : type === 'integer[]' ? 'integer' : type === 'number[]' ? 'number' : undefined;
}
