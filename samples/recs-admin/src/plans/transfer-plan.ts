import type { Loss } from '@vecport/transfer';

/** A vector of a collection, as far as a plan shows it. */
export interface PlannedVector {
  readonly name: string;
  readonly kind: string;
  readonly dimension?: number | undefined;
  readonly metric?: string | undefined;
}

/** What would be done with one collection. */
export interface PlannedCollection {
  readonly name: string;
  /** Its name where it goes. */
  readonly target: string;
  /** Absent where the source cannot count. */
  readonly points?: number | undefined;
  readonly vectors: readonly PlannedVector[];
  readonly embeddingModel?: string | undefined;
  /** Parts that are written or read; absent where there are none, or nobody knows. */
  readonly parts?: number | undefined;
  /** Bytes of the parts that are read; or, of a collection, an estimate of its columns before compression. */
  readonly bytes?: number | undefined;
  /** Estimate of the time it takes; absent where nothing is known to estimate by. */
  readonly milliseconds?: number | undefined;
  /** What the target cannot keep. */
  readonly losses: readonly Loss[];
  /** What else is to be known, one sentence each. */
  readonly notes: readonly string[];
}

/** What an export, an import or a migration would do. Nothing is changed by planning. */
export interface TransferPlan {
  /** Where points are read, without secrets. */
  readonly from: string;
  /** Where they go, without secrets. */
  readonly to: string;
  readonly collections: readonly PlannedCollection[];
  /** What is to be known of it as a whole, one sentence each. */
  readonly notes: readonly string[];
  /** Why it would be refused, one sentence each; empty when it can be started. */
  readonly obstacles: readonly string[];
}
