import { type MetadataColumn, metadataBytes } from './metadata-column.js';
import type { VectorBatch } from './vector-batch.js';
import { type MissingRows, rowRange, type VectorColumn } from './vector-column.js';

/** Rows `start .. end` of a batch. Floats and metadata are views into the batch, not copies. */
export function sliceBatch(batch: VectorBatch, start: number, end: number): VectorBatch {
  if (start === 0 && end === batch.ids.length) return batch;
  return {
    ids: batch.ids.slice(start, end),
    vectors: mapColumns(batch, (column) => sliceColumn(column, start, end)),
    metadata: {
      bytes: batch.metadata.bytes,
      offsets: batch.metadata.offsets.subarray(start, end + 1),
      missing: batch.metadata.missing?.subarray(start, end),
    },
    createdAt: batch.createdAt?.subarray(start, end),
    updatedAt: batch.updatedAt?.subarray(start, end),
  };
}

/** The given rows of a batch, in the given order, copied. */
export function selectRows(batch: VectorBatch, rows: readonly number[]): VectorBatch {
  return {
    ids: rows.map((row) => batch.ids[row] ?? ''),
    vectors: mapColumns(batch, (column) => selectColumn(column, rows)),
    metadata: selectMetadata(batch.metadata, rows),
    createdAt: batch.createdAt && Float64Array.from(rows, (row) => batch.createdAt?.[row] ?? Number.NaN),
    updatedAt: batch.updatedAt && Float64Array.from(rows, (row) => batch.updatedAt?.[row] ?? Number.NaN),
  };
}

/** Bytes a batch holds in its columns: what buffers are bounded by. */
export function batchBytes(batch: VectorBatch): number {
  const rows = batch.ids.length;
  const metadata = (batch.metadata.offsets[rows] ?? 0) - (batch.metadata.offsets[0] ?? 0);
  const ids = batch.ids.reduce((sum, id) => sum + id.length, 0);
  return Object.values(batch.vectors).reduce((sum, column) => sum + columnBytes(column), metadata + ids);
}

function columnBytes(column: VectorColumn): number {
  const offsets = column.kind === 'dense' ? 0 : column.offsets.byteLength;
  const indices = column.kind === 'sparse' ? column.indices.byteLength : 0;
  return column.values.byteLength + offsets + indices;
}

function mapColumns(batch: VectorBatch, change: (column: VectorColumn) => VectorColumn): Record<string, VectorColumn> {
  return Object.fromEntries(Object.entries(batch.vectors).map(([name, column]) => [name, change(column)]));
}

function sliceColumn(column: VectorColumn, start: number, end: number): VectorColumn {
  const missing = column.missing?.subarray(start, end);
  if (column.kind === 'dense') {
    return { ...column, values: column.values.subarray(start * column.dimension, end * column.dimension), missing };
  }
  const from = column.offsets[start] ?? 0;
  const to = column.offsets[end] ?? 0;
  const offsets = column.offsets.slice(start, end + 1).map((offset) => offset - from);
  if (column.kind === 'multi') {
    return {
      ...column,
      offsets,
      values: column.values.subarray(from * column.dimension, to * column.dimension),
      missing,
    };
  }
  return {
    ...column,
    offsets,
    indices: column.indices.subarray(from, to),
    values: column.values.subarray(from, to),
    missing,
  };
}

function selectColumn(column: VectorColumn, rows: readonly number[]): VectorColumn {
  const missing = selectMissing(column.missing, rows);
  if (column.kind === 'dense') {
    const { dimension } = column;
    const values = new Float32Array(rows.length * dimension);
    rows.forEach((row, to) => {
      values.set(column.values.subarray(row * dimension, (row + 1) * dimension), to * dimension);
    });
    return { kind: 'dense', dimension, values, missing };
  }
  const offsets = selectOffsets(column.offsets, rows);
  const total = offsets[rows.length] ?? 0;
  const width = column.kind === 'multi' ? column.dimension : 1;
  const values = gather(new Float32Array(total * width), column.values, column.offsets, rows, width);
  if (column.kind === 'multi') return { ...column, offsets, values, missing };
  return {
    kind: 'sparse',
    offsets,
    indices: gather(new Uint32Array(total), column.indices, column.offsets, rows, 1),
    values,
    missing,
  };
}

function selectMetadata(column: MetadataColumn, rows: readonly number[]): MetadataColumn {
  const offsets = selectOffsets(column.offsets, rows);
  const bytes = new Uint8Array(offsets[rows.length] ?? 0);
  rows.forEach((row, to) => {
    const part = metadataBytes(column, row);
    if (part !== undefined) bytes.set(part, offsets[to]);
  });
  return { bytes, offsets, missing: selectMissing(column.missing, rows) };
}

function selectMissing(missing: MissingRows | undefined, rows: readonly number[]): MissingRows | undefined {
  return missing && Uint8Array.from(rows, (row) => missing[row] ?? 0);
}

function selectOffsets(offsets: Uint32Array, rows: readonly number[]): Uint32Array {
  const selected = new Uint32Array(rows.length + 1);
  rows.forEach((row, to) => {
    const [start, end] = rowRange(offsets, row);
    selected[to + 1] = (selected[to] ?? 0) + end - start;
  });
  return selected;
}

function gather<T extends Float32Array | Uint32Array>(
  target: T,
  source: T,
  offsets: Uint32Array,
  rows: readonly number[],
  width: number,
): T {
  let at = 0;
  for (const row of rows) {
    const [start, end] = rowRange(offsets, row);
    target.set(source.subarray(start * width, end * width), at);
    at += (end - start) * width;
  }
  return target;
}
