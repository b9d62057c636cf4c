/*
 * The scan of src/scan-json.ts, of many texts at once. Places only grow, so that a text has to end where its scan ends; what is
 * read beyond that is of the next text, or of the padding. `NO` is no place in memory.
 */

const NO: usize = 0;
const MAX_DEPTH: u32 = 512;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const BACKSLASH: u32 = 0x5c;
const OPEN_ARRAY: u32 = 0x5b;
const CLOSE_ARRAY: u32 = 0x5d;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;
/** A quote and a colon. */
const KEY_END: u32 = 0x3a22;
const TRUE: u32 = 0x65757274;
const NULL: u32 = 0x6c6c756e;
const FALS: u32 = 0x736c6166;

/**
 * Which of the texts are canonical JSON, but for their UTF-8: a byte of `flags` each, 1 for those that are, as that scan says. The
 * first one begins at `texts`; `offsets` has `rows + 1` places counted from anywhere, and those that fall or are not within `bytes`
 * of the first are of no text. 64 bytes from the end of the texts on can be read.
 */
export function markCanonical(texts: usize, bytes: u32, offsets: usize, rows: u32, flags: usize): void {
  const first = load<u32>(offsets);
  for (let row: u32 = 0; row < rows; row++) {
    const start = load<u32>(offsets + (row << 2)) - first;
    const end = load<u32>(offsets + (row << 2), 4) - first;
    const isText = start < end && end <= bytes;
    store<u8>(flags + row, isText && scanValue(texts + start, texts + end, 0) === texts + end);
  }
}

function scanValue(at: usize, end: usize, depth: u32): usize {
  const byte: u32 = load<u8>(at);
  if (byte === QUOTE) return scanString(at + 1, end);
  if (byte === OPEN_OBJECT) return depth === MAX_DEPTH ? NO : scanObject(at + 1, end, depth + 1);
  if (byte === OPEN_ARRAY) return depth === MAX_DEPTH ? NO : scanArray(at + 1, end, depth + 1);
  return byte >= 0x61 ? scanLiteral(at) : scanNumber(at, end);
}

function scanObject(start: usize, end: usize, depth: u32): usize {
  if (load<u8>(start) === CLOSE_OBJECT) return start + 1;
  let previous = NO;
  let previousEnd = NO;
  for (let at = start; at < end; at++) {
    if (load<u8>(at) !== QUOTE) return NO;
    const key = at + 1;
    const keyEnd = skipPlain(key, end);
    if (load<u16>(keyEnd) !== KEY_END) return NO;
    if (previous !== NO && !isBefore(previous, previousEnd, key, keyEnd)) return NO;
    previous = key;
    previousEnd = keyEnd;
    at = scanValue(keyEnd + 2, end, depth);
    if (at === NO) return NO;
    const byte: u32 = load<u8>(at);
    if (byte === CLOSE_OBJECT) return at + 1;
    if (byte !== COMMA) return NO;
  }
  return NO;
}

function scanArray(start: usize, end: usize, depth: u32): usize {
  if (load<u8>(start) === CLOSE_ARRAY) return start + 1;
  for (let at = start; at < end; at++) {
    at = scanValue(at, end, depth);
    if (at === NO) return NO;
    const byte: u32 = load<u8>(at);
    if (byte === CLOSE_ARRAY) return at + 1;
    if (byte !== COMMA) return NO;
  }
  return NO;
}

function scanString(start: usize, end: usize): usize {
  for (let at = skipPlain(start, end); at < end; at = skipPlain(at, end)) {
    const byte: u32 = load<u8>(at);
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return NO;
    at = scanEscape(at + 1);
    if (at === NO) return NO;
  }
  return NO;
}

/** The first quote, backslash or control character from `start` on, or a place from `end` on. */
function skipPlain(start: usize, end: usize): usize {
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(at);
    const quotes = i8x16.eq(bytes, i8x16.splat(0x22));
    const backslashes = i8x16.eq(bytes, i8x16.splat(0x5c));
    const controls = i8x16.lt_u(bytes, i8x16.splat(0x20));
    const found = i8x16.bitmask(v128.or(v128.or(quotes, backslashes), controls));
    if (found !== 0) return at + ctz(found);
  }
  return end;
}

function scanEscape(at: usize): usize {
  const byte: u32 = load<u8>(at);
  if (isShortEscape(byte)) return at + 1;
  // Of u and four digits in lower case those for what has no shorter escape.
  if (byte !== 0x75 || load<u16>(at, 1) !== 0x3030) return NO;
  const high: u32 = load<u8>(at, 3);
  const low: u32 = load<u8>(at, 4);
  const isLetter = low - 0x61 < 6;
  if (high === 0x31) return isDigit(low) || isLetter ? at + 5 : NO;
  // 08, 09, 0a, 0c and 0d are b, t, n, f and r.
  const isOther = low - 0x30 < 8 || low === 0x62 || low === 0x65 || low === 0x66;
  return high === 0x30 && isOther ? at + 5 : NO;
}

/** Of `"`, `\`, and b, f, n, r and t. */
function isShortEscape(byte: u32): bool {
  if (byte === QUOTE || byte === BACKSLASH || byte === 0x62 || byte === 0x66) return true;
  return byte === 0x6e || byte === 0x72 || byte === 0x74;
}

function scanNumber(start: usize, end: usize): usize {
  const whole = load<u8>(start) === 0x2d ? start + 1 : start;
  let at = load<u8>(whole) === 0x30 ? whole + 1 : scanDigits(whole, end);
  if (at !== NO && at < end && load<u8>(at) === 0x2e) at = scanDigits(at + 1, end);
  if (at !== NO && at < end && (load<u8>(at) | 0x20) === 0x65) {
    const sign: u32 = load<u8>(at, 1);
    at = scanDigits(sign === 0x2b || sign === 0x2d ? at + 2 : at + 1, end);
  }
  return at;
}

function scanDigits(start: usize, end: usize): usize {
  let at = start;
  while (at < end && isDigit(load<u8>(at))) at++;
  return at === start ? NO : at;
}

function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

function scanLiteral(at: usize): usize {
  const word = load<u32>(at);
  if (word === TRUE || word === NULL) return at + 4;
  return word === FALS && load<u8>(at, 4) === 0x65 ? at + 5 : NO;
}

/** Whether the bytes of a key come before those of another one. */
function isBefore(a: usize, aEnd: usize, b: usize, bEnd: usize): bool {
  const length = min(aEnd - a, bEnd - b);
  for (let i: usize = 0; i < length; i++) {
    const left = load<u8>(a + i);
    const right = load<u8>(b + i);
    if (left !== right) return left < right;
  }
  return aEnd - a < bEnd - b;
}
