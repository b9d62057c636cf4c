import { type FieldType, fieldValue, type JsonValue } from '@vecport/abstractions';
import type { TypedColumn } from './layout.js';

/** Per field, one value a row as its column keeps it. */
export type TypedValues = ReadonlyMap<string, readonly unknown[]>;

const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;

/**
 * What the typed columns hold for these metadata values, for filters to look at. A value of another
 * type than the field's, or an integer beyond 64 bits, is null there; a `number` is the nearest
 * float64; lists keep their elements of the right type. The metadata text is what is stored and
 * given back, whatever stands here.
 */
export function typedValues(
  columns: readonly TypedColumn[],
  metadata: readonly (JsonValue | undefined)[],
): TypedValues {
  return new Map(
    columns.map(({ name, type }) => [name, metadata.map((value) => columnValue(type, fieldValue(value, name)))]),
  );
}

function columnValue(type: FieldType, value: JsonValue | undefined): unknown {
  switch (type) {
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return scalarValue(type, value);
    case 'string[]':
      return listValue('string', value);
    case 'integer[]':
      return listValue('integer', value);
    case 'number[]':
      return listValue('number', value);
  }
}

function listValue(type: 'string' | 'integer' | 'number', value: JsonValue | undefined): unknown {
  return Array.isArray(value)
    ? value.map((item: JsonValue) => scalarValue(type, item)).filter((item) => item !== null)
    : null;
}

function scalarValue(type: 'string' | 'integer' | 'number' | 'boolean', value: JsonValue | undefined): unknown {
  if (type === 'integer') return integerValue(value);
  if (type === 'number') return numberValue(value);
  if (type === 'boolean') return typeof value === 'boolean' ? Number(value) : null;
  return typeof value === 'string' ? value : null;
}

function integerValue(value: JsonValue | undefined): bigint | null {
  const integer = typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
  return typeof integer === 'bigint' && integer >= MIN_I64 && integer <= MAX_I64 ? integer : null;
}

// Adding zero takes the sign from −0, which LanceDB may tell from 0.
function numberValue(value: JsonValue | undefined): number | null {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) + 0 : null;
}
