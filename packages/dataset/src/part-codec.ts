import type { VectorBatch, VectorKind } from '@vecport/abstractions';
import type { OtherLayout } from './layouts/layout.js';

/** How a vector column of a part looks in the file. */
export interface PartVector {
  readonly kind: VectorKind;
  /** Of dense and multi vectors; it may be absent for a collection that has never seen one. */
  readonly dimension?: number | undefined;
}

/** The columns of a part. Fixed before its first row. */
export interface PartSchema {
  readonly vectors: Readonly<Record<string, PartVector>>;
  readonly createdAt: boolean;
  readonly updatedAt: boolean;
  /** Whose columns they are, where they are not our own. */
  readonly layout?: OtherLayout | undefined;
  /** What every row says in the column `class_name` of the layout `weaviate`. */
  readonly className?: string | undefined;
}

/** What a finished part holds. */
export interface PartSummary {
  readonly rows: number;
  readonly bytes: number;
  /** Smallest and largest id by UTF-8 bytes; absent in a part without rows. */
  readonly minId?: string | undefined;
  readonly maxId?: string | undefined;
  /** Of a part in NDJSON. */
  readonly lines?: PartLines | undefined;
}

/** What a part in NDJSON does not say itself, and a reader relies on. */
export interface PartLines {
  readonly schema: PartSchema;
  /** Bytes of all lines, and of the longest, each with its line feed, before compression. */
  readonly bytes: number;
  readonly longest: number;
}

/**
 * Writes one part file. The bytes depend on the rows, the schema and the options alone, not on how
 * the rows were cut into batches.
 */
export interface PartWriter {
  /** Rows so far. */
  readonly rows: number;
  /**
   * Append. The batch may be reused when it resolves.
   * @throws VecportError `dimension-mismatch` or `invalid-argument` when it does not fit the schema.
   */
  write(batch: VectorBatch): Promise<void>;
  /** Write what is left and the footer. */
  finish(): Promise<PartSummary>;
}

/** Where a part writer puts bytes, in order. The buffers may be reused when the promise resolves. */
export type ByteSink = (chunks: readonly Uint8Array[]) => Promise<void>;

/** Random access to a finished part. */
export interface ByteSource {
  readonly size: number;
  /** Bytes `start .. end`, `end` exclusive. */
  read(start: number, end: number): Promise<Uint8Array>;
}
