import type { ElementType, Metric } from './description.js';
import type { FilterOperator } from './filter.js';
import type { VectorKind } from './vector-column.js';
import type { IdKind } from './vector-id.js';

/**
 * What a full read sees while others write.
 * `snapshot`: the state at its start, and again at a later read of the same slice;
 * `point-in-time`: the state at its start, until the provider lets it expire;
 * `scan`: each point as it is when its page is read.
 */
export type Consistency = 'snapshot' | 'point-in-time' | 'scan';

/** Numbers and qualities of a collection of a provider: data only, frozen, printable. */
export interface VectorTraits {
  readonly consistency: Consistency;
  /** The order an export gives. `storage`: the provider's own, stable while nothing is written. */
  readonly order: 'id' | 'storage' | 'none';
  /** The kinds of identifier that can be written, those that are mapped included. */
  readonly idKinds: readonly IdKind[];
  /**
   * Kinds the provider has no place for: such a point is stored under a uuid made from its identifier, which is kept
   * beside it, so that reads give it back and searches, gets and deletes take it.
   */
  readonly mappedIdKinds?: readonly IdKind[] | undefined;
  /** Longest identifier in UTF-8 bytes. */
  readonly maxIdBytes: number;
  /** Which identifiers that are text are refused, point by point, to stand after "identifiers", e.g. `with a line break`. None if absent. */
  readonly refusesIds?: string | undefined;
  readonly maxDimension: number;
  readonly vectorKinds: readonly VectorKind[];
  readonly elementTypes: readonly ElementType[];
  readonly metrics: readonly Metric[];
  /** The metrics for which the provider stores unit vectors instead of what was written. */
  readonly normalizes: readonly Metric[];
  /** The metrics under which vectors of zeros are refused, point by point; none by default. */
  readonly refusesZeroVectors?: readonly Metric[] | undefined;
  /** The metrics under which vectors are refused, point by point, whose squared length is beyond float32; none by default. */
  readonly refusesLongVectors?: readonly Metric[] | undefined;
  /** Most metadata a point can have, in bytes of the form it is stored in, which is about its JSON text. None if absent. */
  readonly maxMetadataBytes?: number | undefined;
  /** What may lag behind an accepted write; nothing by default. */
  readonly eventual?: readonly ('count' | 'get' | 'search' | 'exportAll')[] | undefined;
  /** Which metadata fields can be filtered by: any (the default), or those the collection's description declares. */
  readonly filterFields?: 'any' | 'declared' | undefined;
  /** Filter operators the provider evaluates itself. */
  readonly filterOperators: readonly FilterOperator[];
  /** Those that `exportAll` and `slices` take, where they are not the same. */
  readonly exportFilterOperators?: readonly FilterOperator[] | undefined;
  /** Times an export gives for each point; absent where the provider keeps none. */
  readonly timestamps?: readonly ('createdAt' | 'updatedAt')[] | undefined;
  /**
   * What makes a full read of the collection heavy or costly, one sentence for the user, e.g. that every request is
   * charged. Absent where it is neither.
   */
  readonly readCost?: string | undefined;
  /** An export with `vectors: 'none'` asks the provider for no vectors, and is the cheaper for it. False if not said. */
  readonly leavesOutVectors?: boolean | undefined;
  /** Points a page of an export has when nobody asks. */
  readonly defaultBatchSize: number;
  readonly maxBatchSize: number;
  /** Limits of one write request; core splits by them. Bytes are those of our columns, not of the provider's wire format. */
  readonly maxWritePoints: number;
  readonly maxWriteBytes: number;
  /** Largest `topK` of a search. */
  readonly maxTopK: number;
}
