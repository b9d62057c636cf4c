import type { DenseColumn, VectorBatch } from '@vecport/abstractions';
import { ColumnChunkWriter } from './column-chunk.js';
import { type ColumnEncoder, type EncoderSettings, encodeFloats } from './column-encoder.js';
import { fullListLevels, type Levels, LevelsBuilder } from './levels.js';
import { densePageRows } from './page-layout.js';
import type { SchemaLeaf } from './schema-node.js';

/** The encoder of a column of dense vectors: whole pages go straight from the batch's floats. */
export function denseEncoder(
  name: string,
  dimension: number,
  leaf: SchemaLeaf,
  settings: EncoderSettings,
): ColumnEncoder {
  const chunk = new ColumnChunkWriter(leaf, settings.floatEncoding, settings.codec);
  const page = new DensePage(dimension, densePageRows(settings.pageRows, dimension * 4), (rows, levels, values) => {
    chunk.addPage(rows, levels, encodeFloats(values, settings));
  });
  return {
    append: (batch, start, end) => page.append(denseColumn(batch, name), start, end),
    drain: () => chunk.drain(),
    endRowGroup: () => {
      page.end();
      return [chunk.take()];
    },
  };
}

/** A column without any vector comes as any kind, and the batch need not have it at all. */
function denseColumn(batch: VectorBatch, name: string): DenseColumn | undefined {
  const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
  return column?.kind === 'dense' ? column : undefined;
}

type EmitPage = (rows: number, levels: Levels, values: Float32Array) => void;

/** The rows of the page that is not full yet. */
class DensePage {
  readonly #dimension: number;
  readonly #capacity: number;
  readonly #emit: EmitPage;
  readonly #missing: Uint8Array;
  #values = new Float32Array(0);
  #rows = 0;
  #present = 0;
  #full: { readonly rows: number; readonly levels: Levels } | undefined;

  constructor(dimension: number, capacity: number, emit: EmitPage) {
    this.#dimension = dimension;
    this.#capacity = capacity;
    this.#emit = emit;
    this.#missing = new Uint8Array(capacity);
  }

  append(column: DenseColumn | undefined, start: number, end: number): void {
    for (let row = start; row < end; ) {
      const take = Math.min(this.#capacity - this.#rows, end - row);
      if (column === undefined) this.#addMissing(take);
      else if (isFull(column, row, row + take)) this.#addFull(column, row, take);
      else this.#addMixed(column, row, take);
      row += take;
      if (this.#rows === this.#capacity) this.end();
    }
  }

  end(): void {
    if (this.#rows === 0) return;
    const rows = this.#rows;
    const levels = this.#present === rows ? this.#fullLevels(rows) : this.#mixedLevels(rows);
    const values = this.#values.subarray(0, this.#present * this.#dimension);
    this.#rows = 0;
    this.#present = 0;
    this.#emit(rows, levels, values);
  }

  #addMissing(rows: number): void {
    this.#missing.fill(1, this.#rows, this.#rows + rows);
    this.#rows += rows;
  }

  #addFull(column: DenseColumn, row: number, rows: number): void {
    const values = column.values.subarray(row * this.#dimension, (row + rows) * this.#dimension);
    if (rows === this.#capacity) {
      this.#emit(rows, this.#fullLevels(rows), values);
      return;
    }
    if (this.#values.length === 0) this.#values = new Float32Array(this.#capacity * this.#dimension);
    this.#values.set(values, this.#present * this.#dimension);
    this.#missing.fill(0, this.#rows, this.#rows + rows);
    this.#rows += rows;
    this.#present += rows;
  }

  #addMixed(column: DenseColumn, start: number, rows: number): void {
    for (let row = start; row < start + rows; row++) {
      if (column.missing?.[row] === 0) this.#addFull(column, row, 1);
      else this.#addMissing(1);
    }
  }

  /** The same for every full page, so made once. */
  #fullLevels(rows: number): Levels {
    if (this.#full?.rows !== rows) this.#full = { rows, levels: fullListLevels(rows, this.#dimension) };
    return this.#full.levels;
  }

  #mixedLevels(rows: number): Levels {
    const builder = new LevelsBuilder();
    for (let row = 0; row < rows; row++) {
      if (this.#missing[row] === 0) builder.list(this.#dimension);
      else builder.nullList();
    }
    return builder.take();
  }
}

function isFull(column: DenseColumn, start: number, end: number): boolean {
  return column.missing === undefined || !column.missing.subarray(start, end).includes(1);
}
