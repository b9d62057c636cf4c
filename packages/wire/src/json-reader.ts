import { corrupt } from './corrupt.js';
import { type FloatSink, parseFloats } from './json-floats.js';
import { skipString, skipValue, skipWhitespace } from './json-skip.js';
import { knownText, rememberText } from './key-texts.js';

/** What kind of value comes next. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null' | 'end';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const KINDS: ReadonlyMap<number, JsonKind> = new Map([
  [0x7b, 'object'],
  [0x5b, 'array'],
  [0x22, 'string'],
  [0x74, 'true'],
  [0x66, 'false'],
  [0x6e, 'null'],
]);

/**
 * A cursor over JSON in UTF-8, for readers that know what they look for: values can be skipped, cut out
 * verbatim, or read exactly. Every method throws `corrupt-data` where the text ends early or is not JSON.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  /** The next byte that is read. */
  position: number;
  readonly #end: number;
  /** For each open object or array, whether a member was read already. */
  readonly #began: boolean[] = [];
  // The same bytes, as other ways to read them want them.
  #words: DataView | undefined;
  #buffer: Buffer | undefined;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.#end = end;
  }

  /** The kind of the next value; `end` at the end of the text and before a closing bracket. */
  peek(): JsonKind {
    const byte = this.#byte();
    if (byte === -1 || byte === 0x7d || byte === 0x5d) return 'end';
    const kind = KINDS.get(byte) ?? (byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? 'number' : undefined);
    return kind ?? this.#fail('a value');
  }

  /** Go into an object; read it with {@link nextKey}. */
  enterObject(): void {
    this.#expect(0x7b, '{');
    this.#began.push(false);
  }

  /** The next key, whose value must be read or skipped; `undefined` at the end of the object, which is then left. */
  nextKey(): string | undefined {
    if (!this.#more(0x7d, '}')) return undefined;
    const key = this.#key();
    this.#expect(0x3a, ':');
    return key;
  }

  /** Go into an array; read it with {@link nextElement}. */
  enterArray(): void {
    this.#expect(0x5b, '[');
    this.#began.push(false);
  }

  /** Whether there is a next element, which must be read or skipped; the array is left at its end. */
  nextElement(): boolean {
    return this.#more(0x5d, ']');
  }

  /** Text, its escapes resolved. */
  text(): string {
    if (this.#byte() !== 0x22) this.#fail('text');
    const start = this.position;
    const { end, escaped, ascii } = skipString(this.bytes, start, this.#end);
    this.position = end;
    if (ascii && !escaped) return this.#latin(start + 1, end - 1);
    try {
      if (escaped) return JSON.parse(decoder.decode(this.bytes.subarray(start, end))) as string;
      return decoder.decode(this.bytes.subarray(start + 1, end - 1));
    } catch (cause) {
      throw corrupt(`has text that is not JSON at byte ${start}`, cause);
    }
  }

  /** A number as a double; use {@link numberText} where digits matter. */
  number(): number {
    return Number(this.numberText());
  }

  /** The exact text of a number. */
  numberText(): string {
    if (this.peek() !== 'number') this.#fail('a number');
    const { length } = this.raw();
    return this.#latin(this.position - length, this.position);
  }

  /** A truth value. */
  boolean(): boolean {
    const kind = this.peek();
    if (kind !== 'true' && kind !== 'false') this.#fail('true or false');
    this.skip();
    return kind === 'true';
  }

  /** Whether the next value is `null`, which is then read. */
  isNull(): boolean {
    if (this.peek() !== 'null') return false;
    this.skip();
    return true;
  }

  /** The whole next value, verbatim, a view. It is checked to be JSON in structure. */
  raw(): Uint8Array {
    this.#byte();
    const start = this.position;
    this.skip();
    return this.bytes.subarray(start, this.position);
  }

  /** Skip the next value. */
  skip(): void {
    this.#byte();
    this.position = skipValue(this.bytes, this.position, this.#end);
  }

  /** An array of numbers, each rounded once to float32, appended to `into`. @returns how many. */
  floats(into: FloatSink): number {
    this.#byte();
    const before = into.length;
    this.position = parseFloats(this.bytes, this.#view(), this.position, this.#end, into);
    return into.length - before;
  }

  /** Fail unless nothing but white space is left. */
  finish(): void {
    if (this.#byte() !== -1) this.#fail('the end');
  }

  #more(closing: number, sign: string): boolean {
    const depth = this.#began.length - 1;
    if (depth < 0) this.#fail(`no ${sign} outside of one`);
    if (this.#byte() === closing) {
      this.position++;
      this.#began.pop();
      return false;
    }
    if (this.#began[depth] === true) this.#expect(0x2c, `, or ${sign}`);
    this.#began[depth] = true;
    return true;
  }

  // The keys of a page are the same few.
  #key(): string {
    if (this.#byte() !== 0x22) this.#fail('text');
    const start = this.position;
    const { end, escaped, ascii } = skipString(this.bytes, start, this.#end);
    if (escaped || !ascii) return this.text();
    this.position = end;
    const known = knownText(this.bytes, start + 1, end - 1);
    if (known !== undefined) return known;
    const text = this.#latin(start + 1, end - 1);
    rememberText(this.bytes, start + 1, end - 1, text);
    return text;
  }

  #latin(start: number, end: number): string {
    this.#buffer ??= Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.#buffer.toString('latin1', start, end);
  }

  #view(): DataView {
    this.#words ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.#words;
  }

  #byte(): number {
    this.position = skipWhitespace(this.bytes, this.position, this.#end);
    return this.position < this.#end ? (this.bytes[this.position] ?? -1) : -1;
  }

  #expect(byte: number, sign: string): void {
    if (this.#byte() !== byte) this.#fail(sign);
    this.position++;
  }

  #fail(expected: string): never {
    throw corrupt(
      this.position >= this.#end
        ? `ends at byte ${this.position} where ${expected} was expected`
        : `is not the JSON that was expected: no ${expected} at byte ${this.position}`,
    );
  }
}
