import { corrupt } from './corrupt.js';
import { skipNumber, skipWhitespace } from './json-skip.js';

/** Floats that grow: `values` is replaced by a larger array when it is full. */
export interface FloatSink {
  values: Float32Array;
  /** How many of `values` are in use. */
  length: number;
}

/** Powers of ten that doubles hold exactly. */
const POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MOST_POWER = 22;
/** Below it there is room for four more digits in an integer that a double holds, as does the next one. */
const ROOM_FOR_FOUR = 1e11;
const ROOM_FOR_ONE = 1e14;
const latin = new TextDecoder('latin1');

/**
 * Append the numbers of the JSON array at `at` to a sink, each the float32 nearest to the double that
 * JSON.parse gives. `view` is of the same bytes. @returns the position after the array.
 */
export function parseFloats(bytes: Uint8Array, view: DataView, at: number, end: number, into: FloatSink): number {
  if (at >= end || bytes[at] !== 0x5b) throw corrupt(`has no list of numbers at byte ${at}`);
  let position = skipWhitespace(bytes, at + 1, end);
  if (bytes[position] === 0x5d && position < end) return position + 1;
  const lastWord = bytes.length - 4;
  let { values, length } = into;
  for (;;) {
    if (length === values.length) values = grown(into, values, length);
    // The first 12 digits and a few more as an integer, and where the point is: nearly all numbers need no more.
    let cursor = position;
    const negative = bytes[cursor] === 0x2d;
    if (negative) cursor++;
    let byte = bytes[cursor] ?? 0;
    let mantissa = byte - 0x30;
    let isPlain = byte >= 0x30 && byte <= 0x39;
    let isCut = false;
    byte = bytes[++cursor] ?? 0;
    while (byte >= 0x30 && byte <= 0x39) {
      // A zero in front, or a number too large for what follows.
      if (mantissa === 0 || mantissa >= ROOM_FOR_ONE) isPlain = false;
      mantissa = mantissa * 10 + (byte - 0x30);
      byte = bytes[++cursor] ?? 0;
    }
    let power = 0;
    if (byte === 0x2e) {
      const fraction = ++cursor;
      while (mantissa < ROOM_FOR_FOUR && cursor <= lastWord) {
        const word = view.getInt32(cursor, true);
        if (!areDigits(word)) break;
        mantissa = mantissa * 10_000 + fourDigits(word);
        cursor += 4;
      }
      byte = bytes[cursor] ?? 0;
      while (byte >= 0x30 && byte <= 0x39 && mantissa < ROOM_FOR_ONE) {
        mantissa = mantissa * 10 + (byte - 0x30);
        byte = bytes[++cursor] ?? 0;
      }
      power = fraction - cursor;
      if (power === 0) isPlain = false;
      while (byte >= 0x30 && byte <= 0x39) {
        isCut = true;
        cursor += cursor <= lastWord && areDigits(view.getInt32(cursor, true)) ? 4 : 1;
        byte = bytes[cursor] ?? 0;
      }
    }
    if (byte === 0x65 || byte === 0x45) {
      byte = bytes[++cursor] ?? 0;
      const below = byte === 0x2d;
      if (below || byte === 0x2b) byte = bytes[++cursor] ?? 0;
      if (byte < 0x30 || byte > 0x39) isPlain = false;
      let exponent = 0;
      while (byte >= 0x30 && byte <= 0x39) {
        if (exponent < 1000) exponent = exponent * 10 + (byte - 0x30);
        byte = bytes[++cursor] ?? 0;
      }
      power += below ? -exponent : exponent;
    }
    const isOver =
      cursor < end &&
      (byte === 0x2c || byte === 0x5d || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
    // The integer and the power of ten are doubles, so this is the double nearest to the number without what was cut
    // off. That is less than a unit of the last digit: where both ends round to one float, so does the number.
    const value = scaled(mantissa, power);
    if (
      isPlain &&
      isOver &&
      power >= -MOST_POWER &&
      power <= MOST_POWER &&
      (!isCut || Math.fround(value) === Math.fround(scaled(mantissa + 1, power)))
    ) {
      values[length++] = negative ? -value : value;
    } else {
      cursor = skipNumber(bytes, position, end);
      byte = bytes[cursor] ?? 0;
      values[length++] = Number(latin.decode(bytes.subarray(position, cursor)));
    }
    position = byte > 0x20 ? cursor : skipWhitespace(bytes, cursor, end);
    const next = position < end ? bytes[position] : undefined;
    position++;
    if (next === 0x5d) break;
    if (next !== 0x2c) throw corrupt(`has no list of numbers at byte ${position - 1}`);
    if ((bytes[position] ?? 0) <= 0x20) position = skipWhitespace(bytes, position, end);
  }
  into.length = length;
  return position;
}

/** Whether four bytes are all digits: 0x30 to 0x39. */
function areDigits(word: number): boolean {
  return (word & 0xf0f0f0f0) === 0x30303030 && ((word + 0x06060606) & 0xf0f0f0f0) === 0x30303030;
}

/** The number of four digits, the first in the lowest byte. */
function fourDigits(word: number): number {
  const digits = word & 0x0f0f0f0f;
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

function scaled(mantissa: number, power: number): number {
  return power < 0 ? mantissa / (POWERS[-power] ?? 1) : mantissa * (POWERS[power] ?? 1);
}

function grown(into: FloatSink, values: Float32Array, length: number): Float32Array {
  const larger = new Float32Array(Math.max(16, length * 2));
  larger.set(values);
  into.values = larger;
  return larger;
}
