import type { OpenClass } from './open-class.js';

const UNKNOWN_DIMENSION = 1024;
const METADATA_BYTES = 1024;
const VECTORS_OF_A_MULTI = 32;

/** About how many bytes an object has in an answer, before one was seen. */
export function expectedRowBytes({ layout, dimensions }: OpenClass): number {
  const floats = layout.vectors.reduce((sum, { name, spec }) => {
    const dimension = dimensions.get(name) ?? UNKNOWN_DIMENSION;
    return sum + (spec.kind === 'multi' ? dimension * VECTORS_OF_A_MULTI : dimension);
  }, 0);
  // A vector without name is sent twice, and JSON takes about three times as many bytes.
  const copies = layout.readByRest ? 3 : layout.vectors.some(({ unnamed }) => unnamed) ? 2 : 1;
  return floats * 4 * copies + METADATA_BYTES;
}

/** How many objects of `rowBytes` fit, one at least and `most` at most. */
export function rowsWithin(bytes: number, rowBytes: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(bytes / rowBytes)));
}
