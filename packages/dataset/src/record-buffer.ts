import { VecportError } from '@vecport/abstractions';

/** Where the bytes that a record's hashes are taken of are put together. One buffer serves all records. */
export interface RecordBuffer {
  /** Start with a tag (see `record`) and an id; gives the place after them. */
  startRecord(id: string): number;
  /** Drop everything after a place. */
  backTo(place: number): void;
  putByte(value: number): void;
  putUint32(value: number): void;
  putBytes(bytes: Uint8Array, start?: number, end?: number): void;
  /** All bytes so far, the first replaced by `tag`; valid until the next change. */
  record(tag: number): Uint8Array;
}

/** An empty {@link RecordBuffer} that grows as needed. */
export function createRecordBuffer(): RecordBuffer {
  let buffer = Buffer.allocUnsafeSlow(4096);
  let length = 0;
  const reserve = (more: number): void => {
    if (length + more <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow((length + more) * 2);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    startRecord(id) {
      length = 5;
      reserve(id.length * 3);
      length += putText(buffer, length, id);
      buffer.writeUInt32LE(length - 5, 1);
      return length;
    },
    backTo(place) {
      length = place;
    },
    putByte(value) {
      reserve(1);
      buffer[length++] = value;
    },
    putUint32(value) {
      reserve(4);
      length = buffer.writeUInt32LE(value, length);
    },
    putBytes(bytes, start = 0, end = bytes.length) {
      reserve(end - start);
      buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), length);
      length += end - start;
    },
    record(tag) {
      buffer[0] = tag;
      return buffer.subarray(0, length);
    },
  };
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
