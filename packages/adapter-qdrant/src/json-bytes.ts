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
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Text of ASCII alone, as it is. */
  ascii(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at++) this.#bytes[this.#length++] = text.charCodeAt(at);
  }

  /** An integer of at most 2^53 that is not negative. */
  integer(value: number): void {
    this.#reserve(16);
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
        this.#reserve(32);
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
    this.#reserve((end - start) * 6 + 2);
    // Room is there for all of it, so that this stays the memory.
    const bytes = this.#bytes;
    const target = this.#words;
    let to = this.#length;
    bytes[to++] = QUOTE;
    let seen = 0;
    for (let at = start; at < end; ) {
      const word = end - at >= 4 ? words.getInt32(at, true) : -1;
      if (word !== -1 && isPlain(word)) {
        target.setInt32(to, word, true);
        seen |= word;
        at += 4;
        to += 4;
        continue;
      }
      for (const stop = Math.min(at + 4, end); at < stop; at++) {
        const byte = source[at] ?? 0;
        seen |= byte;
        if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) {
          this.#length = to;
          this.#escape(byte);
          to = this.#length;
        } else bytes[to++] = byte;
      }
    }
    bytes[to++] = QUOTE;
    this.#length = to;
    if ((seen & HIGH_BITS) !== 0 && !isUtf8(source.subarray(start, end)))
      throw corruptAnswer('A payload holds text that is not UTF-8.');
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

  #reserve(bytes: number): void {
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

/** Whether none of four bytes must be escaped: a byte below 0x20, a quotation mark or a backslash borrows from its high bit. */
function isPlain(word: number): boolean {
  const quotes = word ^ (QUOTE * ONES);
  const backslashes = word ^ (BACKSLASH * ONES);
  const borrowed = ((word - 0x20 * ONES) & ~word) | ((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes);
  return (borrowed & HIGH_BITS) === 0;
}
