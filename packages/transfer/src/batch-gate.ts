import { batchBytes } from '@vecport/abstractions';
import type { ByteBudget } from './byte-budget.js';
import type { RateLimiter } from './rate-limiter.js';
import type { ReadGate } from './read-ahead.js';
import type { SourceBatch } from './transfer-source.js';

/** What all slices of a run share. */
export interface SharedLimits {
  readonly budget?: ByteBudget | undefined;
  readonly limiter?: RateLimiter | undefined;
}

/** What a page is taken for before the first one came. */
export interface ExpectedPage {
  readonly rows: number;
  readonly bytes: number;
}

/**
 * The gate of one slice: a page is asked for when there is room for one like the last, and a turn to read it. Room is
 * held until the batch is written.
 */
export function batchGate({ budget, limiter }: SharedLimits, first: ExpectedPage): ReadGate<SourceBatch> {
  let expected = first;
  return {
    enter: async (signal) => {
      const { rows, bytes } = expected;
      const room = await budget?.reserve(bytes, signal);
      try {
        await limiter?.turn(rows, signal);
      } catch (error) {
        room?.release();
        throw error;
      }
      return {
        arrived: (batch) => {
          const read = batch === undefined ? 0 : (batch.read ?? batch.ids.length);
          limiter?.correct(read - rows);
          if (batch === undefined) return;
          expected = { rows: Math.max(1, read), bytes: batchBytes(batch) };
          room?.resize(expected.bytes);
        },
        done: () => room?.release(),
      };
    },
  };
}
