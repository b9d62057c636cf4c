import { type Decimal, shortestDecimal } from './shortest-float.js';

/** The most bytes that a number takes: a sign, 21 digits, and a fraction of zero. */
export const MAX_FLOAT_TEXT = 24;

const PAIRS = Uint8Array.from({ length: 200 }, (_, at) => 0x30 + (at % 2 === 0 ? Math.floor(at / 20) : (at >> 1) % 10));
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const COMMA = 0x2c;
const E = 0x65;
const decimal: Decimal = { digits: 0, exponent: 0 };

/**
 * The shortest decimal that rounds back to this float32, as a JSON number. `withFraction` prints whole
 * numbers as `1.0`, for servers that take a number without a point for an integer.
 * @throws RangeError for a value that is not finite, which JSON has no place for.
 */
export function floatText(value: number, withFraction = false): string {
  const target = scratch(MAX_FLOAT_TEXT);
  return target.toString('latin1', 0, writeFloatText(target, 0, value, withFraction));
}

/** The texts of floats with commas between them: a JSON array without its brackets. See {@link floatText}. */
export function floatsText(values: Float32Array, withFraction = false): string {
  const target = scratch(values.length * (MAX_FLOAT_TEXT + 1));
  return target.toString('latin1', 0, writeFloatsText(target, 0, values, withFraction));
}

/**
 * Write {@link floatsText} into bytes, which must have room for {@link MAX_FLOAT_TEXT} and one more for each float.
 * @returns where it ends.
 */
export function writeFloatsText(
  target: Uint8Array,
  offset: number,
  values: Float32Array,
  withFraction = false,
): number {
  let at = offset;
  for (let i = 0; i < values.length; i++) {
    if (i > 0) target[at++] = COMMA;
    at = writeFloatText(target, at, values[i] ?? 0, withFraction);
  }
  return at;
}

/**
 * Write {@link floatText} into bytes, which must have room for {@link MAX_FLOAT_TEXT}. @returns where it ends.
 */
export function writeFloatText(target: Uint8Array, offset: number, value: number, withFraction = false): number {
  const float = Math.fround(value);
  if (float - float !== 0) throw new RangeError(`${value} is not a JSON number`);
  let at = offset;
  if (float < 0 || Object.is(float, -0)) target[at++] = MINUS;
  if (float === 0) {
    target[at++] = ZERO;
    return withFraction || at - offset === 2 ? writeFraction(target, at) : at;
  }
  const size = Math.abs(float);
  // Whole numbers up to 2^24 are their own shortest text, and common.
  if (size <= 0x100_0000 && Math.floor(size) === size) {
    at = writeDigits(target, at, size, countDigits(size));
    return withFraction ? writeFraction(target, at) : at;
  }
  shortestDecimal(size, decimal);
  const { digits, exponent } = decimal;
  const count = countDigits(digits);
  const point = count + exponent;
  // Where the point is among the digits or the zeros beside them, as JavaScript has it.
  if (point > 21 || point <= -6) return writeScientific(target, at, digits, count, point - 1);
  if (point <= 0) {
    target[at++] = ZERO;
    target[at++] = POINT;
    for (let zeros = point; zeros < 0; zeros++) target[at++] = ZERO;
    return writeDigits(target, at, digits, count);
  }
  if (exponent < 0) return writeWithPoint(target, at, digits, count, point);
  at = writeDigits(target, at, digits, count);
  for (let zeros = exponent; zeros > 0; zeros--) target[at++] = ZERO;
  return withFraction ? writeFraction(target, at) : at;
}

function writeFraction(target: Uint8Array, offset: number): number {
  target[offset] = POINT;
  target[offset + 1] = ZERO;
  return offset + 2;
}

function writeScientific(target: Uint8Array, offset: number, digits: number, count: number, power: number): number {
  let at = count === 1 ? writeDigits(target, offset, digits, 1) : writeWithPoint(target, offset, digits, count, 1);
  target[at++] = E;
  target[at++] = power < 0 ? MINUS : PLUS;
  const size = Math.abs(power);
  return writeDigits(target, at, size, countDigits(size));
}

/** Digits with a point after the first `point` of them. */
function writeWithPoint(target: Uint8Array, offset: number, digits: number, count: number, point: number): number {
  const end = writeDigits(target, offset + 1, digits, count);
  target.copyWithin(offset, offset + 1, offset + 1 + point);
  target[offset + point] = POINT;
  return end;
}

function writeDigits(target: Uint8Array, offset: number, digits: number, count: number): number {
  let rest = digits | 0;
  let at = offset + count;
  while (rest >= 100) {
    const above = (rest / 100) | 0;
    const pair = (rest - above * 100) << 1;
    target[--at] = PAIRS[pair + 1] ?? 0;
    target[--at] = PAIRS[pair] ?? 0;
    rest = above;
  }
  if (rest >= 10) {
    target[--at] = PAIRS[(rest << 1) + 1] ?? 0;
    target[--at] = PAIRS[rest << 1] ?? 0;
  } else target[--at] = ZERO + rest;
  return offset + count;
}

function countDigits(digits: number): number {
  if (digits < 100_000) {
    if (digits < 100) return digits < 10 ? 1 : 2;
    return digits < 1000 ? 3 : digits < 10_000 ? 4 : 5;
  }
  if (digits < 10_000_000) return digits < 1_000_000 ? 6 : 7;
  return digits < 100_000_000 ? 8 : digits < 1_000_000_000 ? 9 : 10;
}

/** Bytes that are kept for the next text: enough for vectors of 10,000 dimensions. */
const KEPT = 1 << 18;
let room = Buffer.alloc(0);

/** Bytes that are used until the next call. */
function scratch(length: number): Buffer {
  if (length > KEPT) return Buffer.allocUnsafe(length);
  if (room.length < length) room = Buffer.allocUnsafeSlow(KEPT);
  return room;
}
