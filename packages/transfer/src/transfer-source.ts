import type { CallOptions, ExportBatch, Slice, VectorId, WriteFailure } from '@vecport/abstractions';

/** How one slice is read. */
export interface ReadOptions extends CallOptions {
  readonly slice: Slice;
  /** Go on after this cursor of an earlier batch of the same slice. */
  readonly after?: string | undefined;
}

/** Points of a batch that cannot be carried, by row. */
export type RefusedRows = ReadonlyMap<number, WriteFailure>;

/**
 * A batch with what became of its points on the way. It may have no points left where a transform dropped all of
 * them, or none of those asked for by id were there.
 */
export interface SourceBatch extends ExportBatch {
  /** Points the provider gave for it; as many as it has if not said. */
  readonly read?: number | undefined;
  /** Ids that were asked for and were not there. */
  readonly missing?: readonly VectorId[] | undefined;
  /** Points of it that must not be written, by row, each with the reason. Their vectors and metadata mean nothing. */
  readonly refused?: RefusedRows | undefined;
}

/**
 * Where points come from: slices that can be read again, each in the same order as before.
 * Leaving the loop early releases what is held open.
 */
export interface TransferSource {
  read(options: ReadOptions): AsyncIterable<SourceBatch>;
}
