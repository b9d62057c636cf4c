import type { FieldType, JsonValue } from '@vecport/abstractions';
import { fieldValue, parseJson } from '@vecport/abstractions';
import { JsonReader } from '@vecport/wire';
import type { Layout } from './layout.js';
import { isTaken } from './operand.js';
import type { ServerInfo } from './server-kind.js';

/**
 * How the dynamic field keeps a metadata field: exactly; under its name for filters, but spelled otherwise, so that it
 * must be kept beside as well; or not at all.
 */
export type Held = 'exactly' | 'respelled' | 'not';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** What may be a number that needs a closer look: many digits in a row, or an exponent. */
const LONG_NUMBER = /\d{19}|\d[eE]/;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const MAX_I64 = 2n ** 63n - 1n;

/** How this server keeps a top-level field of metadata. */
export function heldAs(layout: Layout, server: ServerInfo, key: string, value: Uint8Array): Held {
  if (isTaken(key, layout)) return 'not';
  const text = decoder.decode(value);
  // Milvus finds a null by `exists`, which is to find values only.
  if (server.kind === 'milvus' && layout.marker !== undefined && text === 'null') return 'not';
  if (server.kind !== 'lite-3') return !LONG_NUMBER.test(text) || isWithinDoubles(value) ? 'exactly' : 'not';
  if (SURROGATE_ESCAPE.test(text)) return 'not';
  const scan = scanValue(value);
  if (scan.twice) return 'not';
  if (!fitsDeclared(layout, key, parseJson(text))) return 'not';
  return scan.respelled ? 'respelled' : 'exactly';
}

// Milvus compares integers beyond 64 bits as if they were the largest, and refuses numbers beyond doubles.
function isWithinDoubles(value: Uint8Array): boolean {
  return everyNumber(new JsonReader(value), (text) =>
    /^-?\d+$/.test(text) ? BigInt(text) <= MAX_I64 && BigInt(text) >= -MAX_I64 : Number.isFinite(Number(text)),
  );
}

function everyNumber(reader: JsonReader, holds: (text: string) => boolean): boolean {
  switch (reader.peek()) {
    case 'number':
      return holds(reader.numberText());
    case 'object': {
      reader.enterObject();
      let all = true;
      while (reader.nextKey() !== undefined) all = everyNumber(reader, holds) && all;
      return all;
    }
    case 'array': {
      reader.enterArray();
      let all = true;
      while (reader.nextElement()) all = everyNumber(reader, holds) && all;
      return all;
    }
    default:
      reader.skip();
      return true;
  }
}

interface Scan {
  /** A number is spelled otherwise by Python. */
  respelled: boolean;
  /** An object has a key twice. */
  twice: boolean;
}

// Milvus-lite 3 parses JSON into Python's values and prints those.
function scanValue(value: Uint8Array): Scan {
  const scan: Scan = { respelled: false, twice: false };
  scanInto(new JsonReader(value), scan);
  return scan;
}

function scanInto(reader: JsonReader, scan: Scan): void {
  switch (reader.peek()) {
    case 'number':
      if (!isPythonNumber(reader.numberText())) scan.respelled = true;
      return;
    case 'object': {
      const keys = new Set<string>();
      reader.enterObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
        if (keys.has(key)) scan.twice = true;
        keys.add(key);
        scanInto(reader, scan);
      }
      return;
    }
    case 'array':
      reader.enterArray();
      while (reader.nextElement()) scanInto(reader, scan);
      return;
    default:
      reader.skip();
  }
}

/** Whether Python prints this number as it is spelled here. */
export function isPythonNumber(text: string): boolean {
  if (/^-?\d+$/.test(text)) return text !== '-0' && text.length < 4000;
  if (!/^-?\d+\.\d+$/.test(text)) return false;
  const value = Number(text);
  if (value === 0) return text === '0.0' || text === '-0.0';
  if (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16) return false;
  return text === (Number.isInteger(value) ? `${value}.0` : String(value));
}

// Milvus-lite 3 compares 1 with true, and finds nothing where types differ: values of another type are kept apart.
function fitsDeclared({ fields }: Layout, key: string, value: JsonValue): boolean {
  return fields.every(({ name, type }) => {
    if (name !== key && !name.startsWith(`${key}.`)) return true;
    const found = fieldValue({ [key]: value }, name);
    return found === undefined || found === null || isOfType(found, type);
  });
}

function isOfType(value: JsonValue, type: FieldType): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'integer':
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number';
    default: {
      const item = type.slice(0, -2) as FieldType;
      return Array.isArray(value) && value.every((element: JsonValue) => isOfType(element, item));
    }
  }
}
