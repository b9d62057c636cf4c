import { type DenseColumn, type JsonValue, rowRange, type SparseColumn, type VectorBatch } from '@vecport/abstractions';
import { floatToBfloat, floatToHalf, type ProtoWriter } from '@vecport/wire';
import { DATA_TYPE } from './data-types.js';
import type { ForeignRow } from './foreign-rows.js';
import { DYNAMIC_FIELD, type Layout, type VectorField } from './layout.js';
import type { MilvusField } from './schema.js';

// Numbers are written one by one where that is simpler: readers of protobuf take packed and unpacked ones alike.

/** Write the primary keys as a `FieldData`. */
export function writeKeys(writer: ProtoWriter, { key }: Layout, ids: readonly string[]): void {
  const int64 = key.type === 'int64';
  writer.message(5, (column) => {
    column.varint(1, int64 ? DATA_TYPE.Int64 : DATA_TYPE.VarChar).text(2, key.field);
    column.message(3, (scalars) =>
      scalars.message(int64 ? 3 : 6, (list) => {
        for (const id of ids) {
          if (int64) list.int64(1, BigInt(id));
          else list.text(1, id);
        }
      }),
    );
  });
}

/** Write the dynamic field. */
export function writeDynamic(writer: ProtoWriter, texts: readonly Uint8Array[]): void {
  writer.message(5, (column) => {
    column.varint(1, DATA_TYPE.JSON).text(2, DYNAMIC_FIELD);
    column.message(3, (scalars) => writeList(scalars, 9, texts, (list, text) => list.data(1, text)));
    column.bool(6, true);
  });
}

/** Write the vectors of one field; the batch has one for every point. */
export function writeVectors(writer: ProtoWriter, field: VectorField, batch: VectorBatch): void {
  const column = batch.vectors[field.name];
  if (column === undefined || column.kind === 'multi') return;
  writer.message(5, (data) => {
    data.varint(1, field.type).text(2, field.field);
    data.message(4, (vectors) =>
      column.kind === 'sparse' ? writeSparse(vectors, column, batch.ids.length) : writeDense(vectors, field, column),
    );
  });
}

function writeDense(writer: ProtoWriter, { type, dimension }: VectorField, { values }: DenseColumn): void {
  writer.varint(1, dimension);
  switch (type) {
    case DATA_TYPE.BinaryVector:
      writer.data(3, packBits(values));
      return;
    case DATA_TYPE.Float16Vector:
      writer.data(4, new Uint8Array(Uint16Array.from(values, floatToHalf).buffer));
      return;
    case DATA_TYPE.BFloat16Vector:
      writer.data(5, new Uint8Array(Uint16Array.from(values, floatToBfloat).buffer));
      return;
    case DATA_TYPE.Int8Vector:
      writer.data(7, new Uint8Array(Int8Array.from(values).buffer));
      return;
    default:
      writer.message(2, (floats) => floats.floats(1, values));
  }
}

/** Bits, the first number the highest bit of its byte. */
export function packBits(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length / 8);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (0x80 >> (i & 7));
  }
  return bytes;
}

function writeSparse(writer: ProtoWriter, column: SparseColumn, rows: number): void {
  writer.message(6, (sparse) => {
    let dimension = 0;
    for (let row = 0; row < rows; row++) {
      const [start, end] = rowRange(column.offsets, row);
      sparse.data(1, sparseBytes(column.indices.subarray(start, end), column.values.subarray(start, end)));
      if (end > start) dimension = Math.max(dimension, (column.indices[end - 1] ?? 0) + 1);
    }
    sparse.varint(2, dimension);
  });
}

/** Pairs of a little-endian index and a little-endian float. */
export function sparseBytes(indices: Uint32Array, values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(indices.length * 8);
  const view = new DataView(bytes.buffer);
  indices.forEach((index, at) => {
    view.setUint32(at * 8, index, true);
    view.setFloat32(at * 8 + 4, values[at] ?? 0, true);
  });
  return bytes;
}

/** Write a field of a collection that Vecport did not make. */
export function writeScalars(writer: ProtoWriter, field: MilvusField, rows: readonly ForeignRow[]): void {
  const isJson = field.type === DATA_TYPE.JSON;
  const valid = rows.map(({ values, texts }) =>
    isJson ? texts.has(field.name) : (values.get(field.name) ?? null) !== null,
  );
  const present = rows.filter((_, row) => valid[row] === true);
  writer.message(5, (column) => {
    column.varint(1, field.type).text(2, field.name);
    column.message(3, (scalars) => {
      if (isJson) {
        writeList(scalars, 9, present, (list, { texts }) => list.data(1, texts.get(field.name) ?? EMPTY));
      } else {
        const values = present.map(({ values: all }) => all.get(field.name) ?? null);
        writeValues(scalars, field.type, field.elementType, values);
      }
    });
    if (field.nullable)
      column.data(
        7,
        Uint8Array.from(valid, (flag) => (flag ? 1 : 0)),
      );
  });
}

const EMPTY = new Uint8Array(0);

// `writer` writes a `ScalarField`.
function writeValues(writer: ProtoWriter, type: number, elementType: number, values: readonly JsonValue[]): void {
  switch (type) {
    case DATA_TYPE.Bool:
      writeList(writer, 1, values, (list, value) => list.bool(1, value === true));
      return;
    case DATA_TYPE.Int8:
    case DATA_TYPE.Int16:
    case DATA_TYPE.Int32:
      writeList(writer, 2, values, (list, value) => list.int64(1, BigInt(value as number)));
      return;
    case DATA_TYPE.Int64:
      writeList(writer, 3, values, (list, value) => list.int64(1, BigInt(value as number | bigint)));
      return;
    case DATA_TYPE.Float:
      writeList(writer, 4, values, (list, value) => list.float(1, value as number));
      return;
    case DATA_TYPE.Double:
      writeList(writer, 5, values, (list, value) => list.double(1, value as number));
      return;
    case DATA_TYPE.Array:
      writer.message(8, (list) => {
        for (const value of values) {
          list.message(1, (row) => writeValues(row, elementType, 0, value as readonly JsonValue[]));
        }
        list.varint(2, elementType);
      });
      return;
    default:
      writeList(writer, 6, values, (list, value) => list.text(1, value as string));
  }
}

function writeList<T>(
  writer: ProtoWriter,
  field: number,
  values: readonly T[],
  write: (list: ProtoWriter, value: T) => void,
): void {
  writer.message(field, (list) => {
    for (const value of values) write(list, value);
  });
}
