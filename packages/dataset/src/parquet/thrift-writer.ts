import { ByteBuffer } from './byte-buffer.js';

/** Element and field types of the Thrift compact protocol. */
export const THRIFT = {
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  STRUCT: 12,
} as const;

/**
 * Writes one struct in the Thrift compact protocol. Fields go in ascending order of their ids;
 * `end` closes the innermost struct that is open.
 */
export class ThriftWriter {
  readonly #buffer = new ByteBuffer();
  readonly #outer: number[] = [];
  #field = 0;

  /** A boolean field. */
  bool(field: number, value: boolean): this {
    return this.#head(field, value ? THRIFT.TRUE : THRIFT.FALSE);
  }

  /** A field of one signed byte. */
  i8(field: number, value: number): this {
    this.#head(field, THRIFT.BYTE).#buffer.byte(value & 0xff);
    return this;
  }

  /** A signed 32-bit field. */
  i32(field: number, value: number): this {
    return this.#head(field, THRIFT.I32).#zigzag(value);
  }

  /** A signed 64-bit field; `value` is a safe integer below 2^52. */
  i64(field: number, value: number): this {
    return this.#head(field, THRIFT.I64).#zigzag(value);
  }

  /** A field of bytes, or of text in UTF-8. */
  binary(field: number, value: Uint8Array | string): this {
    return this.#head(field, THRIFT.BINARY).#bytes(value);
  }

  /** Open a struct field. */
  struct(field: number): this {
    return this.#head(field, THRIFT.STRUCT).#open();
  }

  /** Close the innermost struct. */
  end(): this {
    this.#buffer.byte(0);
    this.#field = this.#outer.pop() ?? 0;
    return this;
  }

  /** A list of signed 32-bit numbers. */
  i32List(field: number, values: readonly number[]): this {
    this.#list(field, THRIFT.I32, values.length);
    for (const value of values) this.#zigzag(value);
    return this;
  }

  /** A list of texts. */
  textList(field: number, values: readonly string[]): this {
    this.#list(field, THRIFT.BINARY, values.length);
    for (const value of values) this.#bytes(value);
    return this;
  }

  /** A list of structs; `write` writes the fields of one. */
  structList<T>(field: number, values: readonly T[], write: (value: T) => void): this {
    this.#list(field, THRIFT.STRUCT, values.length);
    for (const value of values) {
      this.#open();
      write(value);
      this.end();
    }
    return this;
  }

  /** Close the outermost struct and take its bytes; the writer starts anew. */
  take(): Uint8Array {
    this.end();
    return this.#buffer.take();
  }

  #open(): this {
    this.#outer.push(this.#field);
    this.#field = 0;
    return this;
  }

  #head(field: number, type: number): this {
    this.#buffer.byte(((field - this.#field) << 4) | type);
    this.#field = field;
    return this;
  }

  #list(field: number, type: number, size: number): void {
    this.#head(field, THRIFT.LIST).#buffer.byte((Math.min(size, 15) << 4) | type);
    if (size >= 15) this.#buffer.varint(size);
  }

  #zigzag(value: number): this {
    this.#buffer.varint(value < 0 ? -2 * value - 1 : 2 * value);
    return this;
  }

  #bytes(value: Uint8Array | string): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#buffer.varint(bytes.length);
    this.#buffer.append(bytes);
    return this;
  }
}
