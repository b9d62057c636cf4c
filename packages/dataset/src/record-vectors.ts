import { hasVector, rowRange, VecportError, type VectorBatch, type VectorColumn } from '@vecport/abstractions';
import { bytesOf } from './bytes-of.js';
import type { RecordBuffer } from './record-buffer.js';

const KINDS = { dense: 0, sparse: 1, multi: 2 } as const;

/** A vector column of a batch, ready to be hashed row by row. */
export interface VectorPlan {
  readonly column: VectorColumn;
  /** Length-prefixed name and the byte of the kind. */
  readonly head: Uint8Array;
  /** The column's floats as bytes. */
  readonly values: Uint8Array;
}

/**
 * The vector columns of a batch by the UTF-8 bytes of their names.
 * @throws VecportError `invalid-argument` when one does not have as many rows as there are ids.
 */
export function vectorPlans(batch: VectorBatch): readonly VectorPlan[] {
  return Object.entries(batch.vectors)
    .map(([name, column]) => ({ name: Buffer.from(name), column: withRows(column, batch.ids.length, name) }))
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map(({ name, column }) => ({ column, head: headOf(name, column), values: bytesOf(column.values) }));
}

/** Put the vector of a row: name, kind, sizes, numbers. A missing one puts nothing. */
export function putVectors(buffer: RecordBuffer, { column, head, values }: VectorPlan, row: number): void {
  if (!hasVector(column, row)) return;
  buffer.putBytes(head);
  if (column.kind === 'dense') {
    const size = column.dimension * 4;
    buffer.putUint32(column.dimension);
    buffer.putBytes(values.subarray(row * size, (row + 1) * size));
    return;
  }
  const [start, end] = rowRange(column.offsets, row);
  if (column.kind === 'sparse') {
    buffer.putUint32(end - start);
    buffer.putBytes(bytesOf(column.indices).subarray(start * 4, end * 4));
    buffer.putBytes(values.subarray(start * 4, end * 4));
    return;
  }
  const size = column.dimension * 4;
  buffer.putUint32(column.dimension);
  buffer.putUint32(end - start);
  buffer.putBytes(values.subarray(start * size, end * size));
}

function headOf(name: Buffer, column: VectorColumn): Uint8Array {
  const head = Buffer.alloc(4 + name.length + 1);
  head.writeUInt32LE(name.length, 0);
  head.set(name, 4);
  head[4 + name.length] = KINDS[column.kind];
  return head;
}

function withRows(column: VectorColumn, rows: number, name: string): VectorColumn {
  const fits =
    column.kind === 'dense' ? column.values.length === rows * column.dimension : column.offsets.length === rows + 1;
  if (fits && (column.missing === undefined || column.missing.length === rows)) return column;
  throw new VecportError(
    'invalid-argument',
    `The column of the vector '${name}' does not have ${rows} rows, as the ids have.`,
  );
}
