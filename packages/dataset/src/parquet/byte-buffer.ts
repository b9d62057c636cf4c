/** Bytes that grow. The memory is kept from one use to the next. */
export class ByteBuffer {
  /** Room for more than {@link length} bytes; replaced when it grows. Always at offset 0 of its buffer. */
  bytes: Buffer<ArrayBuffer>;
  /** Bytes in use. */
  length = 0;

  constructor(capacity = 256) {
    this.bytes = Buffer.from(new ArrayBuffer(capacity));
  }

  /** Make room for `more` bytes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(part: Uint8Array): void {
    this.reserve(part.length);
    this.bytes.set(part, this.length);
    this.length += part.length;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** 32 bits, the least significant byte first. */
  uint32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length = length + 4;
  }

  /** An unsigned LEB128 number up to 2^53. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  /** The bytes in use as a view, good until the next call. */
  view(): Buffer<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** A copy of the bytes in use; the buffer is empty afterwards. */
  take(): Uint8Array {
    const copy = new Uint8Array(this.view());
    this.length = 0;
    return copy;
  }
}
