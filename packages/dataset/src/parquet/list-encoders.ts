import {
  hasVector,
  type MultiColumn,
  rowRange,
  type SparseColumn,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { bytesOf } from '../bytes-of.js';
import { ByteBuffer } from './byte-buffer.js';
import { ColumnChunkWriter } from './column-chunk.js';
import { type ColumnEncoder, type EncoderSettings, encodeFloats } from './column-encoder.js';
import { ENCODING, PAGE_BYTES } from './format.js';
import { LevelsBuilder } from './levels.js';
import type { SchemaLeaf } from './schema-node.js';

/** The encoder of a column of sparse vectors: two chunks whose pages end with the same rows. */
export function sparseEncoder(
  name: string,
  leaves: readonly [SchemaLeaf, SchemaLeaf],
  settings: EncoderSettings,
): ColumnEncoder {
  const indexChunk = new ColumnChunkWriter(leaves[0], ENCODING.PLAIN, settings.codec);
  const valueChunk = new ColumnChunkWriter(leaves[1], settings.floatEncoding, settings.codec);
  const indices = new ByteBuffer();
  const values = new ByteBuffer();
  const page = pageRows(settings, (rows, builder) => {
    const levels = builder.take();
    indexChunk.addPage(rows, levels, indices.view());
    valueChunk.addPage(rows, levels, encodeFloats(floatsOf(values), settings));
    indices.length = 0;
    values.length = 0;
  });
  const addRow = (column: SparseColumn, row: number): number => {
    const [start, end] = rowRange(column.offsets, row);
    indices.append(bytesOf(column.indices.subarray(start, end)));
    values.append(bytesOf(column.values.subarray(start, end)));
    page.levels.list(end - start);
    return (end - start) * 4;
  };
  return {
    append: (batch, start, end) => page.append(vectorColumn(batch, name, 'sparse'), start, end, addRow),
    endRowGroup: () => {
      page.end();
      return [indexChunk.take(), valueChunk.take()];
    },
  };
}

/** The encoder of a column of multi vectors. */
export function multiEncoder(
  name: string,
  dimension: number,
  leaf: SchemaLeaf,
  settings: EncoderSettings,
): ColumnEncoder {
  const chunk = new ColumnChunkWriter(leaf, settings.floatEncoding, settings.codec);
  const values = new ByteBuffer();
  const page = pageRows(settings, (rows, builder) => {
    chunk.addPage(rows, builder.take(), encodeFloats(floatsOf(values), settings));
    values.length = 0;
  });
  const addRow = (column: MultiColumn, row: number): number => {
    const [start, end] = rowRange(column.offsets, row);
    values.append(bytesOf(column.values.subarray(start * dimension, end * dimension)));
    page.levels.vectors(end - start, dimension);
    return (end - start) * dimension * 4;
  };
  return {
    append: (batch, start, end) => page.append(vectorColumn(batch, name, 'multi'), start, end, addRow),
    endRowGroup: () => {
      page.end();
      return [chunk.take()];
    },
  };
}

interface PageRows {
  readonly levels: LevelsBuilder;
  append<C extends VectorColumn>(
    column: C | undefined,
    start: number,
    end: number,
    addRow: (column: C, row: number) => number,
  ): void;
  end(): void;
}

/** Cuts rows of varying size into pages: by their number, or by the bytes that `addRow` says. */
function pageRows(settings: EncoderSettings, emit: (rows: number, levels: LevelsBuilder) => void): PageRows {
  const levels = new LevelsBuilder();
  let rows = 0;
  let bytes = 0;
  const end = (): void => {
    if (rows > 0) emit(rows, levels);
    rows = 0;
    bytes = 0;
  };
  return {
    levels,
    end,
    append: (column, start, stop, addRow) => {
      for (let row = start; row < stop; row++) {
        if (column !== undefined && hasVector(column, row)) bytes += addRow(column, row);
        else levels.nullList();
        rows++;
        if (rows === settings.pageRows || bytes >= PAGE_BYTES) end();
      }
    },
  };
}

/** A column without any vector comes as any kind, and the batch need not have it at all. */
function vectorColumn<K extends VectorColumn['kind']>(
  batch: VectorBatch,
  name: string,
  kind: K,
): Extract<VectorColumn, { readonly kind: K }> | undefined {
  const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
  return column?.kind === kind ? (column as Extract<VectorColumn, { readonly kind: K }>) : undefined;
}

function floatsOf(buffer: ByteBuffer): Float32Array {
  return new Float32Array(buffer.bytes.buffer, 0, buffer.length / 4);
}
