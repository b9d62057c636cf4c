/**
 * JSON as the server holds it: integers of 64 bits (signed or unsigned) are `bigint`, every other number is
 * a double, and the members of an object keep their order.
 */
export type JsonValue = null | boolean | string | number | bigint | readonly JsonValue[] | JsonObject;

/** An object of {@link JsonValue}s. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** Whether a value is an object (a `Map`). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Whether a value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A text, empty where the value is none. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A {@link JsonObject} of plain members; members that are `undefined` are left out. */
export function jsonObject(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const object = new Map<string, JsonValue>();
  for (const [key, value] of Object.entries(members)) if (value !== undefined) object.set(key, value);
  return object;
}

/** Plain data as a {@link JsonValue}; whole numbers become integers. */
export function toJsonValue(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') {
    return value;
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => toJsonValue(item));
  if (typeof value === 'object') {
    return new Map(Object.entries(value).map(([key, member]) => [key, toJsonValue(member)]));
  }
  throw new TypeError(`${typeof value} is not JSON`);
}
