import { corrupt } from './corrupt.js';

/** How a field's value is laid out: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
export type WireType = 0 | 1 | 2 | 5;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const MAX_I64 = 0x7fff_ffff_ffff_ffffn;

/**
 * A cursor over a protobuf message (https://protobuf.dev/programming-guides/encoding/), for readers that
 * know the field numbers they want and skip the rest. Nothing is copied but text and floats.
 *
 * Every method throws `corrupt-data` where the bytes end early or are malformed; none reads beyond `end`.
 */
export class ProtoReader {
  readonly bytes: Uint8Array;
  /** The next byte that is read. */
  position: number;
  /** End of the message that is being read. */
  end: number;
  /** Wire type of the field `next` found. */
  wireType: WireType = 0;
  readonly #view: DataView;
  readonly #buffer: Buffer;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Number of the next field of this message, 0 at its end. Its value must be read or skipped. */
  next(): number {
    if (this.position >= this.end) {
      if (this.position > this.end) throw corrupt('has a value that reaches beyond its message');
      return 0;
    }
    const tag = this.varint();
    const type = tag & 7;
    const field = tag >>> 3;
    if (field === 0 || tag > 0xffff_ffff || !(type === 0 || type === 1 || type === 2 || type === 5)) {
      throw corrupt(`has a malformed field at byte ${this.position}`);
    }
    this.wireType = type;
    return field;
  }

  /** Go into the message that is the field's value. Give what it returns to {@link leave}. */
  enter(): number {
    const outer = this.end;
    const length = this.#length();
    this.end = this.position + length;
    return outer;
  }

  /** Go to the end of the inner message and back to the outer one. */
  leave(outerEnd: number): void {
    this.position = this.end;
    this.end = outerEnd;
  }

  /** An unsigned varint. @throws VecportError `corrupt-data` also beyond 2^53 − 1: read those with `uint64`. */
  varint(): number {
    const { bytes, end } = this;
    let byte = this.position < end ? (bytes[this.position++] ?? 0) : this.#cut();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let i = 1; i < 10; i++) {
      byte = this.position < end ? (bytes[this.position++] ?? 0) : this.#cut();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw corrupt(`has the number ${value} where a smaller one belongs`);
        return value;
      }
      scale *= 0x80;
    }
    throw corrupt(`has a number without end at byte ${this.position}`);
  }

  /** An unsigned varint of at most four bytes; -1 for a longer one, which is not read then. */
  smallVarint(): number {
    const { bytes, position, end } = this;
    let value = 0;
    for (let i = 0; i < 4 && position + i < end; i++) {
      const byte = bytes[position + i] ?? 0;
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        this.position = position + i + 1;
        return value;
      }
    }
    return -1;
  }

  /** An unsigned 64-bit integer, exact. */
  uint64(): bigint {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.position < this.end ? (this.bytes[this.position++] ?? 0) : this.#cut();
      const bits = byte & 0x7f;
      if (i < 4) low += bits * 2 ** (7 * i);
      else if (i === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high += bits >> 4;
      } else if (i < 9) high += bits * 2 ** (7 * i - 32);
      else if (bits > 1) throw corrupt('has an integer of more than 64 bits');
      else high += bits * 2 ** 31;
      if (byte < 0x80) return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
    }
    throw corrupt(`has a number without end at byte ${this.position}`);
  }

  /** A signed 64-bit integer in two's complement. */
  int64(): bigint {
    const value = this.uint64();
    return value > MAX_I64 ? BigInt.asIntN(64, value) : value;
  }

  /** A signed 64-bit integer in zigzag coding. */
  sint64(): bigint {
    const value = this.uint64();
    return (value >> 1n) ^ -(value & 1n);
  }

  /** A signed 32-bit integer; negative ones take ten bytes. */
  int32(): number {
    return Number(BigInt.asIntN(32, this.uint64()));
  }

  /** An unsigned 32-bit integer. */
  uint32(): number {
    const value = this.varint();
    if (value > 0xffff_ffff) throw corrupt(`has the number ${value} where 32 bits belong`);
    return value;
  }

  /** A truth value. */
  bool(): boolean {
    const small = this.smallVarint();
    return small < 0 ? this.uint64() !== 0n : small !== 0;
  }

  /** Four bytes as an unsigned integer. */
  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Eight bytes as an unsigned integer. */
  fixed64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A float32. */
  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** A double. */
  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** The value of a length-delimited field, a view. */
  data(): Uint8Array {
    const length = this.#length();
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Text. @throws VecportError `corrupt-data` for bytes that are not UTF-8. */
  text(): string {
    const length = this.#length();
    const start = this.#take(length);
    if (length < 64 && isAscii(this.bytes, start, start + length)) return this.ascii(start, start + length);
    try {
      return decoder.decode(this.bytes.subarray(start, start + length));
    } catch (cause) {
      throw corrupt('holds text that is not UTF-8', cause);
    }
  }

  /** The text of bytes anywhere in the message that are known to be ASCII. */
  ascii(start: number, end: number): string {
    return this.#buffer.toString('latin1', start, end);
  }

  /** Skip a length-delimited value. @returns its length; `position` is its end then. */
  skipData(): number {
    const length = this.#length();
    this.position += length;
    return length;
  }

  /** Length in bytes of the length-delimited value that is next, without moving. */
  packedLength(): number {
    const { position } = this;
    const length = this.#length();
    this.position = position;
    return length;
  }

  /**
   * Copy packed floats into `into` from `offset` on.
   * @returns how many. @throws VecportError `corrupt-data` when they are not whole floats or do not fit.
   */
  floats(into: Float32Array, offset: number): number {
    const length = this.#length();
    const start = this.#take(length);
    if (length % 4 !== 0) throw corrupt(`has ${length} bytes where floats belong`);
    if (offset + length / 4 > into.length) {
      throw corrupt(`has a vector of ${length / 4} floats where ${into.length - offset} belong`);
    }
    copyBytes(this.bytes, start, length, into, offset);
    return length / 4;
  }

  /** Skip the field's value. */
  skip(): void {
    if (this.wireType === 0) this.uint64();
    else if (this.wireType === 1) this.#take(8);
    else if (this.wireType === 5) this.#take(4);
    else this.#take(this.#length());
  }

  #length(): number {
    if (this.wireType !== 2) throw corrupt(`has a field of another type at byte ${this.position}`);
    const length = this.varint();
    if (this.position + length > this.end) this.#cut();
    return length;
  }

  #take(length: number): number {
    const start = this.position;
    if (start + length > this.end) this.#cut();
    this.position = start + length;
    return start;
  }

  #cut(): never {
    throw corrupt(`ends at byte ${this.end}, in the middle of a value`);
  }
}

/** Bytes of little-endian floats, of any alignment, into a Float32Array. */
function copyBytes(bytes: Uint8Array, start: number, length: number, into: Float32Array, offset: number): void {
  new Uint8Array(into.buffer, into.byteOffset + offset * 4, length).set(bytes.subarray(start, start + length));
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) >= 0x80) return false;
  return true;
}
