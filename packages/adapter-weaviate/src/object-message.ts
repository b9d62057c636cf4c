import { hasVector, rowRange, type VectorBatch, type VectorColumn } from '@vecport/abstractions';
import { ProtoWriter, RESERVED_FIELD } from '@vecport/wire';
import { CONSISTENCY_LEVELS } from './config.js';
import type { CollectionLayout, PropertyLayout, VectorLayout } from './layout.js';
import type { PropertyValue } from './property-values.js';
import { type Target, vectorType } from './requests.js';

/** A point as Weaviate gets it. */
export interface PlannedPoint {
  readonly uuid: string;
  readonly native: readonly (readonly [PropertyLayout, PropertyValue])[];
  readonly reserved: string | undefined;
  /** What filters find in the place of what the fields' own properties hold. */
  readonly overflow: readonly (readonly [property: string, texts: readonly string[]])[];
}

/** A `BatchObjectsRequest` of objects that are written already. */
export function requestOf(objects: readonly Uint8Array[], { consistencyLevel }: Target): Uint8Array {
  const size = objects.reduce((sum, object) => sum + object.length + 6, 16);
  const writer = new ProtoWriter(size);
  for (const object of objects) writer.data(1, object);
  if (consistencyLevel !== undefined) writer.varint(2, CONSISTENCY_LEVELS[consistencyLevel]);
  return writer.finish();
}

/** One point as a `BatchObject`. */
export function objectOf(
  batch: VectorBatch,
  row: number,
  { vectors }: CollectionLayout,
  { collection, tenant }: Target,
  point: PlannedPoint,
): Uint8Array {
  const writer = new ProtoWriter(1024).text(1, point.uuid).message(3, (inner) => writeProperties(inner, point));
  writer.text(4, collection);
  if (tenant !== undefined) writer.text(5, tenant);
  for (const vector of vectors) {
    const column = batch.vectors[vector.name];
    if (column !== undefined && hasVector(column, row)) writeVector(writer, vector, column, row);
  }
  return writer.finish();
}

function writeVector(writer: ProtoWriter, { name, unnamed }: VectorLayout, column: VectorColumn, row: number): void {
  const floats = floatsOf(column, row);
  const bytes = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  if (unnamed) {
    writer.data(6, bytes);
    return;
  }
  const multi = column.kind === 'multi';
  writer.message(23, (vector) => {
    vector
      .text(1, name)
      .data(3, multi ? multiBytes(bytes, column.dimension) : bytes)
      .varint(4, vectorType(multi));
  });
}

/** A multi-vector as Weaviate reads it: the dimension in two bytes, then the floats of all vectors. */
export function multiBytes(floats: Uint8Array, dimension: number): Uint8Array {
  const bytes = new Uint8Array(floats.length + 2);
  bytes[0] = dimension & 0xff;
  bytes[1] = dimension >> 8;
  bytes.set(floats, 2);
  return bytes;
}

/** The floats of a row, all vectors of a multi-vector side by side: a view. */
export function floatsOf(column: VectorColumn, row: number): Float32Array {
  if (column.kind === 'dense') {
    return column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
  }
  const [start, end] = rowRange(column.offsets, row);
  const width = column.kind === 'multi' ? column.dimension : 1;
  return column.values.subarray(start * width, end * width);
}

function writeProperties(writer: ProtoWriter, { native, reserved, overflow }: PlannedPoint): void {
  const single = native.filter(([{ type }]) => !type.endsWith('[]'));
  writer.message(1, (struct) => {
    for (const [{ name }, value] of single) writeEntry(struct, name, value as string | number | boolean);
    if (reserved !== undefined) writeEntry(struct, RESERVED_FIELD, reserved);
  });
  for (const [{ name, type }, value] of native) {
    if (type.endsWith('[]')) writeList(writer, name, type, value as readonly (string | number | boolean)[]);
  }
  for (const [property, texts] of overflow) writeTexts(writer, property, texts);
}

/** An entry of a `google.protobuf.Struct`. */
function writeEntry(writer: ProtoWriter, name: string, value: string | number | boolean): void {
  writer.message(1, (entry) => {
    entry.text(1, name).message(2, (place) => {
      if (typeof value === 'string') place.text(3, value);
      else if (typeof value === 'number') place.double(2, value);
      else place.bool(4, value);
    });
  });
}

function writeList(
  writer: ProtoWriter,
  name: string,
  type: string,
  values: readonly (string | number | boolean)[],
): void {
  if (type === 'number[]') {
    const doubles = Float64Array.from(values as readonly number[]);
    writer.message(4, (list) => list.text(2, name).data(3, new Uint8Array(doubles.buffer)));
  } else if (type === 'int[]') {
    writer.message(5, (list) => {
      for (const value of values as readonly number[]) list.int64(1, BigInt(value));
      list.text(2, name);
    });
  } else if (type === 'boolean[]') {
    writer.message(7, (list) => {
      for (const value of values as readonly boolean[]) list.bool(1, value);
      list.text(2, name);
    });
  } else writeTexts(writer, name, values as readonly string[]);
}

function writeTexts(writer: ProtoWriter, name: string, texts: readonly string[]): void {
  writer.message(6, (list) => {
    for (const text of texts) list.text(1, text);
    list.text(2, name);
  });
}
