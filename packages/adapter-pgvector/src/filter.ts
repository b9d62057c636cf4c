import type { Filter, FilterValue } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';
import { escapeJsonText, stringJson } from './jsonb-text.js';
import { FILTER_COLUMN, type MetadataField, type TableLayout } from './layout.js';
import { quoteName, quoteText } from './sql.js';

const ORDER_SQL = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
type OrderOperator = keyof typeof ORDER_SQL;

/**
 * The filter as a condition over the table's alias `t`. It is true or false and never NULL, so that `NOT` means what
 * it says. Numbers are compared as PostgreSQL's `numeric`, exactly; texts by code point.
 * @throws VecportError `invalid-argument` for a value PostgreSQL has no place for.
 */
export function compileFilter(filter: Filter, layout: TableLayout): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return combine(
        filter.filters.map((part) => compileFilter(part, layout)),
        filter.op === 'and',
      );
    case 'not':
      return `(NOT ${compileFilter(filter.filter, layout)})`;
    case 'ne':
      return `(NOT ${compare({ ...filter, op: 'eq' }, layout)})`;
    case 'eq':
      return compare({ ...filter, op: 'eq' }, layout);
    default:
      return compare(filter, layout);
  }
}

type Equality = { readonly op: 'eq'; readonly field: string; readonly value: FilterValue };
type Comparison = Equality | Exclude<Filter, { readonly op: 'and' | 'or' | 'eq' | 'ne' } | { readonly op: 'not' }>;

function compare(filter: Comparison, layout: TableLayout): string {
  return targetOf(filter.field, layout)?.compile(filter) ?? 'false';
}

interface Target {
  compile(node: Comparison): string;
}

function combine(parts: readonly string[], all: boolean): string {
  if (parts.length === 0) return all ? 'true' : 'false';
  return `(${parts.join(all ? ' AND ' : ' OR ')})`;
}

function targetOf(field: string, { fields }: TableLayout): Target | undefined {
  const path = field.split('.');
  if (fields === undefined) return documentTarget(path);
  const [first, ...rest] = path;
  const column = fields.find(({ name }) => name === first);
  return column === undefined ? undefined : columnTarget(column, rest);
}

// Of a table Vecport made. Containment of an object is equality of the field, and an index can answer it.
function documentTarget(path: readonly string[]): Target {
  const root = `t.${quoteName(FILTER_COLUMN)}`;
  const value = jsonValue({ root, path, escapes: true });
  return {
    compile: (node) => {
      if (node.op !== 'eq') return value.compile(node);
      const nested = path.reduceRight(
        (inner, key) => `{${stringJson(key, true)}:${inner}}`,
        scalarJson(node.value, true),
      );
      return `((${root} @> ${quoteText(nested)}::jsonb) IS TRUE)`;
    },
  };
}

function columnTarget({ name, type }: MetadataField, path: readonly string[]): Target {
  const column = `t.${quoteName(name)}`;
  if (type === 'json') return jsonValue({ root: escapeJsonText(column), path, escapes: true });
  return jsonValue({ root: type === 'jsonb' ? column : `to_jsonb(${column})`, path, escapes: false });
}

interface JsonPath {
  /** An expression of the type `jsonb`. */
  readonly root: string;
  /** Keys of objects to go down by. */
  readonly path: readonly string[];
  /** Whether its texts are escaped, see `jsonb-text`. */
  readonly escapes: boolean;
}

function jsonValue({ root, path, escapes }: JsonPath): Target {
  if (path.some((key) => !isWritable(key, escapes))) return { compile: () => 'false' };
  const steps = path.map((key) => ` -> ${quoteText(escaped(key, escapes))}::text`);
  const value = steps.length === 0 ? root : `(${root}${steps.join('')})`;
  const literal = (wanted: FilterValue): string => `${quoteText(scalarJson(wanted, escapes))}::jsonb`;
  const canEqual = (wanted: FilterValue): boolean => typeof wanted !== 'string' || isWritable(wanted, escapes);
  return {
    compile: (node) => {
      switch (node.op) {
        case 'exists':
          return `((jsonb_typeof(${value}) <> 'null') IS TRUE)`;
        case 'eq':
          return canEqual(node.value) ? `((${value} = ${literal(node.value)}) IS TRUE)` : 'false';
        case 'in': {
          const values = node.values.filter(canEqual).map(literal);
          return values.length === 0 ? 'false' : `((${value} IN (${values.join(', ')})) IS TRUE)`;
        }
        case 'contains':
          return canEqual(node.value)
            ? `((jsonb_typeof(${value}) = 'array' AND ${value} @> ${quoteText(`[${scalarJson(node.value, escapes)}]`)}::jsonb) IS TRUE)`
            : 'false';
        default:
          return order(value, node.op, node.value, escapes);
      }
    },
  };
}

// CASE, since only it promises that the cast is not tried on anything else.
function order(value: string, op: OrderOperator, bound: string | number | bigint, escapes: boolean): string {
  if (typeof bound !== 'string') {
    return `(CASE WHEN jsonb_typeof(${value}) = 'number' THEN (${value})::numeric ${ORDER_SQL[op]} ${numberText(bound)}::numeric ELSE false END)`;
  }
  const [text, operator] = escapes ? [escaped(bound, true), ORDER_SQL[op]] : withoutNul(bound, op);
  return `(CASE WHEN jsonb_typeof(${value}) = 'string' THEN (${value} #>> '{}') COLLATE "C" ${operator} ${quoteText(text)} ELSE false END)`;
}

// No text of PostgreSQL's holds a NUL character, so only what comes before the first one can decide.
function withoutNul(bound: string, op: OrderOperator): readonly [string, string] {
  const at = bound.indexOf('\0');
  if (at < 0) return [wellFormed(bound), ORDER_SQL[op]];
  return [wellFormed(bound.slice(0, at)), op === 'gt' || op === 'gte' ? '>' : '<='];
}

function scalarJson(value: FilterValue, escapes: boolean): string {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? stringJson(wellFormed(value), escapes) : numberText(value);
}

function numberText(value: number | bigint): string {
  if (typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  throw invalidArgument(`A filter cannot compare with ${value}.`);
}

function isWritable(text: string, escapes: boolean): boolean {
  return escapes || !text.includes('\0');
}

function escaped(text: string, escapes: boolean): string {
  return escapes ? (JSON.parse(stringJson(wellFormed(text), true)) as string) : wellFormed(text);
}

function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw invalidArgument('A text of the filter is not Unicode: it holds half a surrogate pair.');
}
