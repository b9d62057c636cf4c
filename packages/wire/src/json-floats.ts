import { corrupt } from './corrupt.js';
import { skipNumber, skipWhitespace } from './json-skip.js';

/** Floats that grow: `values` is replaced by a larger array when it is full. */
export interface FloatSink {
  values: Float32Array;
  /** How many of `values` are in use. */
  length: number;
}

/** So many digits make an integer that a double holds, and so does the next one. */
const MOST_DIGITS = 15;
const POWERS: Float64Array = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, i) => Number(`1e${i}`));
const latin = new TextDecoder('latin1');

/**
 * Append the numbers of the JSON array at `at` to a sink, each the float32 nearest to the double that
 * JSON.parse gives. @returns the position after the array.
 */
export function parseFloats(bytes: Uint8Array, at: number, end: number, into: FloatSink): number {
  if (at >= end || bytes[at] !== 0x5b) throw corrupt(`has no list of numbers at byte ${at}`);
  let position = skipWhitespace(bytes, at + 1, end);
  if (bytes[position] === 0x5d && position < end) return position + 1;
  let { values, length } = into;
  for (;;) {
    if (length === values.length) values = grown(into, values, length);
    // Decimals without exponent, which are nearly all, by their first 15 digits.
    let mantissa = 0;
    let digits = 0;
    let decimals = 0;
    let isCut = false;
    let cursor = position;
    const negative = bytes[cursor] === 0x2d;
    if (negative) cursor++;
    const first = cursor;
    let byte = cursor < end ? (bytes[cursor] ?? 0) : 0;
    while (byte >= 0x30 && byte <= 0x39 && digits < MOST_DIGITS) {
      mantissa = mantissa * 10 + (byte - 0x30);
      digits++;
      byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
    }
    let isPlain = digits > 0 && (digits === 1 || bytes[first] !== 0x30);
    if (byte === 0x2e) {
      byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
      while (byte >= 0x30 && byte <= 0x39 && digits < MOST_DIGITS) {
        mantissa = mantissa * 10 + (byte - 0x30);
        digits++;
        decimals++;
        byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
      }
      if (decimals === 0) isPlain = false;
      while (byte >= 0x30 && byte <= 0x39) {
        isCut = true;
        byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
      }
    }
    const isOver = byte === 0x2c || byte === 0x5d || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    const power = POWERS[decimals] ?? 1;
    // The integer and the power of ten are doubles, so this is the double nearest to the number without what was cut
    // off. That is less than a unit of the last digit: where both ends round to one float, so does the number.
    const value = mantissa / power;
    if (isPlain && isOver && (!isCut || Math.fround(value) === Math.fround((mantissa + 1) / power))) {
      values[length++] = negative ? -value : value;
    } else {
      cursor = skipNumber(bytes, position, end);
      values[length++] = Number(latin.decode(bytes.subarray(position, cursor)));
    }
    position = skipWhitespace(bytes, cursor, end);
    const next = position < end ? bytes[position] : undefined;
    position++;
    if (next === 0x5d) break;
    if (next !== 0x2c) throw corrupt(`has no list of numbers at byte ${position - 1}`);
    position = skipWhitespace(bytes, position, end);
  }
  into.length = length;
  return position;
}

function grown(into: FloatSink, values: Float32Array, length: number): Float32Array {
  const larger = new Float32Array(Math.max(16, length * 2));
  larger.set(values);
  into.values = larger;
  return larger;
}
