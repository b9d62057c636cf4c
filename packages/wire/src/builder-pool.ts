import { BatchBuilder, type BuilderSpec } from './batch-builder.js';

/** More are in use at once by nobody who gives them back. */
const MOST_FREE = 4;

/** Builders for the pages of one collection whose memory is used again. */
export interface BuilderPool {
  /** A builder without rows. */
  take(): BatchBuilder;
  /** Give a builder back: nothing of what it built is read any more. */
  give(builder: BatchBuilder): void;
}

/** A pool of builders for these columns; new ones have room for `capacity` rows. */
export function builderPool(specs: Readonly<Record<string, BuilderSpec>>, capacity?: number): BuilderPool {
  const free: BatchBuilder[] = [];
  return {
    take: () => free.pop() ?? new BatchBuilder(specs, capacity),
    give: (builder) => {
      if (free.length >= MOST_FREE) return;
      builder.reset();
      free.push(builder);
    },
  };
}
