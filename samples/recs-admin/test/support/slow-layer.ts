import type { ExportBatch, ExportOptions } from '@vecport/abstractions';
import type { RepositoryLayer } from '@vecport/core';

/** How a reading that never ends by itself goes on. */
export interface SlowReading {
  /** Resolves when the first batch was read. */
  readonly begun: Promise<void>;
  batches: number;
  closed: boolean;
}

/** A layer whose exports stop after their first batch until they are aborted. */
export function slowLayer(): { readonly layer: RepositoryLayer; readonly reading: SlowReading } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const reading: SlowReading = { begun: promise, batches: 0, closed: false };
  const layer: RepositoryLayer = ({ exportAll, ...rest }) => {
    if (exportAll === undefined) return rest;
    const stalling = async function* (options: ExportOptions = {}): AsyncGenerator<ExportBatch> {
      const { signal } = options;
      try {
        for await (const batch of exportAll(options)) {
          reading.batches += 1;
          yield batch;
          resolve();
          await new Promise((stop) => signal?.addEventListener('abort', stop));
        }
      } finally {
        reading.closed = true;
      }
    };
    return { ...rest, exportAll: stalling };
  };
  return { layer, reading };
}
