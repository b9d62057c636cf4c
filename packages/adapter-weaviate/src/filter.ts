import type { Filter, FilterValue } from '@vecport/abstractions';
import { comparable, comparableElement, comparableRange } from './comparable.js';
import { notSupported } from './errors.js';
import type { CollectionLayout, FieldLayout } from './layout.js';
import type { Clause, ClauseValue, ValueOperator } from './requests.js';

type Compared = 'gt' | 'gte' | 'lt' | 'lte';

const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);
const SPACE_AT_END = /^[\s\u0085]|[\s\u0085]$/u;

/**
 * A portable filter in Weaviate's words, with exactly its meaning; `true` and `false` where it holds for every point or
 * for none, for which Weaviate has no words. A field is looked for in its property and among what the property cannot
 * hold.
 * @throws VecportError `not-supported` for a field that was not declared, and where Weaviate would not compare exactly.
 */
export function compileFilter(filter: Filter, layout: CollectionLayout): Clause | boolean {
  switch (filter.op) {
    case 'and':
      return allOf(filter.filters.map((part) => compileFilter(part, layout)));
    case 'or':
      return anyOf(filter.filters.map((part) => compileFilter(part, layout)));
    case 'not':
      return notOf(compileFilter(filter.filter, layout));
    case 'eq':
      return equalTo(fieldOf(filter.field, layout), [filter.value]);
    case 'ne':
      return notOf(equalTo(fieldOf(filter.field, layout), [filter.value]));
    case 'in':
      return equalTo(fieldOf(filter.field, layout), filter.values);
    case 'contains':
      return containing(fieldOf(filter.field, layout), filter.value);
    case 'exists':
      return existing(fieldOf(filter.field, layout), layout);
    default:
      return ordered(fieldOf(filter.field, layout), filter.op, filter.value);
  }
}

function fieldOf(name: string, { fields }: CollectionLayout): FieldLayout {
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    throw notSupported(
      `The field '${name}' cannot be filtered by: it was not declared when the collection was made.`,
      `Declared are: ${fields.map((candidate) => candidate.name).join(', ') || 'none'}.`,
    );
  }
  if (field.inexact !== undefined) throw notSupported(field.inexact);
  return field;
}

function equalTo(field: FieldLayout, values: readonly FilterValue[]): Clause | boolean {
  const native = isList(field) ? [] : values.map((value) => nativeEqual(field, value));
  return anyOf([...native, inOverflow(field, values.map(comparable))]);
}

function containing(field: FieldLayout, value: FilterValue): Clause | boolean {
  const native = isList(field) ? nativeEqual(field, value) : false;
  return anyOf([native, inOverflow(field, [comparableElement(value)])]);
}

function existing(field: FieldLayout, { nullState }: CollectionLayout): Clause | boolean {
  if (!nullState) throw notSupported('The collection has no index of missing values (indexNullState).');
  // Weaviate takes empty texts and lists for missing ones; in collections of Vecport's they are in the overflow.
  if (field.overflow === undefined && !/^(?:integer|number|boolean)$/.test(field.type)) {
    throw notSupported(`Weaviate cannot tell whether '${field.name}' is empty or missing.`);
  }
  const native = field.property === undefined ? false : isThere(field.property);
  // Every text of the overflow is above its first possible character.
  return anyOf([native, field.overflow === undefined ? false : compare(field.overflow, 'gte', text('!'))]);
}

function ordered(field: FieldLayout, op: Compared, value: string | number | bigint): Clause | boolean {
  const [from, below] = comparableRange(value);
  const key = comparable(value);
  const kept =
    field.overflow === undefined
      ? false
      : allOf([
          compare(field.overflow, op, text(key)),
          op === 'gt' || op === 'gte'
            ? compare(field.overflow, 'lt', text(below))
            : compare(field.overflow, 'gte', text(from)),
        ]);
  return anyOf([isList(field) ? false : nativeOrdered(field, op, value), kept]);
}

/** Equal to a value, or for a list: with an element that is. */
function nativeEqual(field: FieldLayout, value: FilterValue): Clause | boolean {
  const { property, type } = field;
  if (property === undefined) return false;
  const equal = (wanted: ClauseValue): Clause => compare(property, 'equal', wanted);
  switch (type) {
    case 'string':
    case 'string[]':
      return typeof value === 'string' && isWhole(field, value) ? equal(text(value)) : false;
    case 'boolean':
      return typeof value === 'boolean' ? equal({ kind: 'boolean', value }) : false;
    case 'integer':
    case 'integer[]': {
      const integer = isNumeric(value) ? integerOf(value) : undefined;
      return integer === undefined ? false : equal({ kind: 'int', value: integer });
    }
    default:
      return isNumeric(value) && isDouble(value) ? equal({ kind: 'number', value: Number(value) }) : false;
  }
}

