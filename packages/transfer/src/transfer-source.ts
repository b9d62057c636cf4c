import type { CallOptions, ExportBatch, Slice } from '@vecport/abstractions';

/** How one slice is read. */
export interface ReadOptions extends CallOptions {
  readonly slice: Slice;
  /** Go on after this cursor of an earlier batch of the same slice. */
  readonly after?: string | undefined;
}

/**
 * Where points come from: slices that can be read again, each in the same order as before.
 * A batch is never empty; leaving the loop early releases what is held open.
 */
export interface TransferSource {
  read(options: ReadOptions): AsyncIterable<ExportBatch>;
}
