/** A decimal: `digits` times ten to the power of `exponent`. */
export interface Decimal {
  digits: number;
  exponent: number;
}

const BITS = new Uint32Array(1);
const FLOAT = new Float32Array(BITS.buffer);
/** By the exponent bits of a normal float: the power of ten that makes it a number of nine or ten digits, … */
const SCALES = new Float64Array(255);
/** … its exponent, negated, … */
const EXPONENTS = new Int32Array(255);
/** … and how far from it, then, decimals still round to it. */
const REACHES = new Float64Array(255);
for (let bits = 1; bits < 255; bits++) {
  const least = 2 ** (bits - 127);
  // The text of a double is exact enough to tell its power of ten: no power of two is near a power of ten but 1.
  const power = Number(least.toExponential().split('e')[1]) - 8;
  SCALES[bits] = Number(`1e${-power}`);
  EXPONENTS[bits] = power;
  REACHES[bits] = (least / 2 ** 24) * (SCALES[bits] ?? 0);
}
/** More than a product of two doubles and what is made of it here can be wrong, of numbers below 2e9. */
const DOUBT = 2e-6;

/**
 * The decimal of the fewest digits that rounds to this float32, by way of the nearest double; of several the nearest to
 * it. `value` must be a float32 above zero and finite.
 *
 * The float is scaled to a number of nine or ten digits, where the decimals that round to it are those nearer than
 * half a unit of its last bit. Doubles decide that but for a few in a hundred million, which are decided by the digits.
 */
export function shortestDecimal(value: number, into: Decimal): void {
  FLOAT[0] = value;
  const bits = BITS[0] ?? 0;
  const exponent = bits >>> 23;
  // A power of two has neighbours that are not equally far, one below the normal ones has fewer bits.
  if (exponent === 0 || (bits & 0x7f_ffff) === 0) {
    decideByDigits(value, into);
    return;
  }
  const scaled = value * (SCALES[exponent] ?? 0);
  const reach = REACHES[exponent] ?? 0;
  // Nearly all floats end with one or two digits less, and that in integers is three times as fast.
  const whole = scaled | 0;
  const part = scaled - whole;
  const hundreds = (whole / 100) | 0;
  const rest = whole - hundreds * 100 + part;
  const isUp = rest > 50;
  const distance = isUp ? 100 - rest : rest;
  if (distance < reach - DOUBT) {
    const above = whole - ((whole / 1000) | 0) * 1000 + part;
    const isLonger = above < reach + DOUBT || 1000 - above < reach + DOUBT;
    const isTie = distance > 50 - DOUBT;
    if (isLonger || isTie) {
      decideByUnits(value, scaled, reach, exponent, into);
      return;
    }
    into.digits = isUp ? hundreds + 1 : hundreds;
    into.exponent = (EXPONENTS[exponent] ?? 0) + 2;
    return;
  }
  const tens = (whole / 10) | 0;
  const ones = whole - tens * 10 + part;
  const near = ones > 5 ? 10 - ones : ones;
  if (distance < reach + DOUBT || near > reach - DOUBT || near > 5 - DOUBT) {
    decideByUnits(value, scaled, reach, exponent, into);
    return;
  }
  into.digits = ones > 5 ? tens + 1 : tens;
  into.exponent = (EXPONENTS[exponent] ?? 0) + 1;
}

/** Drops one digit after the other while a number without it is near enough. */
function decideByUnits(value: number, scaled: number, reach: number, exponent: number, into: Decimal): void {
  let digits = Math.floor(scaled + 0.5);
  let isTie = Math.abs(scaled - Math.floor(scaled) - 0.5) < DOUBT;
  let dropped = 0;
  for (let unit = 10; ; unit *= 10) {
    const below = Math.floor(scaled / unit);
    const rest = scaled - below * unit;
    const isUp = rest + rest > unit;
    const distance = isUp ? unit - rest : rest;
    if (distance > reach + DOUBT) break;
    if (distance > reach - DOUBT) {
      decideByDigits(value, into);
      return;
    }
    digits = isUp ? below + 1 : below;
    isTie = Math.abs(rest + rest - unit) < 2 * DOUBT;
    dropped++;
  }
  if (isTie) {
    decideByDigits(value, into);
    return;
  }
  into.digits = digits;
  into.exponent = (EXPONENTS[exponent] ?? 0) + dropped;
}

/** The same by trying numbers of one digit, two digits and so on. */
function decideByDigits(value: number, into: Decimal): void {
  for (let length = 0; length < 9; length++) {
    const [mantissa = '', power = ''] = value.toExponential(length).split('e');
    const nearest = Number(mantissa.replace('.', ''));
    for (const digits of [nearest, nearest + 1, nearest - 1]) {
      if (digits > 0 && Math.fround(Number(`${digits}e${Number(power) - length}`)) === value) {
        into.digits = digits;
        into.exponent = Number(power) - length;
        while (into.digits % 10 === 0) {
          into.digits /= 10;
          into.exponent++;
        }
        return;
      }
    }
  }
  throw new RangeError(`${value} is not a float32 above zero`);
}
