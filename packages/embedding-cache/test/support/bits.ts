/** Numbers that arithmetic, JSON and float64 would change: NaNs with payloads, −0, denormals, the largest. */
export const ODD_BITS = [
  0x7fc00001, 0x7f800001, 0xffc12345, 0xffffffff, 0x80000000, 1, 0x807fffff, 0x7f7fffff, 0xff800000,
];

/** Floats made of their bits. */
export function floatsOf(bits: readonly number[]): Float32Array {
  return new Float32Array(Uint32Array.from(bits).buffer);
}

/** The bits of floats, so that they can be compared exactly. */
export function bitsOf(floats: Float32Array | undefined): number[] | undefined {
  return floats && [...new Uint32Array(floats.slice().buffer)];
}
