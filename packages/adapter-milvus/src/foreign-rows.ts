import { type JsonValue, metadataBytes, parseJson, type VectorBatch } from '@vecport/abstractions';
import { type JsonMember, jsonMembers, jsonObject } from '@vecport/wire';
import { DATA_TYPE, dataTypeName } from './data-types.js';
import { heldAs } from './held-json.js';
import type { Layout } from './layout.js';
import { doubleText } from './scalar-values.js';
import type { MilvusField } from './schema.js';
import type { ServerInfo } from './server-kind.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A point's metadata as a collection takes it that Vecport did not make. */
export interface ForeignRow {
  /** Of every field, by name; `null` where the point has none. */
  readonly values: ReadonlyMap<string, JsonValue>;
  /** JSON text of the same value, of the fields that keep JSON. */
  readonly texts: ReadonlyMap<string, Uint8Array>;
  /** JSON text for the dynamic field. */
  readonly dynamic: Uint8Array;
}

/**
 * Spread a point's metadata over the collection's fields.
 * @throws Error with the reason when reading it back would give something else.
 */
export function foreignRow(layout: Layout, server: ServerInfo, batch: VectorBatch, row: number): ForeignRow {
  const text = metadataBytes(batch.metadata, row);
  const members = membersOf(layout, text);
  const values = new Map<string, JsonValue>();
  const texts = new Map<string, Uint8Array>();
  for (const field of layout.scalars) {
    const member = members.get(field.name);
    const value = member === undefined ? undefined : parseJson(decoder.decode(member));
    if (value === undefined || (value === null && field.type !== DATA_TYPE.JSON)) {
      if (!field.nullable || value === undefined) throw new Error(`the field '${field.name}' must be there`);
    } else if (!isHeld(field, value, decoder.decode(member))) {
      throw new Error(`the field '${field.name}' is ${dataTypeName(field.type)} and would not give it back as it is`);
    }
    values.set(field.name, value ?? null);
    if (member !== undefined) texts.set(field.name, member);
    members.delete(field.name);
  }
  return { values, texts, dynamic: dynamicPart(layout, server, members) };
}

function membersOf(layout: Layout, text: Uint8Array | undefined): Map<string, Uint8Array> {
  const plain = !layout.dynamic && layout.scalars.length === 0;
  if (text === undefined) {
    if (plain) return new Map();
    throw new Error('the collection cannot tell no metadata from an empty object');
  }
  const members: readonly JsonMember[] = jsonMembers(text);
  const found = new Map(members.map(({ key, value }) => [key, value]));
  if (plain) throw new Error('the collection has no place for metadata');
  if (found.size < members.length) throw new Error('a field is there twice');
  return found;
}

function dynamicPart(layout: Layout, server: ServerInfo, members: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [extra] = members.keys();
  if (extra !== undefined && !layout.dynamic) throw new Error(`the collection has no field '${extra}'`);
  for (const [key, value] of members) {
    if (heldAs(layout, server, key, value) !== 'exactly')
      throw new Error(`the field '${key}' would not come back as it is`);
  }
  return Buffer.from(jsonObject(Array.from(members, ([key, value]) => ({ key, value }))));
}

const INTEGER_BITS: Readonly<Partial<Record<number, number>>> = {
  [DATA_TYPE.Int8]: 8,
  [DATA_TYPE.Int16]: 16,
  [DATA_TYPE.Int32]: 32,
  [DATA_TYPE.Int64]: 64,
};

// Whether a value is read back as the same text.
function isHeld({ type, elementType, params }: MilvusField, value: JsonValue, text: string): boolean {
  const bits = INTEGER_BITS[type];
  if (bits !== undefined)
    return /^-?\d+$/.test(text) && text !== '-0' && BigInt.asIntN(bits, BigInt(text)) === BigInt(text);
  switch (type) {
    case DATA_TYPE.Bool:
      return typeof value === 'boolean';
    case DATA_TYPE.VarChar:
    case DATA_TYPE.Text:
      return typeof value === 'string' && Buffer.byteLength(value) <= Number(params['max_length'] ?? 65_535);
    case DATA_TYPE.Double:
      return typeof value === 'number' && doubleText(value) === text;
    case DATA_TYPE.Float:
      return typeof value === 'number' && Object.is(Math.fround(value), value) && doubleText(value) === text;
    case DATA_TYPE.JSON:
      return true;
    case DATA_TYPE.Array:
      return Array.isArray(value) && value.every((item: JsonValue) => isElement(elementType, item));
    default:
      return false;
  }
}

function isElement(type: number, item: JsonValue): boolean {
  if (INTEGER_BITS[type] !== undefined) {
    return (typeof item === 'number' && Number.isInteger(item)) || typeof item === 'bigint';
  }
  if (type === DATA_TYPE.Bool) return typeof item === 'boolean';
  if (type === DATA_TYPE.VarChar) return typeof item === 'string';
  return false;
}
