/** A vector that no distance can be computed with, or that servers choke on. */
export interface HostileVector {
  readonly name: string;
  readonly values: readonly number[];
}

/** Vectors of `GOLDEN_DIMENSION` floats that a provider may keep or refuse, but must not change. */
export const HOSTILE_VECTORS: readonly HostileVector[] = [
  { name: 'zero', values: [0, 0, 0, 0] },
  { name: 'NaN', values: [1, Number.NaN, 0, 0] },
  { name: 'infinite', values: [1, Number.POSITIVE_INFINITY, 0, 0] },
  { name: 'negative infinite', values: [1, Number.NEGATIVE_INFINITY, 0, 0] },
];
