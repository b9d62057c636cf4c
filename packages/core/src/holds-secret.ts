import { types } from 'node:util';

const MOST_OBJECTS = 20_000;
const BASIC_CREDENTIALS = /\bbasic\s+[a-z0-9+/]{4,}/i;

/**
 * Whether printing or logging a thrown value may show one of these texts, or HTTP credentials: they
 * are looked for in every field, at any depth, hidden ones and bytes included. A value too large to
 * be searched counts as one that does.
 */
export function holdsSecret(value: unknown, secrets: readonly string[]): boolean {
  const isSecret = (text: string): boolean =>
    BASIC_CREDENTIALS.test(text) || secrets.some((secret) => text.includes(secret));
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string' && isSecret(next)) return true;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (seen.size > MOST_OBJECTS) return true;
    for (const part of partsOf(next)) waiting.push(part);
  }
  return false;
}

function* partsOf(value: object): Generator<unknown, void, undefined> {
  if (types.isUint8Array(value)) yield Buffer.from(value).toString();
  if (ArrayBuffer.isView(value)) return;
  if (isCollection(value)) yield* value;
  for (const key of Reflect.ownKeys(value)) {
    yield key;
    yield fieldOf(value, key);
  }
}

// Their elements are no fields.
function isCollection(value: object): value is Iterable<unknown> {
  return types.isMap(value) || types.isSet(value) || Object.prototype.toString.call(value) === '[object Headers]';
}

// A getter that throws shows nothing.
function fieldOf(value: object, key: string | symbol): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}
