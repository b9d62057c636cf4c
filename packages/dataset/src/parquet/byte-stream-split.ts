/*
 * Four words are a square of four by four bytes, of which splitting and joining both take the other diagonal: first within its
 * quarters, then the quarters, each two words at a time by what differs between them. It stands in both loops: one for both, which
 * is told where the words of a square are, takes an eighth longer.
 */
const EVERY_SECOND = 0xff00ff;
const LOWER_HALF = 0xffff;

/**
 * The encoding BYTE_STREAM_SPLIT for 32-bit values: all first bytes, then all second bytes, and so
 * on. Bit patterns are kept. Four values at a time where their number allows it.
 */
export function splitBytes(values: Float32Array, target: Uint8Array): void {
  const count = values.length;
  if (count % 4 !== 0 || target.byteOffset % 4 !== 0) {
    splitSlowly(new Uint8Array(values.buffer, values.byteOffset, count * 4), target, count);
    return;
  }
  const words = new Int32Array(values.buffer, values.byteOffset, count);
  const [first, second, third, fourth] = streams(target, count);
  for (let from = 0, to = 0; from < count; from += 4, to++) {
    let a = words[from] as number;
    let b = words[from + 1] as number;
    let c = words[from + 2] as number;
    let d = words[from + 3] as number;
    let swapped = ((a >>> 8) ^ b) & EVERY_SECOND;
    b ^= swapped;
    a ^= swapped << 8;
    swapped = ((c >>> 8) ^ d) & EVERY_SECOND;
    d ^= swapped;
    c ^= swapped << 8;
    swapped = ((a >>> 16) ^ c) & LOWER_HALF;
    c ^= swapped;
    a ^= swapped << 16;
    swapped = ((b >>> 16) ^ d) & LOWER_HALF;
    d ^= swapped;
    b ^= swapped << 16;
    first[to] = a;
    second[to] = b;
    third[to] = c;
    fourth[to] = d;
  }
}

/** The inverse of {@link splitBytes}: `source` has four bytes for each of `values`. */
export function joinBytes(source: Uint8Array, values: Float32Array): void {
  const count = values.length;
  if (count % 4 !== 0) {
    joinSlowly(source, new Uint8Array(values.buffer, values.byteOffset, count * 4), count);
    return;
  }
  const words = new Int32Array(values.buffer, values.byteOffset, count);
  const aligned = source.byteOffset % 4 === 0 ? source : new Uint8Array(source);
  const [first, second, third, fourth] = streams(aligned, count);
  for (let from = 0, to = 0; to < count; from++, to += 4) {
    let a = first[from] as number;
    let b = second[from] as number;
    let c = third[from] as number;
    let d = fourth[from] as number;
    let swapped = ((a >>> 8) ^ b) & EVERY_SECOND;
    b ^= swapped;
    a ^= swapped << 8;
    swapped = ((c >>> 8) ^ d) & EVERY_SECOND;
    d ^= swapped;
    c ^= swapped << 8;
    swapped = ((a >>> 16) ^ c) & LOWER_HALF;
    c ^= swapped;
    a ^= swapped << 16;
    swapped = ((b >>> 16) ^ d) & LOWER_HALF;
    d ^= swapped;
    b ^= swapped << 16;
    words[to] = a;
    words[to + 1] = b;
    words[to + 2] = c;
    words[to + 3] = d;
  }
}

function streams(bytes: Uint8Array, count: number): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const stream = (index: number): Int32Array =>
    new Int32Array(bytes.buffer, bytes.byteOffset + index * count, count / 4);
  return [stream(0), stream(1), stream(2), stream(3)];
}

function splitSlowly(source: Uint8Array, target: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    for (let stream = 0; stream < 4; stream++) target[stream * count + i] = source[i * 4 + stream] ?? 0;
  }
}

function joinSlowly(source: Uint8Array, target: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    for (let stream = 0; stream < 4; stream++) target[i * 4 + stream] = source[stream * count + i] ?? 0;
  }
}
