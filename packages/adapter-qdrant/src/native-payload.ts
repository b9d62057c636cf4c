import type { ProtoWriter } from '@vecport/wire';
import { RESERVED_FIELD } from '@vecport/wire';

const [QUOTE, BACKSLASH, MINUS, POINT, ZERO] = [0x22, 0x5c, 0x2d, 0x2e, 0x30];
const [COMMA, COLON, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d];
const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map((word) => Buffer.from(word)) as [Buffer, Buffer, Buffer];
const RESERVED = Buffer.from(RESERVED_FIELD);
const NO = -1;
/** Beyond these it is left to those who look at it value by value. */
const MOST_KEYS = 32;
const MOST_DEPTH = 16;
/** Digits that a double keeps, and an integer of 64 bits. */
const MOST_DIGITS = 15;
/** Zeros after the point of the smallest numbers that are spelled without an exponent by all. */
const MOST_ZEROS = 4;

/**
 * Whether Qdrant gives this metadata back as it is: an object without white space and escapes, whose keys differ and
 * whose numbers are short and spelled as everybody spells them. It says no to some that it would give back too, and never
 * yes to others. The text must be UTF-8.
 */
export function isNativePayload(json: Uint8Array): boolean {
  return json[0] === OPEN && json[1] !== CLOSE && scanObject(json, 0, 0) === json.length;
}

/** Write the members of a payload that {@link isNativePayload} as entries of a map with this field number. */
export function writeNativePayload(writer: ProtoWriter, field: number, json: Uint8Array): void {
  writeMembers(writer, field, json, 0);
}

/** The end of the value at `at`, or {@link NO}. */
function scanValue(json: Uint8Array, at: number, depth: number): number {
  switch (json[at]) {
    case QUOTE:
      return scanText(json, at);
    case OPEN:
      return scanObject(json, at, depth + 1);
    case OPEN_LIST:
      return scanList(json, at, depth + 1);
    case TRUE[0]:
      return scanWord(json, at, TRUE);
    case FALSE[0]:
      return scanWord(json, at, FALSE);
    case NULL[0]:
      return scanWord(json, at, NULL);
    default:
      return scanNumber(json, at);
  }
}

function scanObject(json: Uint8Array, start: number, depth: number): number {
  if (depth > MOST_DEPTH) return NO;
  if (json[start + 1] === CLOSE) return start + 2;
  const keys: number[] = [];
  for (let at = start + 1; ; at++) {
    const keyEnd = json[at] === QUOTE ? scanText(json, at) : NO;
    if (keyEnd === NO || json[keyEnd] !== COLON || keys.length === 2 * MOST_KEYS) return NO;
    if (isKnown(json, keys, at, keyEnd) || (depth === 0 && isReserved(json, at, keyEnd))) return NO;
    keys.push(at, keyEnd);
    at = scanValue(json, keyEnd + 1, depth);
    if (at === NO) return NO;
    if (json[at] === CLOSE) return at + 1;
    if (json[at] !== COMMA) return NO;
  }
}

function scanList(json: Uint8Array, start: number, depth: number): number {
  if (depth > MOST_DEPTH) return NO;
  if (json[start + 1] === CLOSE_LIST) return start + 2;
  for (let at = start + 1; ; at++) {
    at = scanValue(json, at, depth);
    if (at === NO) return NO;
    if (json[at] === CLOSE_LIST) return at + 1;
    if (json[at] !== COMMA) return NO;
  }
}

/** Text without escapes. */
function scanText(json: Uint8Array, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20 || byte === BACKSLASH) return NO;
  }
  return NO;
}

function scanWord(json: Uint8Array, at: number, word: Buffer): number {
  for (let i = 0; i < word.length; i++) if (json[at + i] !== word[i]) return NO;
  return at + word.length;
}

