import { VecportError } from './errors.js';
import type { MetadataColumn } from './metadata-column.js';
import type { VectorBatch } from './vector-batch.js';
import type { MissingRows, VectorColumn } from './vector-column.js';

/**
 * The points of batches that have the same columns, one after the other, as one batch. Copies unless
 * there is one.
 * @throws VecportError `invalid-argument` for no batches, or vectors that are not alike in all of them.
 */
export function joinBatches(batches: readonly VectorBatch[]): VectorBatch {
  const [first] = batches;
  if (first === undefined) throw new VecportError('invalid-argument', 'There are no batches to join.');
  if (batches.length === 1) return first;
  const rows = batches.map(({ ids }) => ids.length);
  return {
    ids: batches.flatMap(({ ids }) => ids),
    vectors: Object.fromEntries(
      Object.keys(first.vectors).map((name) => [
        name,
        joinColumns(
          name,
          batches.map(({ vectors }) => vectors[name]),
          rows,
        ),
      ]),
    ),
    metadata: joinMetadata(
      batches.map(({ metadata }) => metadata),
      rows,
    ),
    createdAt: joinTimes(batches.map(({ createdAt }) => createdAt)),
    updatedAt: joinTimes(batches.map(({ updatedAt }) => updatedAt)),
  };
}

function joinColumns(
  name: string,
  columns: readonly (VectorColumn | undefined)[],
  rows: readonly number[],
): VectorColumn {
  const [first] = columns;
  const same = columns.flatMap((column) => (column !== undefined && isAlike(column, first) ? [column] : []));
  if (first === undefined || same.length < columns.length) {
    throw new VecportError('invalid-argument', `The vector '${name}' is not the same in all batches.`);
  }
  const missing = joinMissing(
    same.map((column) => column.missing),
    rows,
  );
  const values = joinFloats(same.map((column, at) => usedValues(column, rows[at] ?? 0)));
  if (first.kind === 'dense') return { kind: 'dense', dimension: first.dimension, values, missing };
  const offsets = joinOffsets(same.map((column) => (column.kind === 'dense' ? new Uint32Array(1) : column.offsets)));
  if (first.kind === 'multi') return { kind: 'multi', dimension: first.dimension, offsets, values, missing };
  return { kind: 'sparse', offsets, indices: joinIndices(same), values, missing };
}

function isAlike(column: VectorColumn, other: VectorColumn | undefined): boolean {
  if (column.kind === 'sparse' || other?.kind === 'sparse') return column.kind === other?.kind;
  return column.kind === other?.kind && column.dimension === other.dimension;
}

/** The floats that the rows refer to: a column may be a view into a larger one. */
function usedValues(column: VectorColumn, rows: number): Float32Array {
  if (column.kind === 'dense') return column.values.subarray(0, rows * column.dimension);
  const width = column.kind === 'multi' ? column.dimension : 1;
  return column.values.subarray((column.offsets[0] ?? 0) * width, (column.offsets[rows] ?? 0) * width);
}

function joinIndices(columns: readonly VectorColumn[]): Uint32Array {
  const used = columns.flatMap((column) =>
    column.kind === 'sparse' ? [column.indices.subarray(column.offsets[0] ?? 0, column.offsets.at(-1) ?? 0)] : [],
  );
  const joined = new Uint32Array(used.reduce((sum, part) => sum + part.length, 0));
  fill(joined, used);
  return joined;
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  fill(joined, parts);
  return joined;
}

function fill<T extends Float32Array | Uint32Array>(target: T, parts: readonly T[]): void {
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
}

function joinMetadata(columns: readonly MetadataColumn[], rows: readonly number[]): MetadataColumn {
  return {
    bytes: Buffer.concat(columns.map(({ bytes, offsets }) => bytes.subarray(offsets[0] ?? 0, offsets.at(-1) ?? 0))),
    offsets: joinOffsets(columns.map(({ offsets }) => offsets)),
    missing: joinMissing(
      columns.map(({ missing }) => missing),
      rows,
    ),
  };
}

/** Offsets into the joined values; those of a batch may begin anywhere. */
function joinOffsets(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, part) => sum + part.length - 1, 1));
  let row = 0;
  for (const part of parts) {
    const base = (joined[row] ?? 0) - (part[0] ?? 0);
    for (const end of part.subarray(1)) joined[++row] = base + end;
  }
  return joined;
}

function joinMissing(parts: readonly (MissingRows | undefined)[], rows: readonly number[]): MissingRows | undefined {
  if (parts.every((part) => part === undefined)) return undefined;
  return Buffer.concat(rows.map((count, at) => parts[at] ?? new Uint8Array(count)));
}

function joinTimes(parts: readonly (Float64Array | undefined)[]): Float64Array | undefined {
  if (parts.some((part) => part === undefined)) return undefined;
  return Float64Array.from(parts.flatMap((part) => [...(part ?? [])]));
}
