/** A dense vector whose floats tools are known to damage. */
export interface GoldenVector {
  readonly name: string;
  readonly bits: readonly number[];
}

/** Number of floats in every golden vector. */
export const GOLDEN_DIMENSION = 4;

/** Vectors as the bits of their floats, so that no decimal stands between the table and the test. */
export const GOLDEN_VECTORS: readonly GoldenVector[] = [
  { name: 'ordinary', bits: [0x3f800000, 0xc0000000, 0x40490fdb, 0x3e800000] },
  { name: 'negative zero', bits: [0x80000000, 0x3f800000, 0x00000000, 0x80000000] },
  { name: 'least denormal', bits: [0x00000001, 0x80000001, 0x3f800000, 0x00000000] },
  { name: 'largest denormal', bits: [0x007fffff, 0x807fffff, 0x3f800000, 0x00000000] },
  { name: 'FLT_MIN', bits: [0x00800000, 0x80800000, 0x3f800000, 0x00000000] },
  { name: 'FLT_MAX', bits: [0x7f7fffff, 0xff7fffff, 0x3f800000, 0x00000000] },
  { name: 'neighbours of one', bits: [0x3f7fffff, 0x3f800001, 0xbf7fffff, 0xbf800001] },
  { name: 'decimals without end', bits: [0x3dcccccd, 0x3e4ccccd, 0x3eaaaaab, 0x3f2aaaab] },
  { name: 'nine digits needed', bits: [0x3f9d70a3, 0x3f9d70a4, 0x4b7fffff, 0x4b800000] },
  { name: 'beyond half precision', bits: [0x477fe100, 0x38800001, 0x387fffff, 0x3f801000] },
];

/** The floats of a golden vector. */
export function goldenFloats({ bits }: GoldenVector): Float32Array {
  return new Float32Array(Uint32Array.from(bits).buffer);
}
