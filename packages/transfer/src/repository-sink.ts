import { ERROR_CODES, type IVectorSearchRepository, type WriteFailure } from '@vecport/abstractions';
import { type ContentDigest, createDigest, digestSchema } from '@vecport/dataset';
import { z } from 'zod';
import { retrying } from './backoff.js';
import type { PartPlace, TransferSink } from './transfer-sink.js';

/** Refused points that are kept with their reasons; more are counted only. */
export const KEPT_FAILURES = 1000;

const receiptSchema = z.object({
  accepted: z.int().nonnegative(),
  refused: z.int().nonnegative(),
  failed: z.array(z.object({ id: z.string(), code: z.enum(ERROR_CODES), reason: z.string() })),
  digest: digestSchema,
});

/** What was written of a part. */
export interface WriteReceipt {
  readonly accepted: number;
  /** How many points the provider refused, or the source could not carry. */
  readonly refused: number;
  /** The first of them, with their reasons. */
  readonly failed: readonly WriteFailure[];
  /** Of all points that were given to the provider, those that it refused included. */
  readonly digest: ContentDigest;
}

/** Whether a value read from a checkpoint is a receipt. */
export function isWriteReceipt(value: unknown): value is WriteReceipt {
  return receiptSchema.safeParse(value).success;
}

/** Given all refused points of a part, or none, before it is committed; a part that is written again gives them again. */
export type RefusedListener = (place: PartPlace, failures: readonly WriteFailure[]) => Promise<void>;

/**
 * A repository as a sink. Upserts replace by id, so writing a part again is harmless, and so is a write that is tried
 * again because the provider was busy; an aborted part leaves the points that were written. Points the provider
 * refuses are counted in the receipt.
 */
export function repositorySink(
  repository: IVectorSearchRepository,
  onRefused?: RefusedListener,
): TransferSink<WriteReceipt> {
  return {
    open: async (place, { signal }) => {
      let accepted = 0;
      let refused = 0;
      const failed: WriteFailure[] = [];
      const all: WriteFailure[] = [];
      const digest = createDigest();
      const note = (failures: readonly WriteFailure[]): void => {
        refused += failures.length;
        if (onRefused !== undefined) all.push(...failures);
        failed.push(...failures.slice(0, KEPT_FAILURES - failed.length));
      };
      return {
        write: async (batch, before = []) => {
          note(before);
          if (batch.ids.length === 0) return;
          const report = await retrying(async () => repository.upsertMany(batch, { signal }), {}, signal);
          digest.add(batch);
          accepted += report.accepted;
          note(report.failed);
        },
        commit: async () => {
          await onRefused?.(place, all);
          return { accepted, refused, failed, digest: digest.value() };
        },
        abort: async () => {},
      };
    },
  };
}
