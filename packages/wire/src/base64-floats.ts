import { corrupt } from './corrupt.js';

/** Order of the bytes of a float: `big` is what Elasticsearch and PostgreSQL send, `little` what everybody else does. */
export type ByteOrder = 'big' | 'little';

const NATIVE_LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Floats from base64 text into `into` from `offset` on.
 * @returns how many. @throws VecportError `corrupt-data` when they are not whole floats, not base64, or do not fit.
 */
export function base64ToFloats(
  text: string | Uint8Array,
  into: Float32Array,
  offset: number,
  order: ByteOrder,
): number {
  const base64 =
    typeof text === 'string' ? text : Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1');
  const bytes = Buffer.from(base64, 'base64');
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  // Node stops in silence at the first character that is not base64.
  if (base64.length % 4 !== 0 || bytes.length !== (base64.length / 4) * 3 - padding || bytes.length % 4 !== 0) {
    throw corrupt('has a vector that is not base64 of floats');
  }
  const count = bytes.length / 4;
  if (offset + count > into.length) {
    throw corrupt(`has a vector of ${count} floats where ${into.length - offset} belong`);
  }
  readFloats(bytes, 0, count, into, offset, order);
  return count;
}

/** Where the bytes of floats are put before they become text; used again for the next. */
let scratch = Buffer.alloc(0);

/** Base64 text of floats. */
export function floatsToBase64(values: Float32Array, order: ByteOrder): string {
  if (scratch.length < values.byteLength) scratch = Buffer.alloc(values.byteLength);
  writeFloats(values, scratch, 0, order);
  return scratch.toString('base64', 0, values.byteLength);
}

/** Copy `count` big-endian floats at `at` of `bytes`, of any alignment. */
export function readFloatsBE(bytes: Uint8Array, at: number, count: number, into: Float32Array, offset: number): void {
  readFloats(bytes, at, count, into, offset, 'big');
}

/** Write floats big-endian at `at` of `into`. */
export function writeFloatsBE(values: Float32Array, into: Uint8Array, at: number): void {
  writeFloats(values, into, at, 'big');
}

/** Copy `count` little-endian floats at `at` of `bytes`, of any alignment. */
export function readFloatsLE(bytes: Uint8Array, at: number, count: number, into: Float32Array, offset: number): void {
  readFloats(bytes, at, count, into, offset, 'little');
}

function readFloats(
  bytes: Uint8Array,
  at: number,
  count: number,
  into: Float32Array,
  offset: number,
  order: ByteOrder,
): void {
  if (at + count * 4 > bytes.length) throw corrupt('has a vector that is cut off');
  if (offset + count > into.length)
    throw corrupt(`has a vector of ${count} floats where ${into.length - offset} belong`);
  const target = new Uint8Array(into.buffer, into.byteOffset + offset * 4, count * 4);
  target.set(bytes.subarray(at, at + count * 4));
  if ((order === 'little') !== NATIVE_LITTLE) swap(target);
}

function writeFloats(values: Float32Array, into: Uint8Array, at: number, order: ByteOrder): void {
  const target = into.subarray(at, at + values.byteLength);
  if (target.length < values.byteLength) throw new RangeError('The floats do not fit.');
  target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  if ((order === 'little') !== NATIVE_LITTLE) swap(target);
}

function swap(bytes: Uint8Array): void {
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).swap32();
}
