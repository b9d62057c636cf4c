import { batchBytes, type VectorBatch } from '@vecport/abstractions';
import type { RetryNote } from './backoff.js';
import type { ExportRun } from './export-run.js';
import { createProgressMeter } from './progress.js';

/** Tells listeners, events and telemetry how far one collection is. */
export interface ProgressReporter {
  /** Points were given to be written. */
  add(batch: VectorBatch): void;
  /** So many points of an earlier run are kept. */
  addEarlier(rows: number): void;
  /** So many points are read again, as their parts were dropped. */
  drop(rows: number): void;
  retry(note: RetryNote): void;
  readonly retries: number;
}

/** A reporter for a collection of which `total` points are expected. */
export function createProgressReporter(
  collection: string,
  total: number | undefined,
  { onProgress, onEvent, telemetry }: Pick<ExportRun, 'onProgress' | 'onEvent' | 'telemetry'>,
): ProgressReporter {
  const meter = createProgressMeter();
  const attributes = { 'vecport.collection': collection };
  let done = 0;
  let bytes = 0;
  let retries = 0;
  const report = (): void => {
    const progress = { phase: 'read', collection, done, total, bytes, retries } as const;
    onProgress?.(progress);
    const { phase: _read, ...rest } = progress;
    onEvent({ type: 'progress', ...rest, ...meter(progress) });
  };
  return {
    add: (batch) => {
      const size = batchBytes(batch);
      done += batch.ids.length;
      bytes += size;
      telemetry.count('points', batch.ids.length, attributes);
      telemetry.count('bytes', size, attributes);
      report();
    },
    addEarlier: (rows) => {
      if (rows === 0) return;
      done += rows;
      report();
    },
    drop: (rows) => {
      done -= rows;
    },
    retry: (note) => {
      retries++;
      telemetry.count('retries', 1, attributes);
      onEvent({ type: 'retry', collection, ...note });
      report();
    },
    get retries() {
      return retries;
    },
  };
}
