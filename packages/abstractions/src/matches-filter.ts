import type { Filter, FilterValue } from './filter.js';
import type { JsonValue } from './lossless-json.js';

/** Whether metadata satisfies a filter: the reference meaning that every provider's answer is tested against. */
export function matchesFilter(filter: Filter, metadata: JsonValue | undefined): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((part) => matchesFilter(part, metadata));
    case 'or':
      return filter.filters.some((part) => matchesFilter(part, metadata));
    case 'not':
      return !matchesFilter(filter.filter, metadata);
    case 'ne':
      return !equal(fieldValue(metadata, filter.field), filter.value);
    case 'eq':
      return equal(fieldValue(metadata, filter.field), filter.value);
    case 'in':
      return filter.values.some((value) => equal(fieldValue(metadata, filter.field), value));
    case 'exists':
      return (fieldValue(metadata, filter.field) ?? null) !== null;
    case 'contains': {
      const list = fieldValue(metadata, filter.field);
      return Array.isArray(list) && list.some((item: JsonValue) => equal(item, filter.value));
    }
    default: {
      const order = compare(fieldValue(metadata, filter.field), filter.value);
      return order !== undefined && ORDER_HOLDS[filter.op](order);
    }
  }
}

/** The value at a dotted path, or `undefined` where there is none. */
export function fieldValue(metadata: JsonValue | undefined, field: string): JsonValue | undefined {
  let value = metadata;
  for (const key of field.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined;
    value = (value as { readonly [key: string]: JsonValue })[key];
  }
  return value;
}

const ORDER_HOLDS = {
  gt: (order: number) => order > 0,
  gte: (order: number) => order >= 0,
  lt: (order: number) => order < 0,
  lte: (order: number) => order <= 0,
} as const;

function equal(left: JsonValue | undefined, right: FilterValue): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: `==` compares number and bigint by value, exactly
  return isNumeric(left) && isNumeric(right) ? left == right : left === right;
}

function compare(left: JsonValue | undefined, right: string | number | bigint): number | undefined {
  if (isNumeric(left) && isNumeric(right)) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'string' && typeof right === 'string') return compareCodePoints(left, right);
  return undefined;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

// UTF-16 order differs from code point order above U+FFFF; UTF-8 bytes sort like code points, as databases do.
function compareCodePoints(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
