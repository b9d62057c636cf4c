import { floatText, type ProtoReader, type ProtoWriter } from '@vecport/wire';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, textOf } from './json-value.js';
import { readProtoId, readProtoValue, writeProtoId, writeProtoValue } from './proto-value.js';

/** The kind of a field: a scalar, the names of an enum by number, or a message (a function where it is recursive). */
type ProtoKind =
  | 'u64'
  | 'i64'
  | 'bool'
  | 'text'
  | 'float'
  | 'double'
  | 'value'
  | 'id'
  | readonly string[]
  | ProtoSchema
  | (() => ProtoSchema);

/** `implicit`: without presence, so zero, false and the first name of an enum are not sent. */
type ProtoField = readonly [name: string, kind: ProtoKind, how?: 'list' | 'map' | 'implicit'];

/** A message as JSON: its fields by number. Fields that are not listed are skipped. */
export interface ProtoSchema {
  readonly [field: number]: ProtoField;
}

/** Read a message to its end. Fields that were not sent are absent. */
export function readProto(reader: ProtoReader, schema: ProtoSchema): Map<string, JsonValue> {
  const object = new Map<string, JsonValue>();
  for (let number = reader.next(); number !== 0; number = reader.next()) {
    const field = schema[number];
    if (field === undefined) {
      reader.skip();
      continue;
    }
    const [name, kind, how] = field;
    const before = object.get(name);
    if (how === 'list') object.set(name, [...(isJsonArray(before) ? before : []), ...readList(reader, kind)]);
    else if (how === 'map')
      object.set(name, new Map([...(isJsonObject(before) ? before : []), readEntry(reader, kind)]));
    else object.set(name, readKind(reader, kind));
  }
  return object;
}

/** Write the members of an object that a schema knows; those that are null or missing are left out. */
export function writeProto(writer: ProtoWriter, schema: ProtoSchema, object: JsonObject): void {
  for (const [number, [name, kind, how]] of Object.entries(schema) as [string, ProtoField][]) {
    const value = object.get(name) ?? undefined;
    const field = Number(number);
    if (value === undefined || (how === 'implicit' && isDefault(kind, value))) continue;
    if (how === 'list') for (const item of isJsonArray(value) ? value : []) writeKind(writer, field, kind, item);
    else if (how !== 'map') writeKind(writer, field, kind, value);
    else for (const entry of isJsonObject(value) ? value : []) writeEntry(writer, field, kind, entry);
  }
}

function readList(reader: ProtoReader, kind: ProtoKind): readonly JsonValue[] {
  const packed = reader.wireType === 2 && (kind === 'u64' || kind === 'i64');
  if (!packed) return [readKind(reader, kind)];
  const values: JsonValue[] = [];
  const outer = reader.enter();
  while (reader.position < reader.end) values.push(readKind(reader, kind));
  reader.leave(outer);
  return values;
}

function readEntry(reader: ProtoReader, kind: ProtoKind): readonly [string, JsonValue] {
  const outer = reader.enter();
  const entry = readProto(reader, { 1: ['key', 'text'], 2: ['value', kind] });
  reader.leave(outer);
  return [textOf(entry.get('key')), entry.get('value') ?? new Map()];
}

function readKind(reader: ProtoReader, kind: ProtoKind): JsonValue {
  if (kind === 'u64') return reader.uint64();
  if (kind === 'i64') return reader.int64();
  if (kind === 'bool') return reader.bool();
  if (kind === 'text') return reader.text();
  if (kind === 'float') return Number(floatText(reader.float()));
  if (kind === 'double') return reader.double();
  if (kind === 'value' || kind === 'id') return readWhole(reader, kind === 'id' ? readProtoId : readProtoValue);
  if (isEnum(kind)) return kind[reader.uint32()] ?? '';
  const schema = typeof kind === 'function' ? kind() : kind;
  return readWhole(reader, (inner) => readProto(inner, schema));
}

function readWhole<T>(reader: ProtoReader, read: (reader: ProtoReader) => T): T {
  const outer = reader.enter();
  const value = read(reader);
  reader.leave(outer);
  return value;
}

function writeKind(writer: ProtoWriter, field: number, kind: ProtoKind, value: JsonValue): void {
  if (kind === 'u64' || kind === 'i64') writer.uint64(field, typeof value === 'bigint' ? value : 0n);
  else if (kind === 'bool') writer.bool(field, value === true);
  else if (kind === 'text') writer.text(field, textOf(value));
  else if (kind === 'float') writer.float(field, Number(value));
  else if (kind === 'double') writer.double(field, Number(value));
  else if (kind === 'value') writer.message(field, (inner) => writeProtoValue(inner, value));
  else if (kind === 'id')
    writer.message(field, (inner) => writeProtoId(inner, typeof value === 'bigint' ? value : textOf(value)));
  else if (isEnum(kind)) writer.varint(field, Math.max(0, kind.indexOf(textOf(value))));
  else {
    const schema = typeof kind === 'function' ? kind() : kind;
    writer.message(field, (inner) => writeProto(inner, schema, isJsonObject(value) ? value : new Map()));
  }
}

function writeEntry(writer: ProtoWriter, field: number, kind: ProtoKind, [key, value]: [string, JsonValue]): void {
  writer.message(field, (inner) => {
    inner.text(1, key);
    writeKind(inner, 2, kind, value);
  });
}

function isDefault(kind: ProtoKind, value: JsonValue): boolean {
  if (isEnum(kind)) return kind.indexOf(textOf(value)) <= 0;
  return value === 0n || value === 0 || value === false || value === '';
}

function isEnum(kind: ProtoKind): kind is readonly string[] {
  return Array.isArray(kind);
}
