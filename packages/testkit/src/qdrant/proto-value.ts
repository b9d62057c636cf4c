import type { ProtoReader, ProtoWriter } from '@vecport/wire';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { normalizeUuid, type PointId } from './point-id.js';
import { Refusal } from './server-error.js';

const VALUE = { null: 1, double: 2, integer: 3, text: 4, bool: 5, struct: 6, list: 7 } as const;
const MAX_I64 = 2n ** 63n - 1n;

/** A payload value, to the end of its message. */
export function readProtoValue(reader: ProtoReader): JsonValue {
  let value: JsonValue = null;
  for (let field = reader.next(); field !== 0; field = reader.next()) value = readKind(reader, field);
  return value;
}

function readKind(reader: ProtoReader, field: number): JsonValue {
  if (field === VALUE.double) return finite(reader.double());
  if (field === VALUE.integer) return reader.int64();
  if (field === VALUE.text) return reader.text();
  if (field === VALUE.bool) return reader.bool();
  if (field === VALUE.struct || field === VALUE.list) {
    const outer = reader.enter();
    const value = field === VALUE.struct ? readStruct(reader) : readValues(reader);
    reader.leave(outer);
    return value;
  }
  reader.skip();
  return null;
}

function readStruct(reader: ProtoReader): JsonObject {
  const members = new Map<string, JsonValue>();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) members.set(...readProtoEntry(reader));
    else reader.skip();
  }
  return members;
}

/** An entry of a map of values. */
export function readProtoEntry(reader: ProtoReader): [string, JsonValue] {
  const outer = reader.enter();
  let key = '';
  let value: JsonValue = null;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) key = reader.text();
    else if (field === 2) {
      const entry = reader.enter();
      value = readProtoValue(reader);
      reader.leave(entry);
    } else reader.skip();
  }
  reader.leave(outer);
  return [key, value];
}

function readValues(reader: ProtoReader): readonly JsonValue[] {
  const values: JsonValue[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const outer = reader.enter();
    values.push(readProtoValue(reader));
    reader.leave(outer);
  }
  return values;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Refusal('input', 'cannot convert to json number');
  return value;
}

/** The fields of a value. An integer beyond 63 bits has no place of its own and becomes a double. */
export function writeProtoValue(writer: ProtoWriter, value: JsonValue): void {
  if (value === null) writer.varint(VALUE.null, 0);
  else if (typeof value === 'number') writer.double(VALUE.double, value);
  else if (typeof value === 'string') writer.text(VALUE.text, value);
  else if (typeof value === 'boolean') writer.bool(VALUE.bool, value);
  else if (isJsonObject(value)) writer.message(VALUE.struct, (inner) => writeProtoMap(inner, 1, value));
  else if (isJsonArray(value)) writer.message(VALUE.list, (inner) => writeValues(inner, value));
  else if (value > MAX_I64) writer.double(VALUE.double, Number(value));
  else writer.int64(VALUE.integer, value);
}

/** A map of values as the field `field`. */
export function writeProtoMap(writer: ProtoWriter, field: number, object: JsonObject): void {
  for (const [key, value] of object) {
    writer.message(field, (entry) => {
      entry.text(1, key);
      entry.message(2, (inner) => writeProtoValue(inner, value));
    });
  }
}

function writeValues(writer: ProtoWriter, values: readonly JsonValue[]): void {
  for (const value of values) writer.message(1, (inner) => writeProtoValue(inner, value));
}

/** A point's id, to the end of its message. @throws Refusal for a text that is no uuid, and for no id. */
export function readProtoId(reader: ProtoReader): PointId {
  let id: PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = reader.uint64();
    else if (field === 2) id = readUuid(reader.text());
    else reader.skip();
  }
  if (id === undefined) throw new Refusal('input', 'No ID options provided');
  return id;
}

function readUuid(text: string): string {
  const uuid = normalizeUuid(text);
  if (uuid === undefined) throw new Refusal('input', `Unable to parse UUID: ${text}`);
  return uuid;
}

/** The fields of a point's id. */
export function writeProtoId(writer: ProtoWriter, id: PointId): void {
  if (typeof id === 'bigint') writer.uint64(1, id);
  else writer.text(2, id);
}
