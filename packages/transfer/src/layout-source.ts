import type { WriteFailure } from '@vecport/abstractions';
import { keysOf, layoutFaults, type PartSchema } from '@vecport/dataset';
import type { SourceBatch, TransferSource } from './transfer-source.js';

/**
 * The points of a source as another tool's layout has them: named by their key where a field is their key, without the
 * times that the layout does not keep. Those that have no place in it are refused.
 */
export function layoutSource(source: TransferSource, schema: PartSchema, keyField?: string): TransferSource {
  return { read: (options) => inLayout(source.read(options), schema, keyField) };
}

async function* inLayout(
  batches: AsyncIterable<SourceBatch>,
  schema: PartSchema,
  keyField: string | undefined,
): AsyncGenerator<SourceBatch, void, undefined> {
  for await (const batch of batches) {
    const { keys, faults } = keyField === undefined ? { keys: batch.ids, faults: [] } : keysOf(batch, keyField);
    const refused = new Map<number, WriteFailure>(batch.refused);
    const timed = {
      ...batch,
      ids: keys,
      createdAt: schema.createdAt ? batch.createdAt : undefined,
      updatedAt: schema.updatedAt ? batch.updatedAt : undefined,
    };
    for (const [row, reason] of [...faults, ...layoutFaults(schema, timed)]) {
      if (!refused.has(row)) refused.set(row, { id: batch.ids[row] ?? '', code: 'invalid-argument', reason });
    }
    yield refused.size === 0 ? timed : { ...timed, refused };
  }
}
