import { batchBytes, sliceBatch, type VectorBatch } from '@vecport/abstractions';

/** The limits of one write request. */
export interface WriteLimits {
  readonly maxWritePoints: number;
  readonly maxWriteBytes: number;
}

/**
 * Parts of a batch within the limits, in its order, as views. A single point that is too large by
 * itself is a part of its own. Bytes are those of the columns, see `batchBytes`.
 */
export function* splitBatch(batch: VectorBatch, limits: WriteLimits): Generator<VectorBatch, void, undefined> {
  const rows = batch.ids.length;
  for (let start = 0; start < rows; start += limits.maxWritePoints) {
    yield* halve(sliceBatch(batch, start, Math.min(start + limits.maxWritePoints, rows)), limits.maxWriteBytes);
  }
}

function* halve(batch: VectorBatch, maxBytes: number): Generator<VectorBatch, void, undefined> {
  const rows = batch.ids.length;
  if (rows <= 1 || batchBytes(batch) <= maxBytes) {
    yield batch;
    return;
  }
  const middle = Math.ceil(rows / 2);
  yield* halve(sliceBatch(batch, 0, middle), maxBytes);
  yield* halve(sliceBatch(batch, middle, rows), maxBytes);
}
