import { VecportError } from './errors.js';

/** Any JSON value. Integers beyond 2^53 are `bigint`, so that no digit is lost. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object, the shape of a point's metadata. */
export type JsonObject = { readonly [key: string]: JsonValue };

// Source text access: in V8 since 11.4 (Node 22), not yet in TypeScript's library types.
type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { parse, stringify, rawJSON } = JSON as unknown as {
  parse(text: string, reviver?: SourceReviver): JsonValue;
  stringify(value: unknown, replacer?: (key: string, value: unknown) => unknown, indent?: number): string | undefined;
  rawJSON(text: string): unknown;
};

const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Parse JSON without rounding integers: those outside ±2^53 become `bigint`. Other numbers become
 * the nearest double, and `1.0` becomes `1`; callers that need the exact spelling read the text.
 * @throws VecportError `corrupt-data` when the text is not JSON.
 */
export function parseJson(text: string): JsonValue {
  try {
    return LONG_NUMBER.test(text) ? parse(text, keepLongIntegers) : parse(text);
  } catch (cause) {
    throw new VecportError('corrupt-data', `Not valid JSON: ${preview(text)}`, { cause });
  }
}

/**
 * Print a value as JSON, `bigint` as an integer with all its digits and −0 with its sign: in one
 * line, or with `indent` spaces a level.
 * @throws VecportError `invalid-argument` for what JSON cannot hold (NaN, infinities, functions,
 * symbols, cycles), instead of `null`.
 */
export function stringifyJson(value: unknown, indent = 0): string {
  try {
    const text = stringify(value, printExactly, indent);
    if (text !== undefined) return text;
  } catch (cause) {
    if (cause instanceof VecportError) throw cause;
    throw new VecportError('invalid-argument', `The value cannot be written as JSON: ${String(cause)}`, { cause });
  }
  throw new VecportError('invalid-argument', `A ${typeof value} cannot be written as JSON.`);
}

function keepLongIntegers(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && INTEGER.test(context.source) ? BigInt(context.source) : value;
}

function printExactly(this: unknown, key: string, value: unknown): unknown {
  if (value === undefined && Array.isArray(this)) {
    throw new VecportError('invalid-argument', `Element ${key} of a list is undefined, which JSON cannot hold.`);
  }
  if (typeof value === 'bigint') return rawJSON(value.toString());
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new VecportError('invalid-argument', `The value of '${key}' is a ${typeof value}, which JSON cannot hold.`);
  }
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) {
    throw new VecportError('invalid-argument', `The value of '${key}' is ${value}, which JSON cannot hold.`);
  }
  return Object.is(value, -0) ? rawJSON('-0.0') : value;
}

function preview(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
