import type { JsonValue, VectorValue } from '@vecport/abstractions';
import type { PartVector } from '../part-codec.js';

/**
 * A vector from JSON: a list of numbers, or for a multi vector a list of such lists. `undefined` where it is something
 * else or has another dimension. A number becomes the nearest float32, as it was one when it was printed.
 */
export function jsonVector(value: JsonValue, { kind, dimension }: PartVector): VectorValue | undefined {
  if (!Array.isArray(value)) return undefined;
  if (kind === 'dense') return floatsOf(value, dimension);
  const vectors = value.map((member) => (Array.isArray(member) ? floatsOf(member, dimension) : undefined));
  return vectors.includes(undefined) ? undefined : (vectors as Float32Array[]);
}

function floatsOf(numbers: readonly JsonValue[], dimension: number | undefined): Float32Array | undefined {
  if (dimension !== undefined && numbers.length !== dimension) return undefined;
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i];
    if (typeof number !== 'number' && typeof number !== 'bigint') return undefined;
    floats[i] = Number(number);
  }
  return floats;
}
