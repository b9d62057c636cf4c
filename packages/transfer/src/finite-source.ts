import { rowRange, type VectorColumn, type WriteFailure } from '@vecport/abstractions';
import type { SourceBatch, TransferSource } from './transfer-source.js';

/** The same points, of which those are refused that have a vector with a number that is infinite or none (NaN). */
export function finiteSource(source: TransferSource): TransferSource {
  return { read: (options) => refuseNonFinite(source.read(options)) };
}

async function* refuseNonFinite(batches: AsyncIterable<SourceBatch>): AsyncGenerator<SourceBatch, void, undefined> {
  for await (const batch of batches) {
    const refused = new Map<number, WriteFailure>(batch.refused);
    for (const [name, column] of Object.entries(batch.vectors)) {
      if (allFinite(column.values)) continue;
      for (const [row, id] of batch.ids.entries()) {
        const value = valuesAt(column, row).find((number) => !Number.isFinite(number));
        if (value === undefined || refused.has(row)) continue;
        refused.set(row, { id, code: 'invalid-argument', reason: `The vector '${name}' has the number ${value}.` });
      }
    }
    yield refused.size === 0 ? batch : { ...batch, refused };
  }
}

/** A sum is as finite as its terms, and doubles have room for all sums of floats. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (const value of values) sum += value;
  return Number.isFinite(sum);
}

function valuesAt(column: VectorColumn, row: number): Float32Array {
  if (column.kind === 'dense') return column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
  const [start, end] = rowRange(column.offsets, row);
  const width = column.kind === 'sparse' ? 1 : column.dimension;
  return column.values.subarray(start * width, end * width);
}
