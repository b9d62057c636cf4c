import { corrupt } from './corrupt.js';
import { skipWhitespace } from './json-skip.js';

/** Floats that grow: `values` is replaced by a larger array when it is full. */
export interface FloatSink {
  values: Float32Array;
  /** How many of `values` are in use. */
  length: number;
}

const POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
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
    // Short decimals, which are nearly all: up to 15 digits, and a power of ten that a double holds.
    let mantissa = 0;
    let digits = 0;
    let decimals = 0;
    let cursor = position;
    const negative = bytes[cursor] === 0x2d;
    if (negative) cursor++;
    const first = cursor;
    let byte = cursor < end ? (bytes[cursor] ?? 0) : 0;
    while (byte >= 0x30 && byte <= 0x39 && digits < 16) {
      mantissa = mantissa * 10 + (byte - 0x30);
      digits++;
      byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
    }
    const wholeDigits = digits;
    if (byte === 0x2e) {
      byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
      while (byte >= 0x30 && byte <= 0x39 && digits < 16) {
        mantissa = mantissa * 10 + (byte - 0x30);
        digits++;
        decimals++;
        byte = ++cursor < end ? (bytes[cursor] ?? 0) : 0;
      }
      if (decimals === 0) digits = 99;
    }
    const plain = byte === 0x2c || byte === 0x5d || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    const leadingZero = wholeDigits > 1 && bytes[first] === 0x30;
    if (plain && wholeDigits > 0 && digits < 16 && !leadingZero) {
      const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] ?? Number.NaN);
      values[length++] = negative ? -value : value;
      position = cursor;
    } else {
      into.length = length;
      return parseRest(bytes, position, end, into);
    }
    position = skipWhitespace(bytes, position, end);
    const next = position < end ? bytes[position] : undefined;
    position++;
    if (next === 0x5d) break;
    if (next !== 0x2c) throw corrupt(`has no list of numbers at byte ${position - 1}`);
    position = skipWhitespace(bytes, position, end);
  }
  into.length = length;
  return position;
}

/** The rest of a list in which a number has more digits than a double can sum up: by JSON.parse, all at once. */
function parseRest(bytes: Uint8Array, at: number, end: number, into: FloatSink): number {
  const close = bytes.indexOf(0x5d, at);
  if (close < 0 || close >= end) throw corrupt(`ends at byte ${end}, within a list of numbers`);
  let numbers: unknown;
  try {
    numbers = JSON.parse(`[${latin.decode(bytes.subarray(at, close))}]`);
  } catch (cause) {
    throw corrupt(`has no list of numbers at byte ${at}`, cause);
  }
  if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every((value) => typeof value === 'number')) {
    throw corrupt(`has no list of numbers at byte ${at}`);
  }
  const length = into.length + numbers.length;
  if (length > into.values.length) {
    const larger = new Float32Array(Math.max(length, into.values.length * 2));
    larger.set(into.values);
    into.values = larger;
  }
  into.values.set(numbers, into.length);
  into.length = length;
  return close + 1;
}

function grown(into: FloatSink, values: Float32Array, length: number): Float32Array {
  const larger = new Float32Array(Math.max(16, length * 2));
  larger.set(values);
  into.values = larger;
  return larger;
}
