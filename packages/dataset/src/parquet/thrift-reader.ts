import { corrupt } from './corrupt.js';
import { readByte, readBytes, readVarint, readZigzag, type ThriftCursor } from './thrift-cursor.js';
import { THRIFT } from './thrift-writer.js';

/** A decoded struct: values by field id. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
/** A decoded value; binary fields are views. */
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;

const MAX_DEPTH = 16;

/**
 * Decode one struct of the Thrift compact protocol. Nothing is allocated that the bytes do not hold:
 * a list of `n` elements needs at least `n` bytes.
 * @param what names the struct in errors.
 * @throws VecportError `corrupt-data`.
 */
export function readThrift(bytes: Uint8Array, what: string): { readonly value: ThriftStruct; readonly length: number } {
  const cursor = { bytes, what, at: 0 };
  const value = readStruct(cursor, 0);
  return { value, length: cursor.at };
}

/** A whole number. */
export function numberField(struct: ThriftStruct, field: number, what: string): number {
  const value = struct.get(field);
  if (typeof value !== 'number') throw absent(field, what);
  return value;
}

/** A whole number that is not negative. */
export function sizeField(struct: ThriftStruct, field: number, what: string): number {
  const value = numberField(struct, field, what);
  if (value < 0) throw corrupt(`${what}: field ${field} is ${value}.`);
  return value;
}

/** Text of a binary field. */
export function textField(struct: ThriftStruct, field: number, what: string): string {
  const value = struct.get(field);
  if (!(value instanceof Uint8Array)) throw absent(field, what);
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString();
}

/** A nested struct. */
export function structField(struct: ThriftStruct, field: number, what: string): ThriftStruct {
  return asStruct(struct.get(field), what, field);
}

/** A list of structs. */
export function structListField(struct: ThriftStruct, field: number, what: string): readonly ThriftStruct[] {
  return listField(struct, field, what).map((value) => asStruct(value, what, field));
}

/** A list. */
export function listField(struct: ThriftStruct, field: number, what: string): readonly ThriftValue[] {
  const value = struct.get(field);
  if (!Array.isArray(value)) throw absent(field, what);
  return value as readonly ThriftValue[];
}

function asStruct(value: ThriftValue | undefined, what: string, field: number): ThriftStruct {
  if (!(value instanceof Map)) throw absent(field, what);
  return value as ThriftStruct;
}

function absent(field: number, what: string): Error {
  return corrupt(`${what}: field ${field} is not there or of another type.`);
}

function readStruct(cursor: ThriftCursor, depth: number): ThriftStruct {
  if (depth > MAX_DEPTH) throw corrupt(`${cursor.what}: nested too deeply.`);
  const fields = new Map<number, ThriftValue>();
  let field = 0;
  for (;;) {
    const head = readByte(cursor);
    if (head === 0) return fields;
    field = head >> 4 === 0 ? readZigzag(cursor) : field + (head >> 4);
    if (fields.has(field)) throw corrupt(`${cursor.what}: field ${field} is there twice.`);
    fields.set(field, readValue(cursor, head & 0x0f, depth));
  }
}

function readValue(cursor: ThriftCursor, type: number, depth: number): ThriftValue {
  switch (type) {
    case THRIFT.TRUE:
      return true;
    case THRIFT.FALSE:
      return false;
    case THRIFT.BYTE:
      return (readByte(cursor) << 24) >> 24;
    case THRIFT.I16:
    case THRIFT.I32:
    case THRIFT.I64:
      return readZigzag(cursor);
    case THRIFT.DOUBLE:
      return readBytes(cursor, 8);
    case THRIFT.BINARY:
      return readBytes(cursor, readVarint(cursor));
    case THRIFT.LIST:
      return readList(cursor, depth);
    case THRIFT.STRUCT:
      return readStruct(cursor, depth + 1);
    default:
      throw corrupt(`${cursor.what}: unknown type ${type} before byte ${cursor.at}.`);
  }
}

function readList(cursor: ThriftCursor, depth: number): readonly ThriftValue[] {
  if (depth > MAX_DEPTH) throw corrupt(`${cursor.what}: nested too deeply.`);
  const head = readByte(cursor);
  const size = head >> 4 === 15 ? readVarint(cursor) : head >> 4;
  if (size > cursor.bytes.length - cursor.at) throw corrupt(`${cursor.what}: a list of ${size} goes beyond the end.`);
  const type = head & 0x0f;
  const isBoolean = type === THRIFT.TRUE || type === THRIFT.FALSE;
  const values: ThriftValue[] = [];
  for (let i = 0; i < size; i++) {
    values.push(isBoolean ? readByte(cursor) === THRIFT.TRUE : readValue(cursor, type, depth + 1));
  }
  return values;
}
