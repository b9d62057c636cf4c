import { isUtf8 } from 'node:buffer';

/** Deepest nesting of arrays and objects that is read. */
export const MAX_JSON_DEPTH = 512;

/** Answer of a scan for "not this, or not canonical". */
export const NO = -1;

/** Bytes that mean something in JSON. */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

const PLAIN = 0;
const HIGH = 1;
const SPECIAL = 2;
const KIND = Uint8Array.from({ length: 256 }, (_, byte) => kindOf(byte));
const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word));
const SHORT_ESCAPES = new Set(Buffer.from('"\\bfnrt'));
const CONTROL_ESCAPE = /^u00(?:0[0-7be-f]|1[0-9a-f])$/;

// Set by `skipPlain`, so that the native UTF-8 check runs only where there is something to check.
let sawHigh = false;

/**
 * Whether a text is JSON in canonical form already (see `canonicalJson`). It may say no to the few
 * canonical texts with escapes in a key or with a lone surrogate; it never says yes wrongly. Allocates nothing.
 */
export function isCanonicalJson(bytes: Uint8Array): boolean {
  sawHigh = false;
  return scanValue(bytes, 0, 0) === bytes.length && (!sawHigh || isUtf8(bytes));
}

/** End of the number that starts at `at`, or {@link NO}. */
export function scanNumber(bytes: Uint8Array, at: number): number {
  const whole = bytes[at] === 0x2d ? at + 1 : at;
  let end = bytes[whole] === 0x30 ? whole + 1 : scanDigits(bytes, whole);
  if (end !== NO && bytes[end] === 0x2e) end = scanDigits(bytes, end + 1);
  if (end !== NO && ((bytes[end] ?? 0) | 0x20) === 0x65) {
    const sign = bytes[end + 1];
    end = scanDigits(bytes, sign === 0x2b || sign === 0x2d ? end + 2 : end + 1);
  }
  return end;
}

/** End of `true`, `false` or `null` at `at`, or {@link NO}. */
export function scanLiteral(bytes: Uint8Array, at: number): number {
  for (const word of LITERALS) {
    let length = 0;
    while (length < word.length && bytes[at + length] === word[length]) length++;
    if (length === word.length) return at + length;
  }
  return NO;
}

/** First byte from `at` on that cannot stand for itself in a string: a quote, a backslash, a control character, or the end. */
export function skipPlain(bytes: Uint8Array, at: number): number {
  for (let end = at; ; end++) {
    const kind = KIND[bytes[end] as number];
    if (kind === PLAIN) continue;
    if (kind !== HIGH) return end;
    sawHigh = true;
  }
}

/** Compare two ranges byte by byte: negative, zero or positive. */
export function compareRanges(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  const length = Math.min(aEnd - a, bEnd - b);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[a + i] as number) - (bytes[b + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - a - (bEnd - b);
}

function scanValue(bytes: Uint8Array, at: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return scanString(bytes, at + 1);
    case OPEN_OBJECT:
      return depth === MAX_JSON_DEPTH ? NO : scanObject(bytes, at + 1, depth + 1);
    case OPEN_ARRAY:
      return depth === MAX_JSON_DEPTH ? NO : scanArray(bytes, at + 1, depth + 1);
    case 0x74:
    case 0x66:
    case 0x6e:
      return scanLiteral(bytes, at);
    default:
      return scanNumber(bytes, at);
  }
}

function scanObject(bytes: Uint8Array, start: number, depth: number): number {
  if (bytes[start] === CLOSE_OBJECT) return start + 1;
  let previous = 0;
  let previousEnd = NO;
  for (let at = start; ; at++) {
    if (bytes[at] !== QUOTE) return NO;
    const end = skipPlain(bytes, at + 1);
    if (bytes[end] !== QUOTE || bytes[end + 1] !== COLON) return NO;
    if (previousEnd !== NO && compareRanges(bytes, previous, previousEnd, at + 1, end) >= 0) return NO;
    previous = at + 1;
    previousEnd = end;
    at = scanValue(bytes, end + 2, depth);
    if (at === NO) return NO;
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) return NO;
  }
}

function scanArray(bytes: Uint8Array, start: number, depth: number): number {
  if (bytes[start] === CLOSE_ARRAY) return start + 1;
  for (let at = start; ; at++) {
    at = scanValue(bytes, at, depth);
    if (at === NO) return NO;
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    if (bytes[at] !== COMMA) return NO;
  }
}

function scanString(bytes: Uint8Array, start: number): number {
  for (let at = skipPlain(bytes, start); ; at = skipPlain(bytes, at)) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] !== BACKSLASH) return NO;
    at = scanEscape(bytes, at + 1);
    if (at === NO) return NO;
  }
}

function scanEscape(bytes: Uint8Array, at: number): number {
  if (SHORT_ESCAPES.has(bytes[at] ?? 0)) return at + 1;
  const text = String.fromCharCode(...bytes.subarray(at, at + 5));
  return CONTROL_ESCAPE.test(text) ? at + 5 : NO;
}

function scanDigits(bytes: Uint8Array, at: number): number {
  let end = at;
  for (let byte = bytes[end]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = bytes[end]) end++;
  return end === at ? NO : end;
}

function kindOf(byte: number): number {
  if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return SPECIAL;
  return byte < 0x80 ? PLAIN : HIGH;
}
