import {
  batchFromRecords,
  type IVectorSearchRepository,
  VecportError,
  type VectorBatch,
  type VectorRecord,
  type WriteReport,
} from '@vecport/abstractions';

type BulkWrites = Pick<IVectorSearchRepository, 'upsertMany' | 'deleteMany'>;
type Writes = BulkWrites & Pick<IVectorSearchRepository, 'upsert' | 'delete'>;

/**
 * The four write methods from the two that do the work. A point that was not written is data in the
 * bulk methods and an error in `upsert` and `delete`.
 */
export function writeMethods({ upsertMany, deleteMany }: BulkWrites): Writes {
  return {
    upsertMany,
    deleteMany,
    upsert: async (id, embedding, metadata, options) => {
      throwFailure(await upsertMany([{ id, embedding, metadata }], options));
    },
    delete: async (id, options) => {
      throwFailure(await deleteMany([id], options));
    },
  };
}

/** Columns from what a caller passed: a batch as it is, records as columns. */
export function toBatch(points: VectorBatch | Iterable<VectorRecord>): VectorBatch {
  return Symbol.iterator in points ? batchFromRecords(points) : points;
}

function throwFailure(report: WriteReport): void {
  const failure = report.failed[0];
  if (failure !== undefined) throw new VecportError(failure.code, failure.reason);
}
