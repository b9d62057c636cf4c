import { corrupt } from './corrupt.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPES = '"\\/bfnrtu';
const HEXADECIMAL = /^[0-9a-f]{4}$/i;
/** Deeper than any payload, and shallow enough that no parser below fails on what passes here. */
const MAX_DEPTH = 512;
const WORDS: readonly Uint8Array[] = ['true', 'false', 'null'].map((word) => new TextEncoder().encode(word));

/** The first position from `at` on that is no white space. */
export function skipWhitespace(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  while (position < end) {
    const byte = bytes[position];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    position++;
  }
  return position;
}

/** The end of the string that begins at `at`, whether it has escapes, and whether it is ASCII. */
export function skipString(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly end: number; readonly escaped: boolean; readonly ascii: boolean } {
  let escaped = false;
  let bits = 0;
  for (let position = at + 1; position < end; position++) {
    const byte = bytes[position] ?? 0;
    if (byte === QUOTE) return { end: position + 1, escaped, ascii: bits < 0x80 };
    bits |= byte;
    if (byte === BACKSLASH) {
      escaped = true;
      position = skipEscape(bytes, position, end);
    } else if (byte < 0x20) throw corrupt(`has a control character in text at byte ${position}`);
  }
  throw corrupt(`ends at byte ${end}, within text`);
}

/** The last byte of the escape that begins at `at`. */
function skipEscape(bytes: Uint8Array, at: number, end: number): number {
  const letter = at + 1 < end ? String.fromCharCode(bytes[at + 1] ?? 0) : '';
  const last = at + (letter === 'u' ? 5 : 1);
  if (last >= end) throw corrupt(`ends at byte ${end}, within text`);
  const code = letter === 'u' ? String.fromCharCode(...bytes.subarray(at + 2, at + 6)) : '0000';
  if (!ESCAPES.includes(letter) || !HEXADECIMAL.test(code)) throw corrupt(`has a malformed escape at byte ${at}`);
  return last;
}

/** The end of the value that begins at `at`. Brackets must match; words and numbers must be ones. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const closing: number[] = [];
  let position = at;
  // In each open bracket: is a value, a comma or a closing bracket next? Keys are strings before a colon.
  let needsValue = true;
  for (;;) {
    position = skipWhitespace(bytes, position, end);
    if (position >= end) throw corrupt(`ends at byte ${end}, within a value`);
    const byte = bytes[position] ?? 0;
    const open = closing.at(-1);
    if (!needsValue) {
      if (byte === open) {
        closing.pop();
        position++;
        if (closing.length === 0) return position;
        continue;
      }
      if (byte !== 0x2c) throw corrupt(`is not JSON at byte ${position}`);
      position = skipWhitespace(bytes, position + 1, end);
      if (open === 0x7d) position = skipKey(bytes, position, end);
      needsValue = true;
      continue;
    }
    needsValue = false;
    if (byte === 0x7b || byte === 0x5b) {
      if (closing.length >= MAX_DEPTH) throw corrupt(`is nested deeper than ${MAX_DEPTH} levels`);
      const close = byte === 0x7b ? 0x7d : 0x5d;
      closing.push(close);
      position = skipWhitespace(bytes, position + 1, end);
      if (bytes[position] === close && position < end) continue;
      if (close === 0x7d) position = skipKey(bytes, position, end);
      needsValue = true;
      continue;
    }
    position = byte === QUOTE ? skipString(bytes, position, end).end : skipScalar(bytes, position, end);
    if (closing.length === 0) return position;
    if (open === 0x5d) position = skipMoreNumbers(bytes, position, end);
  }
}

/** The end of what follows of a list while it is numbers without white space between, which vectors are. */
function skipMoreNumbers(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  while (position + 1 < end && bytes[position] === 0x2c && startsNumber(bytes[position + 1] ?? 0))
    position = skipNumber(bytes, position + 1, end);
  return position;
}

/** The position after a key and its colon. */
function skipKey(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) throw corrupt(`ends at byte ${end}, within an object`);
  if (bytes[at] !== QUOTE) throw corrupt(`is not JSON at byte ${at}`);
  const colon = skipWhitespace(bytes, skipString(bytes, at, end).end, end);
  if (colon >= end || bytes[colon] !== 0x3a) throw corrupt(`is not JSON at byte ${colon}`);
  return colon + 1;
}

function skipScalar(bytes: Uint8Array, at: number, end: number): number {
  if (startsNumber(bytes[at] ?? 0)) return skipNumber(bytes, at, end);
  const word = WORDS.find((letters) => letters.every((letter, i) => bytes[at + i] === letter));
  if (word === undefined || at + word.length > end) throw corrupt(`is not JSON at byte ${at}`);
  return at + word.length;
}

/** The end of the number that begins at `at`, by the grammar of JSON. */
export function skipNumber(bytes: Uint8Array, at: number, end: number): number {
  let position = at < end && bytes[at] === 0x2d ? at + 1 : at;
  position = position < end && bytes[position] === 0x30 ? position + 1 : skipDigits(bytes, position, end);
  if (position < end && bytes[position] === 0x2e) position = skipDigits(bytes, position + 1, end);
  if (position < end && (bytes[position] === 0x65 || bytes[position] === 0x45)) {
    position++;
    if (position < end && (bytes[position] === 0x2b || bytes[position] === 0x2d)) position++;
    position = skipDigits(bytes, position, end);
  }
  return position;
}

/** The end of one digit or more. */
function skipDigits(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  while (position < end && isDigit(bytes[position] ?? 0)) position++;
  if (position === at) throw corrupt(`has a malformed number at byte ${at}`);
  return position;
}

function startsNumber(byte: number): boolean {
  return byte === 0x2d || isDigit(byte);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
