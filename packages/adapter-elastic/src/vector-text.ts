import { floatsText, floatsToBase64 } from '@vecport/wire';
import type { VectorField } from './vector-fields.js';

/**
 * A vector as JSON text: base64 of big-endian floats where `base64` says that the server takes it, otherwise a list
 * of numbers each of which reads back as the same float32; bits in hexadecimal.
 * @throws RangeError with a sentence about the value that cannot be kept.
 */
export function vectorText({ name, element }: VectorField, values: Float32Array, base64: boolean): string {
  switch (element) {
    case 'bit':
      return `"${bitsToHex(name, values)}"`;
    case 'byte':
      return `[${Array.from(values, (value) => int8Text(name, value)).join(',')}]`;
    default:
      if (!allFinite(values)) throw new RangeError(`The vector '${name}' holds a value that is not a finite number.`);
      if (element === 'float' && base64) return `"${floatsToBase64(values, 'big')}"`;
      return `[${floatsText(values)}]`;
  }
}

function int8Text(name: string, value: number): string {
  if (Number.isInteger(value) && value >= -128 && value <= 127 && !Object.is(value, -0)) return String(value);
  throw new RangeError(`The vector '${name}' is of int8 and holds ${Object.is(value, -0) ? '-0' : value}.`);
}

// The first bit is the highest of the first byte.
function bitsToHex(name: string, values: Float32Array): string {
  const bytes = Buffer.alloc(Math.ceil(values.length / 8));
  values.forEach((value, at) => {
    if (value !== 0 && value !== 1) throw new RangeError(`The vector '${name}' is of bits and holds ${value}.`);
    if (value === 1) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
  });
  return bytes.toString('hex');
}

// Zero times any finite number is zero; times an infinity or NaN it is NaN.
function allFinite(values: Float32Array): boolean {
  const { length } = values;
  let [even, odd] = [0, 0];
  for (let at = 0; at < length; at += 2) {
    even += (values[at] ?? 0) * 0;
    odd += (values[at + 1] ?? 0) * 0;
  }
  return even + odd === 0;
}
