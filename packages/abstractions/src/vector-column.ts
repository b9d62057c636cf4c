/** The three shapes a vector can have. */
export type VectorKind = 'dense' | 'sparse' | 'multi';

/**
 * One byte a row: 1 where the row has no value, 0 where it has one. `undefined` stands for
 * "every row has one".
 */
export type MissingRows = Uint8Array;

/**
 * One dense vector a row, side by side: row `i` is `values[i * dimension .. (i + 1) * dimension]`.
 * The floats of a missing row are zero and mean nothing.
 */
export interface DenseColumn {
  readonly kind: 'dense';
  readonly dimension: number;
  readonly values: Float32Array;
  readonly missing?: MissingRows | undefined;
}

/**
 * One sparse vector a row: row `i` has the entries `offsets[i] .. offsets[i + 1]` of `indices` and
 * `values`. `offsets` has one element more than there are rows. Indices ascend within a row.
 */
export interface SparseColumn {
  readonly kind: 'sparse';
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly missing?: MissingRows | undefined;
}

/**
 * Several dense vectors a row (late interaction): row `i` has the vectors
 * `offsets[i] .. offsets[i + 1]`, each of `dimension` floats, counted in vectors.
 */
export interface MultiColumn {
  readonly kind: 'multi';
  readonly dimension: number;
  readonly offsets: Uint32Array;
  readonly values: Float32Array;
  readonly missing?: MissingRows | undefined;
}

/** The vectors of one name, for all rows of a batch. */
export type VectorColumn = DenseColumn | SparseColumn | MultiColumn;

/** A sparse vector by itself: `values[i]` stands at `indices[i]`, indices ascending. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** One vector of any kind: a dense one, a sparse one, or a list of dense ones. */
export type VectorValue = Float32Array | SparseVector | readonly Float32Array[];

/** The name of a vector that has none in its provider. */
export const DEFAULT_VECTOR = 'default';

/** Whether row `row` of a column has a vector. */
export function hasVector(column: VectorColumn, row: number): boolean {
  return column.missing === undefined || column.missing[row] === 0;
}

/** Row `row` as a view into the column (no copy), or `undefined` where it is missing. */
export function vectorAt(column: VectorColumn, row: number): VectorValue | undefined {
  if (!hasVector(column, row)) return undefined;
  switch (column.kind) {
    case 'dense':
      return column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
    case 'sparse': {
      const [start, end] = rowRange(column.offsets, row);
      return { indices: column.indices.subarray(start, end), values: column.values.subarray(start, end) };
    }
    case 'multi': {
      const [start, end] = rowRange(column.offsets, row);
      return Array.from({ length: end - start }, (_, i) =>
        column.values.subarray((start + i) * column.dimension, (start + i + 1) * column.dimension),
      );
    }
  }
}

/** Rows a column holds; none for a dense column of no dimension, where it cannot be told. */
export function columnRows(column: VectorColumn): number {
  if (column.kind === 'dense')
    return column.missing?.length ?? (column.dimension === 0 ? 0 : column.values.length / column.dimension);
  return column.offsets.length - 1;
}

/** The half-open range of a row in an offsets array. */
export function rowRange(offsets: Uint32Array, row: number): readonly [start: number, end: number] {
  return [offsets[row] ?? 0, offsets[row + 1] ?? 0];
}
