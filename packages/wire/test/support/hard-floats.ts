/** A generator of pseudo-random bits, the same at every run. */
export function randomBits(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

/** The float32 of these bits. */
export function floatOfBits(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
}

const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;

/** Finite floats above zero of all sizes, at random. */
export function* randomFloats(count: number, seed = 1): Generator<number> {
  const next = randomBits(seed);
  for (let given = 0; given < count; ) {
    const value = floatOfBits(next() & 0x7fff_ffff);
    if (value === 0 || !Number.isFinite(value)) continue;
    given++;
    yield value;
  }
}

/**
 * Floats above zero that are hard to print: powers of two, whose neighbours are not equally far, those with few bits,
 * where decimals lie halfway, subnormal ones, those next to short decimals and to powers of ten.
 */
export function* hardFloats(count: number, seed = 2): Generator<number> {
  const next = randomBits(seed);
  const kinds: readonly (() => number)[] = [
    () => (next() % 255) << 23,
    () => ((next() % 255) << 23) + (next() % 5) - 2,
    () => ((next() % 255) << 23) | ((next() % 256) << (next() % 16)),
    () => next() & 0x7f_ffff,
    () => next() % 4096,
    () => bitsOf(Math.fround(Number(`${next() % 10_000}e${(next() % 80) - 44}`))) + (next() % 5) - 2,
    () => bitsOf(Math.fround(Number(`1e${(next() % 84) - 45}`))) + (next() % 41) - 20,
    () => bitsOf((next() % 0x200_0000) / 2 ** (next() % 26)),
    () => 0x7f80_0000 - 1 - (next() % 100),
  ];
  for (let at = 0, given = 0; given < count; at++) {
    const value = floatOfBits((kinds[at % kinds.length] ?? (() => 0))() & 0x7fff_ffff);
    if (value === 0 || !Number.isFinite(value)) continue;
    given++;
    yield value;
  }
}

/** How many cases a test tries: a sample, or all of them where `VECPORT_LONG_TESTS` is 1. */
export function casesOf(sample: number, all: number): number {
  return process.env['VECPORT_LONG_TESTS'] === '1' ? all : sample;
}
