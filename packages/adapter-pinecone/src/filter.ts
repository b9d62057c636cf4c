import type { Filter, FilterOperator, FilterValue } from '@vecport/abstractions';
import { invalidArgument, notSupported } from './errors.js';
import { comparableField, EXISTING_PATHS, elementsField, isPlainText } from './field-names.js';
import { elementText } from './store-metadata.js';

/** The operators that Pinecone evaluates as the portable filter means them. */
export const FILTER_OPERATORS: readonly FilterOperator[] = Object.freeze([
  'and',
  'or',
  'not',
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'exists',
  'contains',
] as const);

/** A filter of Pinecone. */
export type PineconeFilter = { readonly [key: string]: unknown };

/** What a filter leaves: all (`true`), nothing (`false`), or what Pinecone finds with it. */
export type CompiledFilter = boolean | PineconeFilter;

/** Values one `$in` may have. */
const MAX_VALUES = 10_000;

/**
 * A portable filter in Pinecone's language, with its exact meaning: `not` is moved down to the comparisons, each of
 * which is stated for missing fields too, as Pinecone does not document what its own negations do with them.
 * @throws VecportError `not-supported` for comparing texts by order, and for integers from 2^53 on, which doubles
 * cannot tell apart.
 */
export function compileFilter(filter: Filter): CompiledFilter {
  return compile(filter, true);
}

// `holds`: false compiles the filter's negation.
function compile(filter: Filter, holds: boolean): CompiledFilter {
  switch (filter.op) {
    case 'not':
      return compile(filter.filter, !holds);
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => compile(part, holds));
      return (filter.op === 'and') === holds ? all(parts) : any(parts);
    }
    case 'ne':
      return compile({ ...filter, op: 'eq' }, !holds);
    case 'eq':
      return oneOf(filter.field, [filter.value], holds);
    case 'in':
      return oneOf(filter.field, filter.values, holds);
    case 'exists':
      return exists(filter.field, holds);
    case 'contains':
      return contains(filter.field, filter.value, holds);
    default:
      return compare(filter.field, filter.op, filter.value, holds);
  }
}

function oneOf(field: string, values: readonly FilterValue[], holds: boolean): CompiledFilter {
  const key = comparableField(pathOf(field));
  const plain = values.map(comparable);
  const listed = plain.filter((value) => typeof value !== 'boolean');
  const clauses: PineconeFilter[] = plain
    .filter((value) => typeof value === 'boolean')
    .map((value) => ({ [key]: { [holds ? '$eq' : '$ne']: value } }));
  for (let start = 0; start < listed.length; start += MAX_VALUES) {
    const part = listed.slice(start, start + MAX_VALUES);
    if (part.length === 1) clauses.push({ [key]: { [holds ? '$eq' : '$ne']: part[0] } });
    else clauses.push({ [key]: { [holds ? '$in' : '$nin']: part } });
  }
  if (clauses.length === 0) return !holds;
  return holds ? any(clauses) : orMissing(key, all(clauses));
}

function compare(
  field: string,
  op: 'gt' | 'gte' | 'lt' | 'lte',
  value: string | number | bigint,
  holds: boolean,
): CompiledFilter {
  if (typeof value === 'string') {
    throw notSupported(`Pinecone orders numbers only; '${field}' cannot be compared with a text by '${op}'.`);
  }
  const key = comparableField(pathOf(field));
  const condition = { [`$${op}`]: comparable(value) };
  return holds ? { [key]: condition } : orMissing(key, { [key]: { $not: condition } });
}

function exists(field: string, holds: boolean): CompiledFilter {
  const path = pathOf(field);
  const key = comparableField(path);
  const listed = [path.join('.')];
  if (holds) return any([{ [key]: { $exists: true } }, { [EXISTING_PATHS]: { $in: listed } }]);
  return all([{ [key]: { $exists: false } }, orMissing(EXISTING_PATHS, { [EXISTING_PATHS]: { $nin: listed } })]);
}

function contains(field: string, value: FilterValue, holds: boolean): CompiledFilter {
  const path = pathOf(field);
  const plain = comparable(value);
  const [key, element] =
    typeof plain === 'string' ? [comparableField(path), plain] : [elementsField(path), elementText(plain)];
  return holds ? { [key]: { $in: [element] } } : orMissing(key, { [key]: { $nin: [element] } });
}

function all(parts: readonly CompiledFilter[]): CompiledFilter {
  if (parts.includes(false)) return false;
  const clauses = parts.filter((part) => typeof part !== 'boolean');
  return clauses.length === 0 ? true : clauses.length === 1 ? (clauses[0] ?? true) : { $and: clauses };
}

function any(parts: readonly CompiledFilter[]): CompiledFilter {
  if (parts.includes(true)) return true;
  const clauses = parts.filter((part) => typeof part !== 'boolean');
  return clauses.length === 0 ? false : clauses.length === 1 ? (clauses[0] ?? false) : { $or: clauses };
}

function orMissing(key: string, filter: CompiledFilter): CompiledFilter {
  return any([filter, { [key]: { $exists: false } }]);
}

function pathOf(field: string): readonly string[] {
  if (!isPlainText(field)) throw invalidArgument('The name of a field in the filter is not Unicode, or has a NUL.');
  return field.split('.');
}

function comparable(value: FilterValue): string | number | boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    if (isPlainText(value)) return value;
    throw notSupported('Pinecone cannot compare a text that is not Unicode, or has a NUL.');
  }
  const number = Number(value);
  if (Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))) return number;
  throw notSupported(`Pinecone compares numbers as float64, which does not tell ${value} from its neighbours.`);
}
