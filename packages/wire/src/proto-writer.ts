const encoder = new TextEncoder();
/** Bytes up to which a loop is faster than a call of the runtime. Their length is one byte. */
const SHORT = 64;

/**
 * Writes a protobuf message field by field, in the order of the calls. Values of zero, false and
 * empty text are written as well: leave the call out where the default is meant.
 */
export class ProtoWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** Room for so many bytes, or memory of one's own to begin with, from its start on. Both grow when it is too small. */
  constructor(initial: number | Uint8Array = 256) {
    this.#bytes = typeof initial === 'number' ? new Uint8Array(Math.max(16, Math.ceil(initial))) : initial;
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }

  /** An unsigned integer up to 2^53, an enum, or an int32 that is not negative. */
  varint(field: number, value: number): this {
    this.#tag(field, 0);
    this.#varint(value);
    return this;
  }

  uint64(field: number, value: bigint): this {
    this.#tag(field, 0);
    this.#bigVarint(BigInt.asUintN(64, value));
    return this;
  }

  int64(field: number, value: bigint): this {
    return this.uint64(field, value);
  }

  bool(field: number, value: boolean): this {
    return this.varint(field, value ? 1 : 0);
  }

  float(field: number, value: number): this {
    this.#tag(field, 5);
    const at = this.#grow(4);
    this.#view.setFloat32(at, value, true);
    return this;
  }

  double(field: number, value: number): this {
    this.#tag(field, 1);
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  fixed64(field: number, value: bigint): this {
    this.#tag(field, 1);
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  text(field: number, value: string): this {
    this.#tag(field, 2);
    if (value.length <= SHORT && this.#ascii(value)) return this;
    const most = value.length * 3;
    // Room for the longest encoding; the length is known afterwards.
    this.#reserve(most + 10);
    const room = varintSize(most);
    const start = this.#length + room;
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(start, start + most));
    const exact = varintSize(written);
    if (exact !== room) this.#bytes.copyWithin(this.#length + exact, start, start + written);
    this.#varint(written);
    this.#length += written;
    return this;
  }

  data(field: number, bytes: Uint8Array): this {
    this.#tag(field, 2);
    this.#varint(bytes.length);
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A part of some bytes, or of text in UTF-8. */
  part(field: number, bytes: Uint8Array, start: number, end: number): this {
    const length = end - start;
    if (length > SHORT) return this.data(field, bytes.subarray(start, end));
    this.#tag(field, 2);
    this.#varint(length);
    const at = this.#grow(length);
    const target = this.#bytes;
    for (let i = 0; i < length; i++) target[at + i] = bytes[start + i] ?? 0;
    return this;
  }

  /** Packed floats. */
  floats(field: number, values: Float32Array): this {
    return this.data(field, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** Packed unsigned integers of 32 bits, as varints. */
  uint32s(field: number, values: Uint32Array): this {
    return this.message(field, (inner) => {
      for (const value of values) inner.#varint(value);
    });
  }

  /**
   * A message as the field's value: `write` gets this writer and writes its fields. A large message is not moved once
   * more where `expected`, about as many bytes as it will have, is as long a number as their count.
   */
  message(field: number, write: (writer: ProtoWriter) => void, expected = 0): this {
    const start = this.begin(field, expected);
    write(this);
    return this.close(start, expected);
  }

  /**
   * Begin a message as the field's value; what is written from here to {@link close}, which gets what this gives, is
   * in it. The same as {@link message} without a function of its own, for what is written millions of times; `expected` must be the same for both.
   */
  begin(field: number, expected = 0): number {
    this.#tag(field, 2);
    this.#grow(varintSize(expected));
    return this.#length;
  }

  /** End the message that began at `start`. Messages in it must have been ended. */
  close(start: number, expected = 0): this {
    const room = varintSize(expected);
    const size = this.#length - start;
    const width = varintSize(size);
    if (width !== room) {
      this.#reserve(Math.max(0, width - room));
      this.#bytes.copyWithin(start + width - room, start, this.#length);
    }
    this.#length = start - room;
    this.#varint(size);
    this.#length = start - room + width + size;
    return this;
  }

  /** What was written so far, as a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** What was written, not copied: the writer must not be used any more. */
  end(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    if (value >>> 0 === value && value < 0x80) {
      this.#reserve(1);
      this.#bytes[this.#length++] = value;
      return;
    }
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} cannot be written as a varint`);
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A short text with its length; writes nothing and gives `false` where it is not all ASCII. */
  #ascii(value: string): boolean {
    const size = value.length;
    this.#reserve(1 + size);
    const at = this.#length + 1;
    const target = this.#bytes;
    for (let i = 0; i < size; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      target[at + i] = unit;
    }
    target[at - 1] = size;
    this.#length = at + size;
    return true;
  }

  #bigVarint(value: bigint): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #grow(bytes: number): number {
    this.#reserve(bytes);
    const at = this.#length;
    this.#length += bytes;
    return at;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function varintSize(value: number): number {
  if (value < 0x80) return 1;
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
