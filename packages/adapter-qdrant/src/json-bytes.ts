import { isUtf8 } from 'node:buffer';
import { corruptAnswer } from './errors.js';

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [QUOTE, '\\"'],
  [BACKSLASH, '\\\\'],
]);

/** JSON text under construction, in UTF-8. Its memory is used again for the next text. */
export class JsonBytes {
  #bytes = new Uint8Array(4096);
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

  /** A part of `source` as a JSON string. @throws VecportError `corrupt-data` when it is not UTF-8. */
  string(source: Uint8Array, start: number, end: number): void {
    this.#reserve((end - start) * 6 + 2);
    // Room is there for all of it, so that this stays the memory.
    const bytes = this.#bytes;
    let to = this.#length;
    bytes[to++] = QUOTE;
    let ascii = true;
    for (let at = start; at < end; at++) {
      const byte = source[at] ?? 0;
      if (byte >= 0x80) ascii = false;
      if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) {
        this.#length = to;
        this.#escape(byte);
        to = this.#length;
      } else bytes[to++] = byte;
    }
    bytes[to++] = QUOTE;
    this.#length = to;
    if (!ascii && !isUtf8(source.subarray(start, end))) throw corruptAnswer('A payload holds text that is not UTF-8.');
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
  }
}
