import type { MetadataColumn } from './metadata-column.js';
import type { VectorColumn } from './vector-column.js';
import type { VectorId } from './vector-id.js';

/**
 * Points as columns: point `i` is `ids[i]`, row `i` of every vector column and row `i` of the
 * metadata. All columns have `ids.length` rows. Batches are read-only once made; a receiver may keep
 * one, and its buffers are never reused by the sender, unless the receiver itself releases them (see `ExportBatch`).
 */
export interface VectorBatch {
  readonly ids: readonly VectorId[];
  /** Vectors by name; the unnamed vector of a provider is `default`. */
  readonly vectors: Readonly<Record<string, VectorColumn>>;
  readonly metadata: MetadataColumn;
  /** When each point was created, milliseconds since 1970; NaN where unknown. Absent when the provider does not say. */
  readonly createdAt?: Float64Array | undefined;
  /** When each point was last changed, as above. */
  readonly updatedAt?: Float64Array | undefined;
}

/** How far an export is. */
export interface ExportProgress {
  /** Points in this and all earlier batches of this call. */
  readonly exported: number;
  /** Points the call will give in all, where the provider knows. */
  readonly total?: number | undefined;
}

/** A batch of a running export. */
export interface ExportBatch extends VectorBatch {
  /**
   * Opaque position after this batch: `exportAll({ after: cursor })`, with the same other options,
   * goes on with the next point.
   */
  readonly cursor: string;
  readonly progress: ExportProgress;
  /**
   * Says that nothing of the batch is read any more, nor of any view of it: its buffers may then hold another one.
   * Nobody has to call it, nor may it be called twice. Absent where the sender has no use for it.
   */
  readonly release?: (() => void) | undefined;
}
