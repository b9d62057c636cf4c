import {
  rowRange,
  selectRows,
  VecportError,
  type VectorBatch,
  type VectorColumn,
  type VectorId,
} from '@vecport/abstractions';
import type { Digest } from './digest.js';
import { MAX_ROW_BYTES } from './parquet/format.js';

/** Told of a point that cannot be carried, and why. */
export type RefusedListener = (id: VectorId, error: VecportError) => void;

/**
 * Take a batch into a digest, but for the points that no part can carry: metadata that is not JSON in UTF-8, an id that
 * is not text in UTF-8, a value that is larger than a row may be. Gives the batch without them.
 */
export function takeCarriable(batch: VectorBatch, digest: Digest, onRefused: RefusedListener): VectorBatch {
  const refused = new Set<number>();
  const fits = keepFitting(batch, onRefused);
  digest.add(fits, (row, error) => {
    refused.add(row);
    onRefused(fits.ids[row] ?? '', error);
  });
  return without(fits, refused);
}

function keepFitting(batch: VectorBatch, onRefused: RefusedListener): VectorBatch {
  const refused = new Set<number>();
  for (let row = 0; row < batch.ids.length; row++) {
    const bytes = largestValue(batch, row);
    if (bytes <= MAX_ROW_BYTES) continue;
    refused.add(row);
    const id = batch.ids[row] ?? '';
    onRefused(
      id,
      new VecportError('invalid-argument', `A value of the point has ${bytes} bytes; a part holds ${MAX_ROW_BYTES}.`),
    );
  }
  return without(batch, refused);
}

function largestValue({ ids, metadata, vectors }: VectorBatch, row: number): number {
  const [start, end] = rowRange(metadata.offsets, row);
  let largest = Math.max(end - start, (ids[row] ?? '').length * 4);
  for (const column of Object.values(vectors)) largest = Math.max(largest, vectorBytes(column, row));
  return largest;
}

/** Of a dense column all rows have the size that its schema says. */
function vectorBytes(column: VectorColumn, row: number): number {
  if (column.kind === 'dense') return 0;
  const [start, end] = rowRange(column.offsets, row);
  return (end - start) * 4 * (column.kind === 'sparse' ? 1 : column.dimension);
}

function without(batch: VectorBatch, refused: ReadonlySet<number>): VectorBatch {
  if (refused.size === 0) return batch;
  return selectRows(
    batch,
    batch.ids.flatMap((_, row) => (refused.has(row) ? [] : row)),
  );
}
