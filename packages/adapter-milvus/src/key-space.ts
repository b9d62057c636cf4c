/** The keys a collection can have, numbered in their order. */
export interface KeySpace {
  readonly low: bigint;
  readonly high: bigint;
  /** A key at a place: it need not be one of the collection's. Ascends with the place. */
  keyAt(place: bigint): string;
}

/** Characters of a text that are told apart. */
const CHARACTERS = 24;
/** Printable ASCII, and what comes before and after it. */
const DIGITS = 97n;
const BEFORE_SPACE = 0x1f;

/**
 * The space of int64 or varchar keys from `first` on. Of texts, the places are those of printable ASCII; keys of other
 * characters lie between or beyond them.
 */
export function keySpace(type: 'int64' | 'varchar', first: string): KeySpace {
  if (type === 'int64') {
    return { low: BigInt(first) - 1n, high: 2n ** 63n - 1n, keyAt: (place) => String(place) };
  }
  return { low: placeOf(first), high: DIGITS ** BigInt(CHARACTERS), keyAt: textAt };
}

function placeOf(text: string): bigint {
  let place = 0n;
  for (let at = 0; at < CHARACTERS; at++) {
    const code = text.charCodeAt(at);
    const digit = Number.isNaN(code) ? 0 : Math.min(Number(DIGITS) - 1, Math.max(0, code - BEFORE_SPACE));
    place = place * DIGITS + BigInt(digit);
  }
  return place;
}

function textAt(place: bigint): string {
  const digits: number[] = [];
  for (let rest = place, at = 0; at < CHARACTERS; at++, rest /= DIGITS) digits.unshift(Number(rest % DIGITS));
  const end = digits.indexOf(0);
  const text = end < 0 ? digits : digits.slice(0, end);
  // Beyond printable ASCII stands the first character of two bytes.
  return text
    .map((digit) => (digit === Number(DIGITS) - 1 ? '\u0080' : String.fromCharCode(BEFORE_SPACE + digit)))
    .join('');
}
