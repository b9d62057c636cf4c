import { isExactDouble, isInteger64, JsonReader } from '@vecport/wire';

/**
 * How a JSON value comes back from Qdrant: `exact`, the same; `equal`, with other spellings of its numbers;
 * `lossy`, not the same or not at all.
 */
export type StoredAs = 'exact' | 'equal' | 'lossy';

/** Qdrant's protobuf decoder goes 100 messages deep, and a nested object takes three. */
const MAX_DEPTH = 24;

/** How a value is given back, whichever interface it is written and read over. */
export function storedAs(value: Uint8Array): StoredAs {
  return inspect(new JsonReader(value), 0);
}

/** The value with every number in the spelling Qdrant keeps. For values that are not `lossy`. */
export function normalizedJson(value: Uint8Array): string {
  return normalized(new JsonReader(value));
}

/**
 * A double as Qdrant's REST interface prints it: the shortest digits, with a fraction or an exponent.
 */
export function doubleText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-5)) return value.toExponential();
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function inspect(reader: JsonReader, depth: number): StoredAs {
  if (depth > MAX_DEPTH) return lossy(reader);
  switch (reader.peek()) {
    case 'object':
      return inspectObject(reader, depth);
    case 'array': {
      let worst: StoredAs = 'exact';
      reader.enterArray();
      while (reader.nextElement()) worst = worse(worst, inspect(reader, depth + 1));
      return worst;
    }
    case 'string':
      return reader.text().isWellFormed() ? 'exact' : 'lossy';
    case 'number':
      return inspectNumber(reader.numberText());
    default:
      reader.skip();
      return 'exact';
  }
}

function inspectObject(reader: JsonReader, depth: number): StoredAs {
  let worst: StoredAs = 'exact';
  const keys = new Set<string>();
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (keys.has(key) || !key.isWellFormed()) worst = 'lossy';
    keys.add(key);
    worst = worse(worst, inspect(reader, depth + 1));
  }
  return worst;
}

// Integers of 64 bits and plain decimals are spelled alike by both interfaces.
function inspectNumber(text: string): StoredAs {
  if (isInteger64(text)) return 'exact';
  const value = Number(text);
  const plain = Math.abs(value) >= 1e-5 && Math.abs(value) < 1e15 && !Number.isInteger(value);
  if (plain && String(value) === text) return 'exact';
  return isExactDouble(text) ? 'equal' : 'lossy';
}

function normalized(reader: JsonReader): string {
  switch (reader.peek()) {
    case 'object': {
      const members: string[] = [];
      reader.enterObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
        members.push(`${JSON.stringify(key)}:${normalized(reader)}`);
      }
      return `{${members.join(',')}}`;
    }
    case 'array': {
      const elements: string[] = [];
      reader.enterArray();
      while (reader.nextElement()) elements.push(normalized(reader));
      return `[${elements.join(',')}]`;
    }
    case 'number': {
      const text = reader.numberText();
      return isInteger64(text) ? text : doubleText(Number(text) + 0);
    }
    default:
      return Buffer.from(reader.raw()).toString();
  }
}

function lossy(reader: JsonReader): StoredAs {
  reader.skip();
  return 'lossy';
}

function worse(left: StoredAs, right: StoredAs): StoredAs {
  return left === 'lossy' || right === 'lossy' ? 'lossy' : left === 'equal' ? left : right;
}
