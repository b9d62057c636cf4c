import { corrupt } from './corrupt.js';

/** A place in bytes of the Thrift compact protocol; `what` names them in errors. */
export interface ThriftCursor {
  readonly bytes: Uint8Array;
  readonly what: string;
  at: number;
}

/** The next byte. @throws VecportError `corrupt-data` at the end, as the others do for what goes beyond it. */
export function readByte(cursor: ThriftCursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw corrupt(`${cursor.what}: it ends too early.`);
  return byte;
}

/** The next bytes, as a view. */
export function readBytes(cursor: ThriftCursor, length: number): Uint8Array {
  if (length > cursor.bytes.length - cursor.at) throw corrupt(`${cursor.what}: ${length} bytes go beyond the end.`);
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

/** An unsigned number. @throws VecportError `corrupt-data` for one beyond 2^53. */
export function readVarint(cursor: ThriftCursor): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 56; scale *= 0x80) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (value > Number.MAX_SAFE_INTEGER) break;
      return value;
    }
  }
  throw corrupt(`${cursor.what}: a number before byte ${cursor.at} is too large.`);
}

/** A signed number. */
export function readZigzag(cursor: ThriftCursor): number {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
