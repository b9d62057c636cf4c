/** Bytes of four words by their place: all first bytes, then all second bytes, and so on. */
function squareOf(words: v128): v128 {
  return i8x16.shuffle(words, words, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

/** The words 0 and 1 of two vectors: a0, b0, a1, b1. */
function lowerWords(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
}

/** The words 2 and 3 of two vectors: a2, b2, a3, b3. */
function upperWords(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
}

function lowerHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}

function upperHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

function pairedBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function upperPairedBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

function pairedUnits(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

function upperPairedUnits(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

/** BYTE_STREAM_SPLIT of `count` words from `source` to `target`, which do not overlap. */
export function splitBytes(source: usize, count: usize, target: usize): void {
  const second = target + count;
  const third = second + count;
  const fourth = third + count;
  let at: usize = 0;
  for (; at + 16 <= count; at += 16) {
    const from = source + at * 4;
    const a = squareOf(v128.load(from));
    const b = squareOf(v128.load(from, 16));
    const c = squareOf(v128.load(from, 32));
    const d = squareOf(v128.load(from, 48));
    const lower = lowerWords(a, b);
    const lowerNext = lowerWords(c, d);
    const upper = upperWords(a, b);
    const upperNext = upperWords(c, d);
    v128.store(target + at, lowerHalves(lower, lowerNext));
    v128.store(second + at, upperHalves(lower, lowerNext));
    v128.store(third + at, lowerHalves(upper, upperNext));
    v128.store(fourth + at, upperHalves(upper, upperNext));
  }
  for (; at < count; at++) {
    const word = load<u32>(source + at * 4);
    store<u8>(target + at, word);
    store<u8>(second + at, word >> 8);
    store<u8>(third + at, word >> 16);
    store<u8>(fourth + at, word >> 24);
  }
}

/** The inverse of {@link splitBytes}: `count` words. */
export function joinBytes(source: usize, count: usize, target: usize): void {
  const second = source + count;
  const third = second + count;
  const fourth = third + count;
  let at: usize = 0;
  for (; at + 16 <= count; at += 16) {
    const a = v128.load(source + at);
    const b = v128.load(second + at);
    const c = v128.load(third + at);
    const d = v128.load(fourth + at);
    const lower = pairedBytes(a, b);
    const lowerNext = pairedBytes(c, d);
    const upper = upperPairedBytes(a, b);
    const upperNext = upperPairedBytes(c, d);
    const to = target + at * 4;
    v128.store(to, pairedUnits(lower, lowerNext));
    v128.store(to, upperPairedUnits(lower, lowerNext), 16);
    v128.store(to, pairedUnits(upper, upperNext), 32);
    v128.store(to, upperPairedUnits(upper, upperNext), 48);
  }
  for (; at < count; at++) {
    const to = target + at * 4;
    store<u8>(to, load<u8>(source + at));
    store<u8>(to, load<u8>(second + at), 1);
    store<u8>(to, load<u8>(third + at), 2);
    store<u8>(to, load<u8>(fourth + at), 3);
  }
}
