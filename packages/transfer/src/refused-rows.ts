import { selectRows, type WriteFailure } from '@vecport/abstractions';
import type { RefusedRows, SourceBatch } from './transfer-source.js';

/** The points of a batch that can be carried. */
export function carriedPoints(batch: SourceBatch): SourceBatch {
  const { refused } = batch;
  if (refused === undefined || refused.size === 0) return batch;
  const rows = batch.ids.flatMap((_, row) => (refused.has(row) ? [] : row));
  return { ...batch, ...selectRows(batch, rows), refused: undefined };
}

/** The refused points of batches that become one. */
export function joinRefused(batches: readonly SourceBatch[]): RefusedRows {
  const all = new Map<number, WriteFailure>();
  let before = 0;
  for (const { ids, refused } of batches) {
    for (const [row, failure] of refused ?? []) all.set(before + row, failure);
    before += ids.length;
  }
  return all;
}
