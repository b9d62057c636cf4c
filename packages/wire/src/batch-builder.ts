import type { VectorBatch, VectorId, VectorKind } from '@vecport/abstractions';
import { type ColumnBuilder, columnBuilder, enlarged, type FloatPlace } from './column-builders.js';
import { corrupt } from './corrupt.js';

/** What the columns of a page are. */
export interface BuilderSpec {
  readonly kind: VectorKind;
  /** Floats of a dense vector, or of each vector of a multi-vector. */
  readonly dimension?: number | undefined;
}

const encoder = new TextEncoder();

/**
 * Collects the points of a page into columns, row by row: begin a row, then say what it has. What is not
 * said is missing. A value is copied once, into the column it stays in; `build` hands the columns over,
 * and the builder must not be used after it, unless what was built is not read any more: then `reset`.
 */
export class BatchBuilder {
  #ids: VectorId[] = [];
  readonly #columns: ReadonlyMap<string, ColumnBuilder>;
  #capacity: number;
  #metadata: Uint8Array;
  #metadataEnd = 0;
  #metadataOffsets: Uint32Array;
  #metadataMissing: Uint8Array;
  #anyMetadataMissing = false;
  #createdAt: Float64Array | undefined;
  #updatedAt: Float64Array | undefined;

  constructor(specs: Readonly<Record<string, BuilderSpec>>, capacity = 1000) {
    this.#capacity = Math.max(1, capacity);
    this.#metadata = new Uint8Array(this.#capacity * 128);
    this.#metadataOffsets = new Uint32Array(this.#capacity + 1);
    this.#metadataMissing = new Uint8Array(this.#capacity).fill(1);
    this.#columns = new Map(
      Object.entries(specs).map(([name, { kind, dimension = 0 }]) => [
        name,
        columnBuilder(name, kind, dimension, this.#capacity),
      ]),
    );
  }

  /** Rows begun so far. */
  get rows(): number {
    return this.#ids.length;
  }

  /** Whether there is a column of this name. */
  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Begin a row. @returns its index. */
  row(id: VectorId): number {
    const row = this.#ids.length;
    if (row === this.#capacity) this.#grow();
    this.#ids.push(id);
    this.#metadataOffsets[row + 1] = this.#metadataEnd;
    for (const column of this.#columns.values()) column.begin(row);
    return row;
  }

  /** Say another identifier for the row that was begun last. */
  rename(id: VectorId): void {
    this.#ids[this.#ids.length - 1] = id;
  }

  /** The place of this row's floats in a dense column, all of which must be written. */
  dense(name: string): FloatPlace {
    return this.#column(name, 'dense').dense(this.#ids.length - 1);
  }

  /** This row's floats in a dense column from `length` bytes, little-endian, all of them. @throws VecportError `corrupt-data` for another length. */
  denseBytes(name: string, bytes: Uint8Array, start: number, length: number): void {
    this.#column(name, 'dense').denseBytes(this.#ids.length - 1, bytes, start, length);
  }

  /** This row's sparse vector; its entries are sorted by index. */
  sparse(name: string, indices: Uint32Array, values: Float32Array): void {
    this.#column(name, 'sparse').sparse(this.#ids.length - 1, indices, values);
  }

  /** The place of this row's `vectors` vectors, side by side, all of which must be written. */
  multi(name: string, vectors: number): FloatPlace {
    return this.#column(name, 'multi').multi(this.#ids.length - 1, vectors);
  }

  /** Metadata of this row: JSON text, which is copied and not checked. */
  metadata(json: Uint8Array | string): void {
    const bytes = typeof json === 'string' ? encoder.encode(json) : json;
    const end = this.#metadataEnd + bytes.length;
    if (end > this.#metadata.length)
      this.#metadata = enlarged(this.#metadata, Math.max(end, this.#metadata.length * 2));
    this.#metadata.set(bytes, this.#metadataEnd);
    this.#metadataEnd = end;
    const row = this.#ids.length - 1;
    this.#metadataOffsets[row + 1] = end;
    this.#metadataMissing[row] = 0;
  }

  /** When this row was created and last changed, in milliseconds since 1970. */
  times(createdAt: number | undefined, updatedAt: number | undefined): void {
    const row = this.#ids.length - 1;
    this.#createdAt ??= new Float64Array(this.#capacity).fill(Number.NaN);
    this.#updatedAt ??= new Float64Array(this.#capacity).fill(Number.NaN);
    this.#createdAt[row] = createdAt ?? Number.NaN;
    this.#updatedAt[row] = updatedAt ?? Number.NaN;
  }

  /** The columns. */
  build(): VectorBatch {
    const rows = this.#ids.length;
    const missing = this.#metadataMissing.subarray(0, rows);
    this.#anyMetadataMissing = missing.includes(1);
    return {
      ids: this.#ids,
      vectors: Object.fromEntries(Array.from(this.#columns, ([name, column]) => [name, column.build(rows)])),
      metadata: {
        bytes: this.#metadata.subarray(0, this.#metadataEnd),
        offsets: this.#metadataOffsets.subarray(0, rows + 1),
        ...(this.#anyMetadataMissing ? { missing } : {}),
      },
      ...(this.#createdAt && { createdAt: this.#createdAt.subarray(0, rows) }),
      ...(this.#updatedAt && { updatedAt: this.#updatedAt.subarray(0, rows) }),
    };
  }

  /** Begin anew in the same memory: what was built before is overwritten. */
  reset(): void {
    this.#ids = [];
    this.#metadataEnd = 0;
    this.#metadataMissing.fill(1);
    this.#createdAt = undefined;
    this.#updatedAt = undefined;
    for (const column of this.#columns.values()) column.reset();
  }

  #column(name: string, kind: VectorKind): ColumnBuilder {
    const column = this.#columns.get(name);
    if (column === undefined) throw corrupt(`has a vector '${name}', which the collection's description has not`);
    if (column.kind !== kind) throw corrupt(`has a ${kind} vector '${name}'; the collection says it is ${column.kind}`);
    return column;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    this.#metadataOffsets = enlarged(this.#metadataOffsets, capacity + 1);
    this.#metadataMissing = enlarged(this.#metadataMissing, capacity).fill(1, this.#capacity);
    if (this.#createdAt) this.#createdAt = enlarged(this.#createdAt, capacity).fill(Number.NaN, this.#capacity);
    if (this.#updatedAt) this.#updatedAt = enlarged(this.#updatedAt, capacity).fill(Number.NaN, this.#capacity);
    for (const column of this.#columns.values()) column.grow(capacity);
    this.#capacity = capacity;
  }
}
