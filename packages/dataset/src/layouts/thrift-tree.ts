import { ByteBuffer } from '../parquet/byte-buffer.js';
import { corrupt } from '../parquet/corrupt.js';
import { readByte, readBytes, readVarint, readZigzag, type ThriftCursor } from '../parquet/thrift-cursor.js';
import { THRIFT } from '../parquet/thrift-writer.js';

/** A field of a {@link ThriftTree} with its type, so that it can be written as it was. */
export interface TreeField {
  readonly id: number;
  readonly type: number;
  readonly value: TreeValue;
}

/** A struct whose types are kept: it can be changed and written again without knowing all of its fields. */
export type ThriftTree = readonly TreeField[];

/** A list with the type of its elements. */
interface TreeList {
  readonly type: number;
  readonly values: readonly TreeValue[];
}

/** Whole numbers, bytes (also of doubles), lists and structs. Booleans of a field stand in its type. */
export type TreeValue = number | Uint8Array | TreeList | ThriftTree;

const MAX_DEPTH = 16;
const SET = 10;

/** Decode a struct of the Thrift compact protocol. @throws VecportError `corrupt-data`. */
export function readTree(bytes: Uint8Array, what: string): ThriftTree {
  return readStruct({ bytes, what, at: 0 }, 0);
}

/** The bytes of a struct. What {@link readTree} gave is written as it was. */
export function writeTree(tree: ThriftTree): Uint8Array {
  const buffer = new ByteBuffer();
  writeStruct(buffer, tree);
  return buffer.take();
}

/** The field, or `undefined` where the struct has none. */
export function fieldOf(tree: ThriftTree, id: number): TreeValue | undefined {
  return tree.find((field) => field.id === id)?.value;
}

/** A whole number of a field. @throws VecportError `corrupt-data` where there is none. */
export function numberOf(tree: ThriftTree, id: number, what: string): number {
  const value = fieldOf(tree, id);
  if (typeof value !== 'number') throw corrupt(`${what}: field ${id} is not there or of another type.`);
  return value;
}

/** The structs of a list field. @throws VecportError `corrupt-data` where it is no such list. */
export function structsOf(tree: ThriftTree, id: number, what: string): readonly ThriftTree[] {
  const value = fieldOf(tree, id);
  if (!isList(value) || (value.type !== THRIFT.STRUCT && value.values.length > 0))
    throw corrupt(`${what}: field ${id} is not there or of another type.`);
  return value.values as readonly ThriftTree[];
}

/** The struct with other values for some fields; `undefined` removes one. Fields that were not there are added. */
export function withFields(tree: ThriftTree, changed: readonly TreeField[]): ThriftTree {
  const kept = tree.filter(({ id }) => !changed.some((field) => field.id === id));
  return [...kept, ...changed].sort((a, b) => a.id - b.id);
}

function isList(value: TreeValue | undefined): value is TreeList {
  return typeof value === 'object' && 'values' in value && 'type' in value;
}

function readStruct(cursor: ThriftCursor, depth: number): ThriftTree {
  if (depth > MAX_DEPTH) throw corrupt(`${cursor.what}: nested too deeply.`);
  const fields: TreeField[] = [];
  let id = 0;
  for (;;) {
    const head = readByte(cursor);
    if (head === 0) return fields;
    id = head >> 4 === 0 ? readZigzag(cursor) : id + (head >> 4);
    const type = head & 0x0f;
    fields.push({ id, type, value: readValue(cursor, type, depth) });
  }
}

function readValue(cursor: ThriftCursor, type: number, depth: number): TreeValue {
  switch (type) {
    case THRIFT.TRUE:
    case THRIFT.FALSE:
      return 0;
    case THRIFT.BYTE:
      return readByte(cursor);
    case THRIFT.I16:
    case THRIFT.I32:
    case THRIFT.I64:
      return readZigzag(cursor);
    case THRIFT.DOUBLE:
      return readBytes(cursor, 8);
    case THRIFT.BINARY:
      return readBytes(cursor, readVarint(cursor));
    case THRIFT.LIST:
    case SET:
      return readList(cursor, depth);
    case THRIFT.STRUCT:
      return readStruct(cursor, depth + 1);
    default:
      throw corrupt(`${cursor.what}: unknown type ${type} before byte ${cursor.at}.`);
  }
}

function readList(cursor: ThriftCursor, depth: number): TreeList {
  if (depth > MAX_DEPTH) throw corrupt(`${cursor.what}: nested too deeply.`);
  const head = readByte(cursor);
  const size = head >> 4 === 15 ? readVarint(cursor) : head >> 4;
  if (size > cursor.bytes.length - cursor.at) throw corrupt(`${cursor.what}: a list of ${size} goes beyond the end.`);
  const type = head & 0x0f;
  const isBoolean = type === THRIFT.TRUE || type === THRIFT.FALSE;
  const values: TreeValue[] = [];
  for (let i = 0; i < size; i++) values.push(isBoolean ? readByte(cursor) : readValue(cursor, type, depth + 1));
  return { type, values };
}

function writeStruct(buffer: ByteBuffer, tree: ThriftTree): void {
  let last = 0;
  for (const { id, type, value } of tree) {
    const step = id - last;
    if (step > 0 && step < 16) buffer.byte((step << 4) | type);
    else {
      buffer.byte(type);
      writeZigzag(buffer, id);
    }
    last = id;
    writeValue(buffer, type, value);
  }
  buffer.byte(0);
}

function writeValue(buffer: ByteBuffer, type: number, value: TreeValue): void {
  if (type === THRIFT.TRUE || type === THRIFT.FALSE) return;
  if (typeof value === 'number') {
    if (type === THRIFT.BYTE) buffer.byte(value & 0xff);
    else writeZigzag(buffer, value);
  } else if (value instanceof Uint8Array) {
    if (type === THRIFT.BINARY) buffer.varint(value.length);
    buffer.append(value);
  } else if (isList(value)) writeList(buffer, value);
  else writeStruct(buffer, value);
}

function writeList(buffer: ByteBuffer, { type, values }: TreeList): void {
  buffer.byte((Math.min(values.length, 15) << 4) | type);
  if (values.length >= 15) buffer.varint(values.length);
  const isBoolean = type === THRIFT.TRUE || type === THRIFT.FALSE;
  for (const value of values) writeValue(buffer, isBoolean ? THRIFT.BYTE : type, value);
}

function writeZigzag(buffer: ByteBuffer, value: number): void {
  buffer.varint(value < 0 ? -2 * value - 1 : 2 * value);
}
