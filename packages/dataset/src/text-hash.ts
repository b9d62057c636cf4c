/** 64 bits as two unsigned words, never both zero. */
export interface TextHash {
  high: number;
  low: number;
}

const SEED = 0xdeadbeef;

/**
 * A 64-bit hash of a text's UTF-16 units, put into `into`: the mixing of Bob Jenkins' lookup3 (public
 * domain) over six units at a time. Well spread, not a secret: somebody may find two texts with the same one.
 */
export function hashText(text: string, into: TextHash): void {
  const { length } = text;
  let a = (SEED + length) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; length - at > 6; at += 6) {
    a = (a + pair(text, at)) | 0;
    b = (b + pair(text, at + 2)) | 0;
    c = (c + pair(text, at + 4)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  finish((a + pair(text, at)) | 0, (b + pair(text, at + 2)) | 0, (c + pair(text, at + 4)) | 0, into);
}

function finish(a: number, b: number, c: number, into: TextHash): void {
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  c = (c ^ b) - rotate(b, 24);
  into.high = b >>> 0;
  into.low = c >>> 0 || (b === 0 ? 1 : 0);
}

/** Two units as one word; zero beyond the end. */
function pair(text: string, at: number): number {
  return unit(text, at) | (unit(text, at + 1) << 16);
}

function unit(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
