import { isUtf8 } from 'node:buffer';
import { corruptAnswer } from './errors.js';
import { doubleText } from './payload-values.js';

const [QUOTE, BACKSLASH, MINUS, ZERO, POINT] = [0x22, 0x5c, 0x2d, 0x30, 0x2e];
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [QUOTE, '\\"'],
  [BACKSLASH, '\\\\'],
]);
/** Digits after the point that are tried before a double is printed by V8; prices and percentages have no more. */
const FEW_DECIMALS = 4;
/** Below it an integer of so many digits more is exact, and its digits are the shortest. */
const SMALL = 2 ** 31;

/** JSON text under construction, in UTF-8. Its memory is used again for the next text. */
export class JsonBytes {
  #bytes = new Uint8Array(4096);
  #words = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. Setting it back drops what came after. */
  get length(): number {
    return this.#length;
  }

  set length(length: number) {
    this.#length = length;
  }

  /** What was written, a view that is valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** One byte of ASCII. */
  put(byte: number): void {
    this.reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Text of ASCII alone, as it is. */
  ascii(text: string): void {
    this.reserve(text.length);
    for (let at = 0; at < text.length; at++) this.#bytes[this.#length++] = text.charCodeAt(at);
  }

  /** An integer of at most 2^53 that is not negative. */
  integer(value: number): void {
    this.reserve(16);
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count++;
    this.#digits(value, count);
  }

  /** A finite double, as {@link doubleText} prints it. */
  double(value: number): void {
    const size = Math.abs(value);
    if (size < SMALL && (size >= 1e-5 || size === 0)) {
      let power = 10;
      for (let decimals = 1; decimals <= FEW_DECIMALS; decimals++, power *= 10) {
        // Two decimals of fifteen digits are never the same double, so these are its shortest digits.
        const digits = Math.round(size * power);
        if (digits / power !== size) continue;
        this.reserve(32);
        if (value < 0 || Object.is(value, -0)) this.#bytes[this.#length++] = MINUS;
        this.integer(Math.floor(digits / power));
        this.#bytes[this.#length++] = POINT;
        this.#digits(digits, decimals);
        return;
      }
    }
    this.ascii(doubleText(value));
  }

  /**
   * The bytes of `source` from `start` to `end` as a JSON string; `words` is a view of the same bytes.
   * @throws VecportError `corrupt-data` when they are not UTF-8.
   */
  string(source: Uint8Array, words: DataView, start: number, end: number): void {
    const length = end - start;
    this.reserve(length * 6 + 2);
    const bytes = this.#bytes;
    const to = this.#length;
    bytes[to] = QUOTE;
    let seen = 0;
    let marked = 0;
    // Copied before it is known whether any must be escaped, which is rare.
    if (length >= 4) {
      const target = this.#words;
      const last = end - 4;
      const shift = to + 1 - start;
      for (let at = start; at < last; at += 4) {
        const word = words.getInt32(at, true);
        target.setInt32(at + shift, word, true);
        seen |= word;
        marked |= marks(word);
      }
      const word = words.getInt32(last, true);
      target.setInt32(last + shift, word, true);
      seen |= word;
      marked |= marks(word);
    } else {
      for (let at = 0; at < length; at++) {
        const byte = source[start + at] ?? 0;
        bytes[to + 1 + at] = byte;
        seen |= byte;
        marked |= marks(byte | PLAIN);
      }
    }
    if ((marked & HIGH_BITS) !== 0) this.#escaped(source, start, end);
    else {
      bytes[to + 1 + length] = QUOTE;
      this.#length = to + length + 2;
    }
    if ((seen & HIGH_BITS) !== 0 && !isUtf8(source.subarray(start, end)))
      throw corruptAnswer('A payload holds text that is not UTF-8.');
  }

  /** The first `length` bytes of words, each of which has four in the order of their writing. */
  fromWords(source: Int32Array, length: number): void {
    this.reserve(4 * source.length);
    const target = this.#words;
    const to = this.#length;
    for (let at = 0; at < source.length; at++) target.setInt32(to + 4 * at, source[at] ?? 0, true);
    this.#length = to + length;
  }

  /** A string that has bytes to escape. There must be room. */
  #escaped(source: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    let to = this.#length;
    bytes[to++] = QUOTE;
    for (let at = start; at < end; at++) {
      const byte = source[at] ?? 0;
      if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) {
        this.#length = to;
        this.#escape(byte);
        to = this.#length;
      } else bytes[to++] = byte;
    }
    bytes[to++] = QUOTE;
    this.#length = to;
  }

  /** The last `count` decimal digits of an integer. There must be room. */
  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    const start = this.#length;
    this.#length = start + count;
    let rest = value;
    for (let at = start + count - 1; at >= start; at--) {
      const next = Math.floor(rest / 10);
      bytes[at] = ZERO + (rest - next * 10);
      rest = next;
    }
  }

  #escape(byte: number): void {
    this.ascii(ESCAPES.get(byte) ?? `\\u${byte.toString(16).padStart(4, '0')}`);
  }

  /** Make room for so many bytes more. */
  reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#words = new DataView(larger.buffer);
  }
}

const HIGH_BITS = 0x8080_8080;
const ONES = 0x0101_0101;

/** Three bytes of which none is marked, to which a fourth is put. */
const PLAIN = 0x2020_2000;

/** Has a high bit where one of four bytes must be escaped: a byte below 0x20, a quotation mark or a backslash borrows from it. */
function marks(word: number): number {
  const quotes = word ^ (QUOTE * ONES);
  const backslashes = word ^ (BACKSLASH * ONES);
  return ((word - 0x20 * ONES) & ~word) | ((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes);
}
