import { base64ToFloats, bfloatToFloat, corrupt, type FloatPlace, type JsonReader } from '@vecport/wire';
import type { VectorField } from './vector-fields.js';

const BACKSLASH = 0x5c;

/**
 * Read one vector, in any form Elasticsearch gives it: a list of numbers, base64 of big-endian floats, hexadecimal or
 * base64 of bytes; `null` is none. It is copied into the place `take` gives, which is asked for at most once.
 * @throws VecportError `corrupt-data` when it has another number of dimensions than the mapping says.
 */
export function readVector(reader: JsonReader, vector: VectorField, take: () => FloatPlace): void {
  switch (reader.peek()) {
    case 'null':
      reader.skip();
      return;
    case 'string':
      readText(expectedText(reader, vector) ?? stringBytes(reader), vector, take());
      return;
    default:
      readList(reader, vector, take());
  }
}

function readList(reader: JsonReader, vector: VectorField, { values, offset }: FloatPlace): void {
  if (vector.element === 'bit') {
    const bytes = { values: new Float32Array(vector.dimension / 8), length: 0 };
    reader.floats(bytes);
    unpackBits(vector, Int8Array.from(bytes.values.subarray(0, bytes.length)), { values, offset });
    return;
  }
  const sink = { values, length: offset };
  const count = reader.floats(sink);
  if (count !== vector.dimension || sink.values !== values) throw wrongLength(vector, count);
}

function readText(text: Uint8Array | string, vector: VectorField, place: FloatPlace): void {
  const { element, dimension } = vector;
  if (element === 'float' || element === 'bfloat16') {
    const halves = Math.ceil((dimension * 2) / 3) * 4;
    if (element === 'bfloat16' && text.length === halves) {
      readHalves(vector, text, place);
      return;
    }
    const room = place.values.subarray(place.offset, place.offset + dimension);
    const count = base64ToFloats(text, room, 0, 'big');
    if (count !== dimension) throw wrongLength(vector, count);
    return;
  }
  const bytes = bytesOf(vector, text);
  if (element === 'bit') unpackBits(vector, bytes, place);
  else if (bytes.length !== dimension) throw wrongLength(vector, bytes.length);
  else place.values.set(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), place.offset);
}

function readHalves(vector: VectorField, text: Uint8Array | string, { values, offset }: FloatPlace): void {
  const bytes = Buffer.from(latin(text), 'base64');
  if (bytes.length !== vector.dimension * 2) throw wrongLength(vector, bytes.length / 2);
  for (let at = 0; at < vector.dimension; at++) values[offset + at] = bfloatToFloat(bytes.readUInt16BE(at * 2));
}

// A document may hold hexadecimal, doc values are base64; the length tells which, but for vectors of two bytes.
function bytesOf({ name, element, dimension }: VectorField, text: Uint8Array | string): Buffer {
  const expected = element === 'bit' ? dimension / 8 : dimension;
  const written = latin(text);
  const isHex = written.length === expected * 2 && /^[0-9a-f]*$/i.test(written);
  const bytes = Buffer.from(written, isHex ? 'hex' : 'base64');
  if (bytes.length === expected) return bytes;
  throw corrupt(`has a vector '${name}' of ${bytes.length} bytes where ${expected} belong`);
}

function unpackBits(vector: VectorField, bytes: ArrayLike<number>, { values, offset }: FloatPlace): void {
  if (bytes.length * 8 !== vector.dimension) throw wrongLength(vector, bytes.length * 8);
  for (let at = 0; at < vector.dimension; at++) values[offset + at] = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

const QUOTE = 0x22;

// Base64 of as many floats as belong here, without looking for its end. What it holds is checked when it is decoded.
function expectedText(reader: JsonReader, { element, dimension }: VectorField): Uint8Array | undefined {
  if (element !== 'float') return undefined;
  const start = reader.position + 1;
  const end = start + Math.ceil((dimension * 4) / 3) * 4;
  if (reader.bytes[end] !== QUOTE) return undefined;
  const text = reader.bytes.subarray(start, end);
  if (text.includes(QUOTE) || text.includes(BACKSLASH)) return undefined;
  reader.position = end + 1;
  return text;
}

// The bytes between the quotes; base64 may have its slashes escaped.
function stringBytes(reader: JsonReader): Uint8Array | string {
  const start = reader.position;
  const raw = reader.raw();
  if (!raw.includes(BACKSLASH)) return raw.subarray(1, -1);
  reader.position = start;
  return reader.text();
}

function latin(text: Uint8Array | string): string {
  return typeof text === 'string' ? text : Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1');
}

function wrongLength({ name, dimension }: VectorField, count: number): Error {
  return corrupt(`has a vector '${name}' of ${count} dimensions where ${dimension} belong`);
}
