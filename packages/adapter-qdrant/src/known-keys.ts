/** The number of a key that is not known. */
export const UNKNOWN = -1;
/** More are not learned: keys that are made of values would never be seen again. */
const MOST_KEYS = 256;
/** A power of two, several times as many as keys. */
const PLACES = 1024;
const NOTHING = new Uint8Array(0);
const NO_TEXT = new Int32Array(0);

/**
 * The keys of payloads that were seen, in the order of their bytes and as they are printed: points of a collection have the
 * same few keys, in any order.
 */
export class KnownKeys {
  /** Numbers of keys by hash, the next place where one is taken. */
  readonly #places = new Int16Array(PLACES).fill(UNKNOWN);
  readonly #keys: Uint8Array[] = [];
  readonly #heads: number[] = [];
  readonly #tails: number[] = [];
  /** Numbers of keys in the order of their bytes, and where each stands in it. */
  readonly #sorted: number[] = [];
  readonly #ranks: number[] = [];
  readonly #texts: Int32Array[] = [];
  readonly #lengths: number[] = [];

  /** The number of a key, the bytes from `start` to `end`; -1 for one that is not known. `words` is a view of the same bytes. */
  find(bytes: Uint8Array, words: DataView, start: number, end: number): number {
    const head = headOf(bytes, words, start, end);
    const tail = tailOf(words, start, end);
    for (let place = placeOf(head, tail, end - start); ; place = (place + 1) % PLACES) {
      const key = this.#places[place] ?? UNKNOWN;
      if (key === UNKNOWN) return UNKNOWN;
      if (this.#heads[key] === head && this.#tails[key] === tail && this.#isSame(key, bytes, start, end)) return key;
    }
  }

  /** Learn a key, which is printed as `text`, unless it is known or there are too many. */
  learn(key: Uint8Array, text: Uint8Array): void {
    const number = this.#keys.length;
    const words = new DataView(key.buffer, key.byteOffset, key.byteLength);
    if (number === MOST_KEYS || this.find(key, words, 0, key.length) !== UNKNOWN) return;
    const head = headOf(key, words, 0, key.length);
    const tail = tailOf(words, 0, key.length);
    this.#keys.push(key);
    this.#heads.push(head);
    this.#tails.push(tail);
    this.#texts.push(wordsOf(text));
    this.#lengths.push(text.length);
    let place = placeOf(head, tail, key.length);
    while (this.#places[place] !== UNKNOWN) place = (place + 1) % PLACES;
    this.#places[place] = number;
    this.#sorted.push(number);
    this.#sorted.sort((a, b) => Buffer.compare(this.#bytesOf(a), this.#bytesOf(b)));
    for (const [rank, known] of this.#sorted.entries()) this.#ranks[known] = rank;
  }

  /** Where a key stands among all that are known. */
  rank(key: number): number {
    return this.#ranks[key] ?? 0;
  }

  /** A key as it is printed, four bytes in each word, and zeros at the end. */
  text(key: number): Int32Array {
    return this.#texts[key] ?? NO_TEXT;
  }

  /** Bytes of a key as it is printed. */
  textLength(key: number): number {
    return this.#lengths[key] ?? 0;
  }

  #bytesOf(key: number): Uint8Array {
    return this.#keys[key] ?? NOTHING;
  }

  /** What is between the first and the last four bytes, of the same length. */
  #isSame(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const known = this.#bytesOf(key);
    if (known.length !== end - start) return false;
    for (let at = start + 4; at < end - 4; at++) if (known[at - start] !== bytes[at]) return false;
    return true;
  }
}

/** The first four bytes, or all of them where there are fewer. */
function headOf(bytes: Uint8Array, words: DataView, start: number, end: number): number {
  if (end - start >= 4) return words.getInt32(start, true);
  let head = 0;
  for (let at = start; at < end; at++) head = (head << 8) | (bytes[at] ?? 0);
  return head;
}

/** The last four bytes, 0 where there are fewer. */
function tailOf(words: DataView, start: number, end: number): number {
  return end - start >= 4 ? words.getInt32(end - 4, true) : 0;
}

function placeOf(head: number, tail: number, length: number): number {
  const mixed = Math.imul(head ^ length, 0x9e37_79b1) ^ Math.imul(tail, 0x85eb_ca6b);
  return (mixed ^ (mixed >>> 15)) & (PLACES - 1);
}

function wordsOf(text: Uint8Array): Int32Array {
  const padded = new Uint8Array(Math.ceil(text.length / 4) * 4);
  padded.set(text);
  const view = new DataView(padded.buffer);
  return Int32Array.from({ length: padded.length / 4 }, (_, at) => view.getInt32(4 * at, true));
}
