import { VecportError } from '@vecport/abstractions';

/** Views of more bytes are not kept. */
const MOST_KEPT = 1 << 13;

/** Where the bytes that a record's hashes are taken of are put together. One buffer serves all records and grows as needed. */
export class RecordBuffer {
  #bytes = Buffer.allocUnsafeSlow(4096);
  #length = 0;
  /** By their length: many records have hashes over as many bytes. */
  #views: Uint8Array[] = [];

  /** Start with a tag (see `record`) and an id; gives the place after them. */
  startRecord(id: string): number {
    this.#length = 5;
    this.#reserve(id.length * 3);
    const size = putText(this.#bytes, 5, id);
    this.#length = 1;
    this.putUint32(size);
    this.#length += size;
    return this.#length;
  }

  /** Drop everything after a place. */
  backTo(place: number): void {
    this.#length = place;
  }

  putUint32(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    const at = this.#length;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.#length = at + 4;
  }

  putBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** All bytes so far, the first replaced by `tag`; valid until the next change. */
  record(tag: number): Uint8Array {
    this.#bytes[0] = tag;
    const length = this.#length;
    const kept = this.#views[length];
    if (kept !== undefined) return kept;
    const view = new Uint8Array(this.#bytes.buffer, 0, length);
    if (length <= MOST_KEPT) this.#views[length] = view;
    return view;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.#length + more) * 2);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#views = [];
  }
}

function putText(buffer: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return putUnicode(buffer, at, text);
    buffer[at + i] = unit;
  }
  return text.length;
}

function putUnicode(buffer: Buffer, at: number, text: string): number {
  if (text.isWellFormed()) return buffer.write(text, at);
  throw new VecportError(
    'invalid-argument',
    `The id ${JSON.stringify(text)} has half a surrogate pair and cannot be written in UTF-8.`,
  );
}
