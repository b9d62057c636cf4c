import type { IVectorSearchRepository, WriteFailure } from '@vecport/abstractions';
import type { TransferSink } from './transfer-sink.js';

/** Refused points that are kept with their reasons; more are counted only. */
export const KEPT_FAILURES = 1000;

/** What was written of a part. */
export interface WriteReceipt {
  readonly accepted: number;
  /** How many points the provider refused. */
  readonly refused: number;
  /** The first of them, with their reasons. */
  readonly failed: readonly WriteFailure[];
}

/**
 * A repository as a sink. Upserts replace by id, so writing a part again is harmless; an aborted
 * part leaves the points that were written. Points the provider refuses are counted in the
 * receipt.
 */
export function repositorySink(repository: IVectorSearchRepository): TransferSink<WriteReceipt> {
  return {
    open: async (_place, { signal }) => {
      let accepted = 0;
      let refused = 0;
      const failed: WriteFailure[] = [];
      return {
        write: async (batch) => {
          const report = await repository.upsertMany(batch, { signal });
          accepted += report.accepted;
          refused += report.failed.length;
          failed.push(...report.failed.slice(0, KEPT_FAILURES - failed.length));
        },
        commit: async () => ({ accepted, refused, failed }),
        abort: async () => {},
      };
    },
  };
}
