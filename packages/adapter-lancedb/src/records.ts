import {
  type MissingRows,
  type MultiColumn,
  metadataFromTexts,
  VecportError,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import type { Table as ArrowTable, Data, DataType, FixedSizeList, Float32 } from 'apache-arrow';
import { denseType, fieldType, multiType } from './arrow-types.js';
import type { ArrowLibrary } from './client.js';
import { PROVIDER } from './config.js';
import { invalidArgument } from './errors.js';
import { schemaOf, type TableLayout, type VectorLayout } from './layout.js';
import type { TypedValues } from './typed-values.js';

/**
 * The points of a batch as one Arrow record batch of the table's schema. Floats and metadata bytes
 * are handed over as they lie in the batch, not copied. A vector the batch does not have is missing.
 * @throws VecportError `invalid-argument` for a vector the table does not have, or of another kind,
 * `dimension-mismatch` for one of another dimension.
 */
export function toArrowTable(
  arrow: ArrowLibrary,
  layout: TableLayout,
  batch: VectorBatch,
  typed: TypedValues,
): ArrowTable {
  const rows = batch.ids.length;
  const schema = schemaOf(arrow, layout);
  const ids = metadataFromTexts(batch.ids);
  const children = [
    textData(arrow, ids.bytes, ids.offsets, undefined),
    textData(arrow, batch.metadata.bytes, batch.metadata.offsets, batch.metadata.missing),
    ...layout.vectors.map((vector) => vectorData(arrow, vector, presentColumn(batch, vector), rows)),
    ...layout.typed.map(({ name, type }) => typedData(arrow, fieldType(arrow, type), typed.get(name) ?? [])),
  ];
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows, nullCount: 0, children });
  return new arrow.Table([new arrow.RecordBatch(schema, data)]);
}

/** Refuse a batch whose vectors are not those of the table. */
export function checkVectors(layout: TableLayout, batch: VectorBatch): void {
  const known = new Map(layout.vectors.map((vector) => [vector.name, vector]));
  for (const [name, column] of Object.entries(batch.vectors)) {
    const vector = known.get(name);
    if (vector === undefined) {
      if (isAllMissing(column, batch.ids.length)) continue;
      throw invalidArgument(`The table has no vector '${name}' (it has: ${[...known.keys()].join(', ') || 'none'}).`);
    }
    if (isAllMissing(column, batch.ids.length)) continue;
    if (column.kind !== vector.kind)
      throw invalidArgument(`The vector '${name}' is ${vector.kind} in the table and ${column.kind} in the batch.`);
    if (column.dimension !== vector.dimension) throw wrongDimension(vector, column.dimension);
  }
}

function presentColumn(batch: VectorBatch, { name }: VectorLayout): VectorColumn | undefined {
  const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
  return column === undefined || isAllMissing(column, batch.ids.length) ? undefined : column;
}

function isAllMissing(column: VectorColumn, rows: number): boolean {
  return column.missing !== undefined && rows > 0 && !column.missing.includes(0);
}

function vectorData(
  arrow: ArrowLibrary,
  { kind, dimension }: VectorLayout,
  column: VectorColumn | undefined,
  rows: number,
): Data {
  const missing = column === undefined ? new Uint8Array(rows).fill(1) : column.missing;
  if (kind === 'multi')
    return multiData(arrow, dimension, column?.kind === 'multi' ? column : undefined, rows, missing);
  const values = column?.kind === 'dense' ? column.values : new Float32Array(rows * dimension);
  return denseData(arrow, dimension, values, missing);
}

function denseData(
  arrow: ArrowLibrary,
  dimension: number,
  values: Float32Array,
  missing: MissingRows | undefined,
): Data<FixedSizeList<Float32>> {
  const child = arrow.makeData({ type: new arrow.Float32(), length: values.length, nullCount: 0, data: values });
  return arrow.makeData({
    type: denseType(arrow, dimension),
    length: values.length / dimension,
    child,
    ...nulls(missing),
  });
}

function multiData(
  arrow: ArrowLibrary,
  dimension: number,
  column: MultiColumn | undefined,
  rows: number,
  missing: MissingRows | undefined,
): Data {
  const offsets = column?.offsets ?? new Uint32Array(rows + 1);
  const values = column?.values.subarray((offsets[0] ?? 0) * dimension, (offsets[rows] ?? 0) * dimension);
  return arrow.makeData({
    type: multiType(arrow, dimension),
    length: rows,
    valueOffsets: fromZero(offsets),
    child: denseData(arrow, dimension, values ?? new Float32Array(0), undefined),
    ...nulls(missing),
  });
}

function textData(
  arrow: ArrowLibrary,
  bytes: Uint8Array,
  offsets: Uint32Array,
  missing: MissingRows | undefined,
): Data {
  const length = offsets.length - 1;
  const data = bytes.subarray(offsets[0], offsets[length]);
  return arrow.makeData({ type: new arrow.Utf8(), length, valueOffsets: fromZero(offsets), data, ...nulls(missing) });
}

function typedData(arrow: ArrowLibrary, type: DataType, values: readonly unknown[]): Data {
  const [data] = arrow.vectorFromArray(values as unknown[], type).data;
  return data ?? arrow.makeData({ type: new arrow.Null(), length: values.length });
}

function fromZero(offsets: Uint32Array): Int32Array {
  const first = offsets[0] ?? 0;
  return first === 0
    ? new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length)
    : Int32Array.from(offsets, (offset) => offset - first);
}

// Arrow counts nulls, and keeps one bit a row, set where there is a value.
function nulls(missing: MissingRows | undefined): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
  const nullCount = missing?.reduce((sum, absent) => sum + (absent === 0 ? 0 : 1), 0) ?? 0;
  if (missing === undefined || nullCount === 0) return { nullCount: 0 };
  return { nullCount, nullBitmap: packBits(missing.length, (row) => missing[row] === 0) };
}

function packBits(length: number, isSet: (row: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (let row = 0; row < length; row++) {
    if (isSet(row)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bits;
}

function wrongDimension({ name, dimension }: VectorLayout, given: number): VecportError {
  return new VecportError(
    'dimension-mismatch',
    `The vector '${name}' has ${dimension} dimensions in the table and ${given} in the batch.`,
    {
      provider: PROVIDER,
    },
  );
}
