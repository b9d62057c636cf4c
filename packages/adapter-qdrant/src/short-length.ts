/** What a length or a small integer begins with that takes two bytes or more. */
export const LONG = 0x80;

/** The varint of one or two bytes at `at`; -1 for a longer one, for one with superfluous bytes and beyond `end`. */
export function shortLength(bytes: Uint8Array, at: number, end: number): number {
  const first = at < end ? (bytes[at] ?? 0) : LONG;
  if (first < LONG) return first;
  const second = at + 1 < end ? (bytes[at + 1] ?? 0) : 0;
  return second > 0 && second < LONG ? (first & 0x7f) | (second << 7) : -1;
}

/** Bytes that {@link shortLength} was read from. */
export function sizeOf(length: number): number {
  return length < LONG ? 1 : 2;
}
