import type { JsonValue } from './json-value.js';
import { formatError } from './server-error.js';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_TEXT = /[^"\\\p{Cc}]*/uy;
const SPACE = /[ \t\n\r]*/y;
const MAX_U64 = 18446744073709551615n;
const MIN_I64 = -9223372036854775808n;
const MOST_DEPTH = 128;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Parse a request's body without rounding integers.
 * @throws Refusal `Format error in JSON body: …` with the server's words, line and column (in bytes).
 */
export function parseJson(body: Uint8Array): JsonValue {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw formatError('invalid unicode code point at line 1 column 1');
  }
  return new Parser(text).document();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#error('trailing characters');
    return value;
  }

  #value(): JsonValue {
    const char = this.#peek('value');
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    if (char === 't') return this.#word('true', true);
    if (char === 'f') return this.#word('false', false);
    if (char === 'n') return this.#word('null', null);
    if (char === '-' || (char >= '0' && char <= '9')) return this.#number();
    throw this.#error('expected value');
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth >= MOST_DEPTH) throw this.#error('recursion limit exceeded');
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Map<string, JsonValue> {
    const object = new Map<string, JsonValue>();
    this.#at++;
    if (this.#take('}', 'an object')) return object;
    for (;;) {
      if (this.#peek('an object') !== '"') throw this.#error('key must be a string');
      const key = this.#string();
      if (!this.#take(':', 'an object')) throw this.#error('expected `:`');
      object.set(key, this.#value());
      if (this.#take('}', 'an object')) return object;
      if (!this.#take(',', 'an object')) throw this.#error('expected `,` or `}`');
      if (this.#peek('value') === '}') throw this.#error('trailing comma');
    }
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = [];
    this.#at++;
    if (this.#take(']', 'a list')) return array;
    for (;;) {
      array.push(this.#value());
      if (this.#take(']', 'a list')) return array;
      if (!this.#take(',', 'a list')) throw this.#error('expected `,` or `]`');
      if (this.#peek('value') === ']') throw this.#error('trailing comma');
    }
  }

  #string(): string {
    this.#at++;
    let result = '';
    for (;;) {
      result += this.#match(PLAIN_TEXT);
      const char = this.#text[this.#at];
      if (char === undefined) throw this.#end('a string');
      this.#at++;
      if (char === '"') return result;
      if (char >= '\u007f') result += char;
      else if (char !== '\\') throw this.#error('control character (\\u0000-\\u001F) found while parsing a string', 0);
      else result += this.#escape();
    }
  }

  #escape(): string {
    const char = this.#text[this.#at++];
    if (char === undefined) throw this.#end('a string');
    if (char !== 'u') {
      const plain = ESCAPES[char];
      if (plain === undefined) throw this.#error('invalid escape', 0);
      return plain;
    }
    const unit = this.#hex();
    if (unit >= 0xdc00 && unit <= 0xdfff) throw this.#error('lone leading surrogate in hex escape', 0);
    if (unit < 0xd800 || unit > 0xdbff) return String.fromCharCode(unit);
    if (!this.#text.startsWith('\\u', this.#at)) throw this.#error('unexpected end of hex escape');
    this.#at += 2;
    const second = this.#hex();
    if (second < 0xdc00 || second > 0xdfff) throw this.#error('lone leading surrogate in hex escape', 0);
    return String.fromCharCode(unit, second);
  }

  #hex(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (digits.length < 4) throw this.#end('a string');
    this.#at += 4;
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#error('invalid escape', 0);
    return Number.parseInt(digits, 16);
  }

  #number(): number | bigint {
    const text = this.#match(NUMBER);
    if (text === '') throw this.#error('invalid number', 2);
    const after = this.#text[this.#at];
    if (after !== undefined && /[\d.eE]/.test(after)) throw this.#error('invalid number');
    if (/[.eE]/.test(text) || text === '-0') return this.#double(text);
    const integer = BigInt(text);
    return integer >= MIN_I64 && integer <= MAX_U64 ? integer : this.#double(text);
  }

  #double(text: string): number {
    const value = Number(text);
    if (!Number.isFinite(value)) throw this.#error('number out of range', 0);
    return value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('expected ident', 2);
    this.#at += word.length;
    return value;
  }

  #take(char: string, where: string): boolean {
    if (this.#peek(where) !== char) return false;
    this.#at++;
    return true;
  }

  #peek(where: string): string {
    this.#space();
    const char = this.#text[this.#at];
    if (char === undefined) throw this.#end(where === 'value' ? 'a value' : where);
    return char;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #end(what: string): Error {
    this.#at = this.#text.length;
    return this.#error(`EOF while parsing ${what}`, 0);
  }

  #error(what: string, ahead = 1): Error {
    const before = this.#text.slice(0, this.#at);
    const lineStart = before.lastIndexOf('\n') + 1;
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(lineStart)) + ahead;
    return formatError(`${what} at line ${line} column ${column}`);
  }
}
