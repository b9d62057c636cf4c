import {
  type CollectionDescription,
  columnRows,
  hasVector,
  selectRows,
  VecportError,
  type VectorBatch,
  type VectorColumn,
  type VectorSpec,
  type VectorTraits,
  type WriteFailure,
} from '@vecport/abstractions';
import { describeIdProblem, idProblem } from './check-ids.js';

/** A batch of which nothing is known to be wrong, and the points that were taken out of it. */
export interface CheckedBatch {
  readonly batch: VectorBatch;
  readonly failed: readonly WriteFailure[];
}

/** @throws VecportError `invalid-argument` when the columns of a batch have different numbers of rows. */
export function checkColumns(batch: VectorBatch): void {
  const rows = batch.ids.length;
  const check = (what: string, found: number): void => {
    if (found === rows) return;
    throw new VecportError('invalid-argument', `The batch has ${rows} ids and ${found} rows of ${what}.`);
  };
  for (const [name, column] of Object.entries(batch.vectors)) {
    check(`the vector '${name}'`, rowsOf(column));
    if (column.missing !== undefined) check(`the missing flags of '${name}'`, column.missing.length);
  }
  check('metadata', batch.metadata.offsets.length - 1);
  if (batch.createdAt !== undefined) check('createdAt', batch.createdAt.length);
  if (batch.updatedAt !== undefined) check('updatedAt', batch.updatedAt.length);
}

/** Points with an id that does not fit are taken out; of points with the same id the last stays. */
export function keepWritable(batch: VectorBatch, traits: VectorTraits): CheckedBatch {
  const failed: WriteFailure[] = [];
  const lastRow = new Map<string, number>();
  batch.ids.forEach((id, row) => {
    const problem = idProblem(id, traits);
    if (problem === undefined) lastRow.set(id, row);
    else failed.push({ id, code: 'invalid-argument', reason: describeIdProblem(id, problem) });
  });
  if (lastRow.size === batch.ids.length) return { batch, failed };
  const rows = [...lastRow.values()].sort((a, b) => a - b);
  return { batch: selectRows(batch, rows), failed };
}

/**
 * The batch without columns in which no point has a vector. Empty lists of vectors are kept; where
 * there is nothing else, they take their dimension from the collection.
 * @throws VecportError `invalid-argument` for a vector the collection does not have or has as another
 * kind, `dimension-mismatch`, naming the first point that has it.
 */
export function checkVectors(batch: VectorBatch, description: CollectionDescription): VectorBatch {
  const columns = Object.entries(batch.vectors);
  const present = columns
    .filter(([, column]) => firstRow(column) >= 0)
    .map(([name, column]) => [name, withDimension(column, specOf(description, name))] as const);
  for (const [name, column] of present) {
    checkColumn(name, column, specOf(description, name), batch.ids[firstRow(column)] ?? '');
  }
  return { ...batch, vectors: Object.fromEntries(present) };
}

/** @throws VecportError `invalid-argument`, listing the vectors the collection has. */
export function specOf(description: CollectionDescription, name: string): VectorSpec {
  const spec = Object.hasOwn(description.vectors, name) ? description.vectors[name] : undefined;
  if (spec !== undefined) return spec;
  throw new VecportError('invalid-argument', `The collection has no vector named '${name}'.`, {
    advice: `It has: ${Object.keys(description.vectors).join(', ') || 'none'}.`,
  });
}

function checkColumn(name: string, column: VectorColumn, spec: VectorSpec, id: string): void {
  if (column.kind !== spec.kind) {
    throw new VecportError(
      'invalid-argument',
      `The vector '${name}' of the point '${id}' is ${column.kind}; the collection holds ${spec.kind} ones.`,
    );
  }
  if (column.kind === 'sparse' || spec.dimension === undefined || column.dimension === spec.dimension) return;
  throw new VecportError(
    'dimension-mismatch',
    `The vector '${name}' of the point '${id}' has ${column.dimension} dimensions; the collection has ${spec.dimension}.`,
  );
}

function firstRow(column: VectorColumn): number {
  const rows = columnRows(column);
  for (let row = 0; row < rows; row++) if (hasVector(column, row)) return row;
  return -1;
}

function withDimension(column: VectorColumn, { kind, dimension }: VectorSpec): VectorColumn {
  const isBare = column.kind === 'multi' && kind === 'multi' && column.values.length === 0;
  return isBare && dimension !== undefined ? { ...column, dimension } : column;
}

// Of the floats, not of the missing flags, so that both are checked.
function rowsOf(column: VectorColumn): number {
  if (column.kind !== 'dense') return column.offsets.length - 1;
  return column.dimension === 0 ? columnRows(column) : column.values.length / column.dimension;
}
