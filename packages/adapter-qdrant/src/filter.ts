import type { Filter, FilterValue } from '@vecport/abstractions';
import { RESERVED_FIELD } from '@vecport/wire';
import { all, any, type Compiled, none, type OrderOperator, type ServerFilter } from './conditions.js';
import { invalidArgument, notSupported } from './errors.js';
import { compareNumber } from './filter-numbers.js';

/**
 * The portable filter as Qdrant's, with the same two-valued meaning for every payload and with or without
 * payload indexes. `true` matches everything and `false` nothing: the server need not be asked.
 * @throws VecportError `not-supported` for what Qdrant cannot compare exactly: the order of texts, integers
 * between 2^63 and 2^64, keys that its paths cannot spell.
 */
export function compileFilter(filter: Filter): ServerFilter | boolean {
  const compiled = compile(filter);
  if (typeof compiled === 'boolean' || compiled.kind === 'filter') return compiled;
  return { kind: 'filter', must: [compiled] };
}

/** The path of a field in Qdrant's spelling: keys with other characters than letters, digits, `_` and `-` in quotes. */
export function fieldPath(field: string): string {
  const keys = field.split('.');
  if (keys[0] === RESERVED_FIELD)
    throw invalidArgument(`The field '${RESERVED_FIELD}' is Vecport's own and cannot be filtered by.`);
  return keys.map((key) => quotedKey(key) ?? unspeakable(field)).join('.');
}

/** A key as a part of a path, or `undefined` where paths have no spelling for it. */
export function quotedKey(key: string): string | undefined {
  if (/^[A-Za-z0-9_-]+$/.test(key)) return key;
  return key === '' || /["\\]/.test(key) || !key.isWellFormed() ? undefined : `"${key}"`;
}

function compile(filter: Filter): Compiled {
  switch (filter.op) {
    case 'and':
      return all(filter.filters.map(compile));
    case 'or':
      return any(filter.filters.map(compile));
    case 'not':
      return none(compile(filter.filter));
    case 'eq':
      return equals(fieldPath(filter.field), filter.value);
    case 'ne':
      return none(equals(fieldPath(filter.field), filter.value));
    case 'in':
      return isOneOf(fieldPath(filter.field), filter.values);
    case 'exists':
      throw notSupported(
        `'exists' is not supported by Qdrant (field '${filter.field}'): it takes an empty list for a missing field.`,
      );
    case 'contains':
      return contains(fieldPath(filter.field), filter.value);
    default:
      if (typeof filter.value === 'string') throw textOrder(filter.op, filter.field);
      return compareNumber(fieldPath(filter.field), filter.op, filter.value);
  }
}

function equals(key: string, value: FilterValue): Compiled {
  if (typeof value === 'boolean') return { kind: 'match', key, value };
  if (typeof value !== 'string') return compareNumber(key, 'eq', value);
  // Half a surrogate pair cannot be stored, so nothing equals it.
  return value.isWellFormed() ? { kind: 'match', key, value } : false;
}

function isOneOf(key: string, values: readonly FilterValue[]): Compiled {
  const texts = values.filter((value) => typeof value === 'string').filter((text) => text.isWellFormed());
  const others = values.filter((value) => typeof value !== 'string');
  return any([texts.length > 0 && { kind: 'any', key, values: texts }, ...others.map((value) => equals(key, value))]);
}

/** `path[]` stands for the elements of a list and for nothing where there is no list; `path` can use an index. */
function contains(key: string, value: FilterValue): Compiled {
  const elements = equals(`${key}[]`, value);
  return typeof value === 'string' || typeof value === 'boolean' ? all([equals(key, value), elements]) : elements;
}

function textOrder(op: OrderOperator, field: string): Error {
  return notSupported(
    `'${op}' with a text is not supported by Qdrant (field '${field}'): it has no order of texts.`,
    'Compare with a number, or use eq and in.',
  );
}

function unspeakable(field: string): never {
  throw notSupported(
    `The field '${field}' has a key that Qdrant's paths cannot spell: an empty one, or one with " or \\.`,
  );
}
