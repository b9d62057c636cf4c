import { type MetadataColumn, metadataFromTexts, selectFields } from '@vecport/abstractions';
import { corrupt, joinMetadata, jsonMembers, jsonObject, RESERVED_FIELD } from '@vecport/wire';
import type { FieldData } from './field-data.js';
import { spreadRows } from './field-data.js';
import type { Layout } from './layout.js';
import { jsonColumn, readJson } from './scalar-values.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const RESERVED_MARK = Buffer.from(`"${RESERVED_FIELD}"`);
const EMPTY = Buffer.from('{}');

/** Metadata of the rows of an answer, of which the columns are looked up by name. */
export function metadataColumn(
  layout: Layout,
  columns: ReadonlyMap<string, FieldData>,
  dynamic: FieldData | undefined,
  rows: number,
  fields: readonly string[] | undefined,
): MetadataColumn {
  const objects = layout.dynamic ? dynamicObjects(dynamic, rows) : undefined;
  if (layout.marker !== undefined) return own(objects ?? [], rows, fields);
  if (objects === undefined && layout.scalars.length === 0)
    return metadataFromTexts(new Array<undefined>(rows).fill(undefined));
  return select(foreign(layout, columns, objects, rows), fields);
}

function dynamicObjects(dynamic: FieldData | undefined, rows: number): readonly Uint8Array[] {
  if (dynamic === undefined) {
    if (rows === 0) return [];
    throw corrupt('has no dynamic field, which was asked for');
  }
  return spreadRows('$meta', readJson(dynamic), dynamic.valid, rows).map((bytes) => bytes ?? EMPTY);
}

// Nearly always the bytes are copied as they came; only rows with a reserved part are put together.
function own(objects: readonly Uint8Array[], rows: number, fields: readonly string[] | undefined): MetadataColumn {
  if (fields === undefined && !objects.some(hasReserved)) return joined(objects, rows);
  const texts = objects.map((bytes) => (hasReserved(bytes) ? restored(bytes) : decoder.decode(bytes)));
  return select(texts, fields);
}

function joined(objects: readonly Uint8Array[], rows: number): MetadataColumn {
  const offsets = new Uint32Array(rows + 1);
  objects.forEach((bytes, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + bytes.length;
  });
  const all = new Uint8Array(offsets[rows] ?? 0);
  objects.forEach((bytes, row) => {
    all.set(bytes, offsets[row]);
  });
  return { bytes: all, offsets };
}

function hasReserved(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(RESERVED_MARK);
}

/** The metadata as it was written: the reserved part put back, and preferred to what stands for it in searches. */
function restored(bytes: Uint8Array): string | undefined {
  const members = jsonMembers(bytes);
  const reserved = members.find(({ key }) => key === RESERVED_FIELD)?.value;
  if (reserved === undefined) return decoder.decode(bytes);
  const text = JSON.parse(decoder.decode(reserved)) as unknown;
  if (typeof text !== 'string') throw corrupt(`has a field ${RESERVED_FIELD} that was not written by Vecport`);
  const kept = keptKeys(text);
  const native = jsonObject(members.filter(({ key }) => key !== RESERVED_FIELD && !kept.has(key)));
  const whole = joinMetadata(Buffer.from(native), text).text;
  return whole === undefined ? undefined : decoder.decode(whole);
}

function keptKeys(reserved: string): ReadonlySet<string> {
  const fields = jsonMembers(Buffer.from(reserved)).find(({ key }) => key === 'fields');
  return new Set(fields === undefined ? [] : jsonMembers(fields.value).map(({ key }) => key));
}

function foreign(
  { scalars }: Layout,
  columns: ReadonlyMap<string, FieldData>,
  objects: readonly Uint8Array[] | undefined,
  rows: number,
): string[] {
  const texts = scalars.map(({ name, elementType }) => {
    const data = columns.get(name);
    if (data === undefined && rows > 0) throw corrupt(`has no column '${name}', which was asked for`);
    return { key: JSON.stringify(name), values: data === undefined ? [] : jsonColumn(data, elementType, rows) };
  });
  return Array.from({ length: rows }, (_, row) => {
    const members = texts.map(({ key, values }) => `${key}:${values[row] ?? 'null'}`);
    const object = objects?.[row];
    const inner = object === undefined ? '' : decoder.decode(object).trim().slice(1, -1).trim();
    return `{${[...members, ...(inner === '' ? [] : [inner])].join(',')}}`;
  });
}

function select(texts: readonly (string | undefined)[], fields: readonly string[] | undefined): MetadataColumn {
  if (fields === undefined) return metadataFromTexts(texts);
  const wanted = new Set(fields);
  return metadataFromTexts(texts.map((text) => (text === undefined ? undefined : selectFields(text, wanted))));
}
