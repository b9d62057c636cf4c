import type { IVectorSearchRepository, WriteFailure } from '@vecport/abstractions';
import type { TransferSink } from './transfer-sink.js';

/** What was written of a part. */
export interface WriteReceipt {
  readonly accepted: number;
  readonly failed: readonly WriteFailure[];
}

/**
 * A repository as a sink. Upserts replace by id, so writing a part again is harmless; an aborted
 * part leaves the points that were written. Points the provider refuses are in the receipt.
 */
export function repositorySink(repository: IVectorSearchRepository): TransferSink<WriteReceipt> {
  return {
    open: async (_place, { signal }) => {
      let accepted = 0;
      const failed: WriteFailure[] = [];
      return {
        write: async (batch) => {
          const report = await repository.upsertMany(batch, { signal });
          accepted += report.accepted;
          failed.push(...report.failed);
        },
        commit: async () => ({ accepted, failed }),
        abort: async () => {},
      };
    },
  };
}
