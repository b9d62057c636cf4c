import {
  emptyMetadata,
  isVecportError,
  type MetadataColumn,
  type MissingRows,
  metadataFromTexts,
  metadataText,
  selectFields,
  stringifyJson,
  VecportError,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import type { Data, RecordBatch } from 'apache-arrow';
import { PROVIDER } from './config.js';
import { notSupported } from './errors.js';
import { ID_COLUMN, METADATA_COLUMN, type TableLayout, type VectorLayout } from './layout.js';

/** The columns a point is read from. */
export function pointColumns(layout: TableLayout): string[] {
  return [ID_COLUMN, ...(layout.foreign ?? [METADATA_COLUMN]), ...layout.vectors.map(({ column }) => column)];
}

/**
 * A record batch as columns of our own: every vector column is one copy of its floats, metadata is
 * copied as bytes, nothing is parsed (but for tables of others, whose columns become JSON).
 * @throws VecportError `corrupt-data` for a row without an identifier or a vector with holes.
 */
export function readBatch(layout: TableLayout, batch: RecordBatch): VectorBatch {
  const ids = readIds(layout, batch);
  return {
    ids,
    vectors: Object.fromEntries(
      layout.vectors.map((vector) => [vector.name, readVector(vector, columnData(batch, vector.column), ids)]),
    ),
    metadata: readMetadata(layout, batch),
  };
}

/** The identifiers of a record batch, as text. */
export function readIds({ idType }: TableLayout, batch: RecordBatch): readonly string[] {
  const data = columnData(batch, ID_COLUMN);
  if (data.nullCount > 0) throw corrupt('The table holds points whose id is null.');
  if (idType === 'text') return readTexts(data);
  return Array.from((data.values as BigInt64Array).subarray(0, data.length), String);
}

/** The metadata of a record batch as JSON text. */
export function readMetadata(layout: TableLayout, batch: RecordBatch): MetadataColumn {
  if (layout.foreign !== undefined) return metadataOfColumns(layout.foreign, batch);
  const data = columnData(batch, METADATA_COLUMN);
  const offsets = new Uint32Array(listOffsets(data));
  if (data.length === 0) return emptyMetadata(0);
  return { bytes: (data.values as Uint8Array).slice(0, offsets[data.length]), offsets, missing: missingRows(data) };
}

/** Metadata with only these top-level fields, each spelled as it was. */
export function keepFields(metadata: MetadataColumn, fields: readonly string[]): MetadataColumn {
  const kept = new Set(fields);
  const texts = Array.from({ length: metadata.offsets.length - 1 }, (_, row) => metadataText(metadata, row));
  return metadataFromTexts(texts.map((text) => (text === undefined ? undefined : selectFields(text, kept))));
}

function columnData(batch: RecordBatch, column: string): Data {
  const data = batch.getChild(column)?.data[0] as Data | undefined;
  if (data === undefined) throw corrupt(`LanceDB gave no column '${column}'.`);
  return data;
}

// Texts of ASCII alone, the usual case, are cut out of one string.
function readTexts(data: Data): readonly string[] {
  const { length } = data;
  const valueOffsets = listOffsets(data);
  const first = valueOffsets[0] ?? 0;
  const bytes = (data.values as Uint8Array).subarray(first, valueOffsets[length]);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const all = buffer.toString('utf8');
  const cut =
    all.length === buffer.length
      ? (start: number, end: number) => all.slice(start, end)
      : (start: number, end: number) => buffer.toString('utf8', start, end);
  return Array.from({ length }, (_, row) =>
    cut((valueOffsets[row] ?? 0) - first, (valueOffsets[row + 1] ?? 0) - first),
  );
}

function readVector(vector: VectorLayout, data: Data, ids: readonly string[]): VectorColumn {
  const { kind, dimension } = vector;
  const missing = missingRows(data);
  if (kind === 'dense') {
    const values = readFloats(vector, data, ids);
    missing?.forEach((absent, row) => {
      if (absent !== 0) values.fill(0, row * dimension, (row + 1) * dimension);
    });
    return { kind, dimension, values, missing };
  }
  const ends = listOffsets(data);
  const first = ends[0] ?? 0;
  const offsets = Uint32Array.from(ends, (end) => end - first);
  const list = child(data);
  if (list.nullCount > 0) throw corrupt(`The vector '${vector.name}' has a null among its vectors.`);
  return { kind, dimension, offsets, values: readFloats(vector, list, ids).subarray(first * dimension), missing };
}

function readFloats({ name, dimension }: VectorLayout, list: Data, ids: readonly string[]): Float32Array {
  const floats = child(list);
  if (floats.nullCount > 0) refuseHoles(name, dimension, list, floats, ids);
  return (floats.values as Float32Array).slice(0, list.length * dimension);
}

function refuseHoles(name: string, dimension: number, list: Data, floats: Data, ids: readonly string[]): void {
  for (let at = 0; at < list.length * dimension; at++) {
    const row = Math.floor(at / dimension);
    if (!floats.getValid(at) && list.getValid(row))
      throw corrupt(`The vector '${name}' of the point '${ids[row] ?? row}' has a null among its numbers.`);
  }
}

function child(data: Data): Data {
  const [only] = data.children;
  if (only === undefined) throw corrupt('LanceDB gave a list without its items.');
  return only;
}

function listOffsets(data: Data): Int32Array {
  return (data.valueOffsets as Int32Array).subarray(0, data.length + 1);
}

function missingRows(data: Data): MissingRows | undefined {
  return data.nullCount === 0
    ? undefined
    : Uint8Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? 0 : 1));
}

function metadataOfColumns(columns: readonly string[], batch: RecordBatch): MetadataColumn {
  const vectors = columns.map((column) => batch.getChild(column));
  const texts = Array.from({ length: batch.numRows }, (_, row) =>
    jsonText(Object.fromEntries(columns.map((column, at) => [column, plainValue(vectors[at]?.get(row))]))),
  );
  return metadataFromTexts(texts);
}

// Columns of floats may hold NaN and infinities.
function jsonText(value: unknown): string {
  try {
    return stringifyJson(value);
  } catch (error) {
    if (!isVecportError(error)) throw error;
    throw notSupported(error.reason, 'Set it to null in a copy of the table.');
  }
}

// Arrow gives lists and structs as objects of its own.
function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (hasToJson(value)) {
    const json = value.toJSON();
    if (Array.isArray(json)) return json.map(plainValue);
    if (typeof json === 'object' && json !== null)
      return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, plainValue(item)]));
    return json;
  }
  return Symbol.iterator in value ? Array.from(value as Iterable<unknown>, plainValue) : value;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function corrupt(reason: string): VecportError {
  return new VecportError('corrupt-data', reason, { provider: PROVIDER });
}
