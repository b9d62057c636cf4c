const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The float of an IEEE 754 half (1 sign, 5 exponent, 10 fraction bits), exact. */
export function halfToFloat(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The half nearest to a float, ties to even; beyond the largest half it is infinite. */
export function floatToHalf(value: number): number {
  floats[0] = value;
  const all = bits[0] ?? 0;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = all & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  if (magnitude >= 0x4780_0000) return sign | 0x7c00;
  if (magnitude < 0x3880_0000) {
    // Below the least normal half: a multiple of 2^-24.
    return sign | roundToEven(Math.abs(floats[0] ?? 0) * 2 ** 24);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}

/** The float of a bfloat16: its upper sixteen bits, exact. */
export function bfloatToFloat(bfloat: number): number {
  bits[0] = (bfloat << 16) >>> 0;
  return floats[0] ?? 0;
}

/** The bfloat16 nearest to a float, ties to even. */
export function floatToBfloat(value: number): number {
  floats[0] = value;
  const all = bits[0] ?? 0;
  if ((all & 0x7fff_ffff) > 0x7f80_0000) return ((all >>> 16) | 0x40) & 0xffff;
  return ((all + 0x7fff + ((all >>> 16) & 1)) >>> 16) & 0xffff;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
