const SHORT = new Map(
  Object.entries({ '"': 0x22, '\\': 0x5c, '/': 0x2f, b: 0x08, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 }).map(
    ([letter, codePoint]) => [letter.charCodeAt(0), codePoint],
  ),
);
const LETTERS = new Map(
  [...SHORT].filter(([, codePoint]) => codePoint !== 0x2f).map(([letter, codePoint]) => [codePoint, letter]),
);
const HEX = /^[0-9a-fA-F]{4}$/;

/** A character written as an escape. */
interface Escape {
  /** A lone surrogate stays what it is. */
  readonly codePoint: number;
  /** Bytes the escape takes, its backslash included. */
  readonly length: number;
}

/** The escape whose backslash stands at `at`; two that form a surrogate pair count as one. `undefined` when it is none. */
export function readEscape(bytes: Uint8Array, at: number): Escape | undefined {
  const letter = bytes[at + 1] ?? 0;
  const short = SHORT.get(letter);
  if (short !== undefined) return { codePoint: short, length: 2 };
  const high = readUnit(bytes, at);
  if (high === undefined) return undefined;
  const low = high >= 0xd800 && high < 0xdc00 ? readUnit(bytes, at + 6) : undefined;
  if (low === undefined || low < 0xdc00 || low > 0xdfff) return { codePoint: high, length: 6 };
  return { codePoint: 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), length: 12 };
}

/** Write the canonical escape of a character that needs one; gives the end, or `undefined` when it needs none. */
export function putEscaped(target: Uint8Array, at: number, codePoint: number): number | undefined {
  const letter = LETTERS.get(codePoint);
  if (letter !== undefined) {
    target[at] = 0x5c;
    target[at + 1] = letter;
    return at + 2;
  }
  if (codePoint >= 0x20 && !isSurrogate(codePoint)) return undefined;
  target.set(Buffer.from(`\\u${codePoint.toString(16).padStart(4, '0')}`), at);
  return at + 6;
}

/** Write a character in UTF-8, a lone surrogate in the same way as its neighbours; gives the end. */
export function putCodePoint(target: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    target[at] = codePoint;
    return at + 1;
  }
  const more = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
  target[at] = ((0xff00 >> (more + 1)) & 0xff) | (codePoint >> (6 * more));
  for (let i = 1; i <= more; i++) target[at + i] = 0x80 | ((codePoint >> (6 * (more - i))) & 0x3f);
  return at + more + 1;
}

/** The bytes a key is sorted by, from what stands between its quotes. */
export function unescapeKey(written: Uint8Array): Uint8Array {
  const key = new Uint8Array(written.length);
  let length = 0;
  for (let at = 0; at < written.length; ) {
    const found = written[at] === 0x5c ? readEscape(written, at) : undefined;
    if (found === undefined) key[length++] = written[at++] as number;
    else {
      length = putCodePoint(key, length, found.codePoint);
      at += found.length;
    }
  }
  return key.subarray(0, length);
}

function readUnit(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0x5c || bytes[at + 1] !== 0x75) return undefined;
  const digits = String.fromCharCode(...bytes.subarray(at + 2, at + 6));
  return HEX.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

function isSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint <= 0xdfff;
}
