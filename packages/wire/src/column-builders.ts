import type { MissingRows, VectorColumn, VectorKind } from '@vecport/abstractions';
import { corrupt } from './corrupt.js';

/** A place for floats: write from `offset` on. */
export interface FloatPlace {
  readonly values: Float32Array;
  readonly offset: number;
}

/** Collects the vectors of one name, row by row. A call for another kind of vector throws `corrupt-data`. */
export interface ColumnBuilder {
  readonly kind: VectorKind;
  begin(row: number): void;
  dense(row: number): FloatPlace;
  denseBytes(row: number, bytes: Uint8Array, start: number, length: number): void;
  sparse(row: number, indices: Uint32Array, values: Float32Array): void;
  multi(row: number, vectors: number): FloatPlace;
  grow(capacity: number): void;
  build(rows: number): VectorColumn;
  /** Begin anew in the same memory: what was built before is overwritten. */
  reset(): void;
}

/** A builder for a column of this kind with room for `capacity` rows. */
export function columnBuilder(name: string, kind: VectorKind, dimension: number, capacity: number): ColumnBuilder {
  const wrong = (): never => {
    throw corrupt(`has a vector '${name}' that is not ${kind}`);
  };
  const common = { kind, dense: wrong, denseBytes: wrong, sparse: wrong, multi: wrong };
  if (kind === 'dense') return { ...common, ...denseBuilder(name, dimension, capacity) };
  if (kind === 'multi') return { ...common, ...multiBuilder(dimension, capacity) };
  return { ...common, ...sparseBuilder(name, capacity) };
}

type Builder = Pick<ColumnBuilder, 'begin' | 'grow' | 'build' | 'reset'>;

function denseBuilder(
  name: string,
  dimension: number,
  capacity: number,
): Builder & Pick<ColumnBuilder, 'dense' | 'denseBytes'> {
  let values = new Float32Array(capacity * dimension);
  let bytesOfValues = new Uint8Array(values.buffer);
  const rowBytes = dimension * 4;
  const flags = missingFlags(capacity);
  return {
    begin: () => {},
    dense: (row) => {
      flags.present(row);
      return { values, offset: row * dimension };
    },
    denseBytes: (row, bytes, start, length) => {
      if (length !== rowBytes) throw corrupt(`has ${length} bytes where the vector '${name}' has ${rowBytes}`);
      flags.present(row);
      bytesOfValues.set(bytes.subarray(start, start + length), row * rowBytes);
    },
    grow: (larger) => {
      values = enlarged(values, larger * dimension);
      bytesOfValues = new Uint8Array(values.buffer);
      flags.grow(larger);
    },
    build: (rows) => ({
      kind: 'dense',
      dimension,
      values: values.subarray(0, rows * dimension),
      missing: flags.build(rows),
    }),
    reset: flags.reset,
  };
}

function multiBuilder(dimension: number, capacity: number): Builder & Pick<ColumnBuilder, 'multi'> {
  let values = new Float32Array(capacity * dimension);
  let offsets = new Uint32Array(capacity + 1);
  let end = 0;
  const flags = missingFlags(capacity);
  return {
    begin: (row) => {
      offsets[row + 1] = end;
    },
    multi: (row, vectors) => {
      flags.present(row);
      const offset = end * dimension;
      end += vectors;
      offsets[row + 1] = end;
      if (end * dimension > values.length) values = enlarged(values, Math.max(end * dimension, values.length * 2));
      return { values, offset };
    },
    grow: (larger) => {
      offsets = enlarged(offsets, larger + 1);
      flags.grow(larger);
    },
    build: (rows) => ({
      kind: 'multi',
      dimension,
      offsets: offsets.subarray(0, rows + 1),
      values: values.subarray(0, end * dimension),
      missing: flags.build(rows),
    }),
    reset: () => {
      end = 0;
      flags.reset();
    },
  };
}

function sparseBuilder(name: string, capacity: number): Builder & Pick<ColumnBuilder, 'sparse'> {
  let values = new Float32Array(capacity * 16);
  let indices = new Uint32Array(capacity * 16);
  let offsets = new Uint32Array(capacity + 1);
  let end = 0;
  const flags = missingFlags(capacity);
  return {
    begin: (row) => {
      offsets[row + 1] = end;
    },
    sparse: (row, newIndices, newValues) => {
      if (newIndices.length !== newValues.length) {
        throw corrupt(`has ${newIndices.length} indices and ${newValues.length} values in the vector '${name}'`);
      }
      flags.present(row);
      const start = end;
      end += newIndices.length;
      offsets[row + 1] = end;
      if (end > values.length) {
        values = enlarged(values, Math.max(end, values.length * 2));
        indices = enlarged(indices, values.length);
      }
      const order = ascending(newIndices, name);
      for (let i = 0; i < newIndices.length; i++) {
        const from = order === undefined ? i : (order[i] ?? 0);
        indices[start + i] = newIndices[from] ?? 0;
        values[start + i] = newValues[from] ?? 0;
      }
    },
    grow: (larger) => {
      offsets = enlarged(offsets, larger + 1);
      flags.grow(larger);
    },
    build: (rows) => ({
      kind: 'sparse',
      offsets: offsets.subarray(0, rows + 1),
      indices: indices.subarray(0, end),
      values: values.subarray(0, end),
      missing: flags.build(rows),
    }),
    reset: () => {
      end = 0;
      flags.reset();
    },
  };
}

/** The order that sorts the indices, or `undefined` where they ascend already. */
function ascending(indices: Uint32Array, name: string): Uint32Array | undefined {
  let sorted = true;
  for (let i = 1; i < indices.length && sorted; i++) sorted = (indices[i] ?? 0) > (indices[i - 1] ?? 0);
  if (sorted) return undefined;
  const order = Uint32Array.from(indices, (_, i) => i).sort((a, b) => (indices[a] ?? 0) - (indices[b] ?? 0));
  for (let i = 1; i < order.length; i++) {
    if (indices[order[i] ?? 0] === indices[order[i - 1] ?? 0]) {
      throw corrupt(`has the index ${indices[order[i] ?? 0]} twice in the vector '${name}'`);
    }
  }
  return order;
}

interface MissingFlags {
  present(row: number): void;
  grow(capacity: number): void;
  build(rows: number): MissingRows | undefined;
  reset(): void;
}

function missingFlags(capacity: number): MissingFlags {
  let missing = new Uint8Array(capacity).fill(1);
  return {
    present: (row: number): void => {
      missing[row] = 0;
    },
    grow: (larger: number): void => {
      missing = enlarged(missing, larger).fill(1, missing.length);
    },
    build: (rows: number): MissingRows | undefined => {
      const used = missing.subarray(0, rows);
      return used.includes(1) ? used : undefined;
    },
    reset: (): void => {
      missing.fill(1);
    },
  };
}

type Growable = Uint8Array | Uint32Array | Float32Array | Float64Array;

/** A longer copy, filled up with zeros. */
export function enlarged<T extends Growable>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  (larger as { set(from: ArrayLike<number>): void }).set(array);
  return larger;
}