function nativeOrdered(field: FieldLayout, op: Compared, value: string | number | bigint): Clause | boolean {
  const { property, type } = field;
  if (property === undefined) return false;
  if (type === 'string') return typeof value === 'string' ? orderedText(field, property, op, value) : false;
  if (typeof value === 'string' || type === 'boolean') return false;
  return type === 'integer' ? orderedInteger(property, op, value) : orderedNumber(property, op, value);
}

function orderedText(field: FieldLayout, property: string, op: Compared, value: string): Clause | boolean {
  // Every text but the empty one is above it.
  if (value === '') {
    const above = compare(property, 'gte', text('\u0000'));
    if (op === 'gt' || field.overflow !== undefined) return op === 'gt' || op === 'gte' ? above : false;
  }
  if (SPACE_AT_END.test(value)) throw cutText(value);
  return compare(property, op, text(value));
}

/** Whether a property can hold the text as it is; in collections of Vecport's the others are in the overflow. */
function isWhole({ overflow }: FieldLayout, value: string): boolean {
  if (!SPACE_AT_END.test(value)) return true;
  if (overflow === undefined) throw cutText(value);
  return false;
}

function cutText(value: string): Error {
  return notSupported(
    `Weaviate does not compare with '${value}': it cuts off the space at its ends.`,
    'Compare with a text that neither begins nor ends with a space.',
  );
}

// Integers are compared with the nearest integer that gives the same answer, so that 2.5 and 10^30 make no fault.
function orderedInteger(property: string, op: Compared, value: number | bigint): Clause | boolean {
  const floor = floorOf(value);
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  const lowest = op === 'gt' || (op === 'gte' && !isWhole) ? floor + 1n : floor;
  if (op === 'gt' || op === 'gte') {
    if (lowest > MAX_I64) return false;
    return compare(property, 'gte', { kind: 'int', value: lowest < MIN_I64 ? MIN_I64 : lowest });
  }
  const highest = op === 'lt' && isWhole ? floor - 1n : floor;
  if (highest < MIN_I64) return false;
  return compare(property, 'lte', { kind: 'int', value: highest > MAX_I64 ? MAX_I64 : highest });
}

function orderedNumber(property: string, op: Compared, value: number | bigint): Clause | boolean {
  const nearest = clamped(Number(value));
  const exact = typeof value === 'number' ? 0 : order(value, BigInt(nearest));
  // Between the value and the double nearest to it there is no other double.
  const upward = op === 'gt' || op === 'gte';
  if (exact === 0) return compare(property, op, { kind: 'number', value: nearest });
  const includesNearest = upward ? exact < 0 : exact > 0;
  if (upward) return compare(property, includesNearest ? 'gte' : 'gt', { kind: 'number', value: nearest });
  return compare(property, includesNearest ? 'lte' : 'lt', { kind: 'number', value: nearest });
}

function inOverflow({ overflow }: FieldLayout, texts: readonly string[]): Clause | boolean {
  if (overflow === undefined || texts.length === 0) return false;
  return compare(overflow, 'containsAny', { kind: 'texts', value: texts });
}

// Weaviate does not note that a list is there (isNull false finds none), only that a property is missing.
function isThere(property: string): Clause {
  return { operator: 'not', clauses: [compare(property, 'isNull', { kind: 'boolean', value: true })] };
}

function compare(property: string, operator: ValueOperator, value: ClauseValue): Clause {
  return { operator, property, value };
}

function text(value: string): ClauseValue {
  return { kind: 'text', value };
}

function allOf(parts: readonly (Clause | boolean)[]): Clause | boolean {
  if (parts.includes(false)) return false;
  return joined('and', parts) ?? true;
}

function anyOf(parts: readonly (Clause | boolean)[]): Clause | boolean {
  if (parts.includes(true)) return true;
  return joined('or', parts) ?? false;
}

function joined(operator: 'and' | 'or', parts: readonly (Clause | boolean)[]): Clause | undefined {
  const clauses = parts.filter((part) => typeof part !== 'boolean');
  return clauses.length > 1 ? { operator, clauses } : clauses[0];
}

function notOf(part: Clause | boolean): Clause | boolean {
  return typeof part === 'boolean' ? !part : { operator: 'not', clauses: [part] };
}

function isList({ type }: FieldLayout): boolean {
  return type.endsWith('[]');
}

function isNumeric(value: FilterValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function integerOf(value: number | bigint): bigint | undefined {
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  const integer = BigInt(value);
  return integer >= MIN_I64 && integer <= MAX_I64 ? integer : undefined;
}

function isDouble(value: number | bigint): boolean {
  return typeof value === 'number' || (Number.isFinite(Number(value)) && BigInt(Number(value)) === value);
}

function floorOf(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.floor(value));
}

function clamped(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

function order(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