/** An integer, or a fraction in its shortest spelling, of few digits. */
function scanNumber(json: Uint8Array, start: number): number {
  const whole = json[start] === MINUS ? start + 1 : start;
  const point = digitsEnd(json, whole);
  if (point === whole || (json[whole] === ZERO && point > whole + 1) || point - whole > MOST_DIGITS) return NO;
  const isZero = json[whole] === ZERO;
  if (json[point] !== POINT) return (isZero && whole > start) || continuesNumber(json[point]) ? NO : point;
  const end = digitsEnd(json, point + 1);
  if (end === point + 1 || json[end - 1] === ZERO || continuesNumber(json[end])) return NO;
  let zeros = 0;
  while (isZero && json[point + 1 + zeros] === ZERO) zeros++;
  return zeros > MOST_ZEROS || end - whole > MOST_DIGITS ? NO : end;
}

function digitsEnd(json: Uint8Array, start: number): number {
  let at = start;
  for (let byte = json[at]; byte !== undefined && byte >= ZERO && byte <= 0x39; byte = json[at]) at++;
  return at;
}

function continuesNumber(byte: number | undefined): boolean {
  return byte === 0x65 || byte === 0x45 || byte === POINT;
}

function isKnown(json: Uint8Array, keys: readonly number[], start: number, end: number): boolean {
  for (let i = 0; i < keys.length; i += 2) {
    const known = keys[i] ?? 0;
    if ((keys[i + 1] ?? 0) - known !== end - start) continue;
    let at = 1;
    while (at < end - start && json[known + at] === json[start + at]) at++;
    if (at === end - start) return true;
  }
  return false;
}

function isReserved(json: Uint8Array, start: number, end: number): boolean {
  return end - start === RESERVED.length + 2 && scanWord(json, start + 1, RESERVED) !== NO;
}

/** Write the object at `start`; gives its end. */
function writeMembers(writer: ProtoWriter, field: number, json: Uint8Array, start: number): number {
  if (json[start + 1] === CLOSE) return start + 2;
  let at = start;
  do {
    const key = at + 1;
    const keyEnd = textEnd(json, key);
    const entry = writer.begin(field);
    writer.part(1, json, key + 1, keyEnd);
    const value = writer.begin(2);
    at = writeValue(writer, json, keyEnd + 2);
    writer.close(value).close(entry);
  } while (json[at] === COMMA);
  return at + 1;
}

/** Write the value at `at` as a `Value`; gives its end. */
function writeValue(writer: ProtoWriter, json: Uint8Array, at: number): number {
  switch (json[at]) {
    case QUOTE: {
      const end = textEnd(json, at);
      writer.part(4, json, at + 1, end);
      return end + 1;
    }
    case OPEN: {
      const struct = writer.begin(6);
      const end = writeMembers(writer, 1, json, at);
      writer.close(struct);
      return end;
    }
    case OPEN_LIST:
      return writeList(writer, json, at);
    case TRUE[0]:
      writer.bool(5, true);
      return at + TRUE.length;
    case FALSE[0]:
      writer.bool(5, false);
      return at + FALSE.length;
    case NULL[0]:
      writer.varint(1, 0);
      return at + NULL.length;
    default:
      return writeNumber(writer, json, at);
  }
}

function writeList(writer: ProtoWriter, json: Uint8Array, start: number): number {
  const list = writer.begin(7);
  let at = json[start + 1] === CLOSE_LIST ? start + 1 : start;
  while (json[at] !== CLOSE_LIST) {
    const value = writer.begin(1);
    at = writeValue(writer, json, at + 1);
    writer.close(value);
  }
  writer.close(list);
  return at + 1;
}

/** Digits as an integer below 10^15, divided by a power of ten that is exact: rounded once, as by anybody. */
function writeNumber(writer: ProtoWriter, json: Uint8Array, start: number): number {
  const isNegative = json[start] === MINUS;
  let digits = 0;
  let scale = 0;
  let at = isNegative ? start + 1 : start;
  for (; ; at++) {
    const byte = json[at] ?? 0;
    if (byte === POINT) scale = 1;
    else if (byte < ZERO || byte > 0x39) break;
    else {
      digits = digits * 10 + byte - ZERO;
      scale *= 10;
    }
  }
  if (scale > 0) writer.double(2, (isNegative ? -digits : digits) / scale);
  else if (isNegative) writer.int64(3, BigInt(-digits));
  else writer.varint(3, digits);
  return at;
}

/** The quote that ends the text that begins at `start`. */
function textEnd(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (json[at] !== QUOTE) at++;
  return at;
}
