import type { CollectionDescription } from './description.js';
import type { ErrorCode } from './errors.js';
import type { Filter } from './filter.js';
import type { JsonValue } from './lossless-json.js';
import type { Consistency, VectorTraits } from './traits.js';
import type { ExportBatch, VectorBatch } from './vector-batch.js';
import type { VectorValue } from './vector-column.js';
import type { VectorId } from './vector-id.js';
import type { VectorRecord } from './vector-record.js';

/** The name of an optional method of a repository. */
export type Capability = 'exportAll' | 'slices';

/** Why a capability is absent, and what to do instead. */
export interface CapabilityAdvice {
  /** One sentence from the adapter. */
  readonly reason: string;
  /** Registered adapters that are known to have it. */
  readonly alternatives: readonly string[];
}

/** What every call can be given. */
export interface CallOptions {
  /** Honoured before the call and between its requests; the abort reason is thrown unwrapped. */
  readonly signal?: AbortSignal | undefined;
}

/** A write that did not happen, for one point. */
export interface WriteFailure {
  readonly id: VectorId;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** The outcome of a write of many points. Failures of single points are data, not an exception. */
export interface WriteReport {
  /** Points the provider accepted. */
  readonly accepted: number;
  readonly failed: readonly WriteFailure[];
}

/** A nearest-neighbour query. */
export interface SearchQuery {
  /** Of the kind of the vector it searches; for a multi-vector a list of vectors, or one. */
  readonly vector: VectorValue;
  /** Which named vector to search; the default one, or the only one, if not said. */
  readonly vectorName?: string | undefined;
  /** How many matches at most. */
  readonly topK: number;
  readonly filter?: Filter | undefined;
}

/** A point found by a search. */
export interface SearchMatch {
  readonly id: VectorId;
  /**
   * Higher is nearer, for every provider: cosine similarity in −1 … 1 for `cosine`, the inner product
   * for `dot`, and the negated distance for `euclidean` (not squared), `manhattan`, `hamming` and `jaccard`.
   */
  readonly score: number;
  readonly metadata?: JsonValue | undefined;
}

/** Part of a collection, with boundaries fixed when it was made. Opaque to all but its adapter. */
export interface Slice {
  /** Survives JSON and another process: boundaries and, where there is one, the snapshot's name. */
  readonly token: string;
  /** Points in it, where the provider knows. */
  readonly points?: number | undefined;
}

/** Slices that together are the whole collection (or what the filter leaves of it), without overlap. */
export interface SlicePlan {
  readonly slices: readonly Slice[];
  /** What reading these slices sees while others write. */
  readonly consistency: Consistency;
  /** The snapshot's name, e.g. a version number; changes when the collection does. */
  readonly snapshot?: string | undefined;
}

/** How a full read is done. */
export interface ExportOptions extends CallOptions {
  /** Points a batch at most; by default the provider's own number. */
  readonly batchSize?: number | undefined;
  readonly filter?: Filter | undefined;
  /** Keep only these top-level metadata fields. */
  readonly fields?: readonly string[] | undefined;
  /**
   * With `none` only ids and metadata are of interest: a provider that can leave vectors out does, and its batches
   * may lack their columns. A provider that cannot gives them all the same. `all` if not said.
   */
  readonly vectors?: 'all' | 'none' | undefined;
  /** Go on after this cursor of an earlier batch. */
  readonly after?: string | undefined;
  /** Read only this slice, made by `slices` of the same collection. */
  readonly slice?: Slice | undefined;
}

/** A collection that is tuned for many writes. */
export interface BulkLoad {
  /** Put the settings back, and make what was written visible. Not interrupted by the signal of the load. */
  restore(): Promise<void>;
}

/**
 * One collection of one provider: what applications inject.
 *
 * Optional methods are capabilities: present where the provider can do it honestly, absent
 * otherwise. Ask with `requireCapability`, which narrows the type or throws with advice.
 * All methods may be called concurrently. The store that made the repository closes it.
 */
export interface IVectorSearchRepository {
  /** Adapter name, e.g. `lancedb`. */
  readonly provider: string;
  readonly collection: string;
  /** The tenant this repository is about; absent where it was opened without one. */
  readonly tenant?: string | undefined;
  readonly traits: VectorTraits;

  /** What the collection is, asked of the provider at each call. */
  describe(options?: CallOptions): Promise<CollectionDescription>;
  /**
   * Points in the collection, or those a filter matches: exact, not an estimate, but late where
   * `traits.eventual` says so. @throws VecportError `not-supported` where the provider cannot count what
   * a filter matches.
   */
  count(filter?: Filter, options?: CallOptions): Promise<number>;
  /** Write one point, replacing the point with this id. Visible to reads when it resolves, but for `traits.eventual`. */
  upsert(id: VectorId, embedding: Float32Array, metadata?: unknown, options?: CallOptions): Promise<void>;
  /**
   * Write many points, each replacing the one with its id; of two with the same id in one call the
   * later wins. Split by the provider's limits; not atomic. Visible to reads when it resolves, but for
   * `traits.eventual`.
   */
  upsertMany(points: VectorBatch | Iterable<VectorRecord>, options?: CallOptions): Promise<WriteReport>;
  /** The points with these ids that exist, in the order asked, each once. */
  get(ids: readonly VectorId[], options?: CallOptions): Promise<VectorBatch>;
  /** Remove one point; not an error if there is none. */
  delete(id: VectorId, options?: CallOptions): Promise<void>;
  /** Remove many points; not an error if some do not exist. */
  deleteMany(ids: readonly VectorId[], options?: CallOptions): Promise<WriteReport>;
  /** The `topK` nearest points, nearest first. */
  search(query: SearchQuery, options?: CallOptions): Promise<readonly SearchMatch[]>;

  /**
   * Every point of the collection, once, in batches. Pulling is the back pressure; leaving the loop
   * early releases what the provider holds open. A batch never exceeds `batchSize` and is never empty.
   */
  exportAll?(options?: ExportOptions): AsyncIterable<ExportBatch>;
  /** Cut the collection into at most `count` slices for reading in parallel. */
  slices?(count: number, options?: CallOptions & { readonly filter?: Filter | undefined }): Promise<SlicePlan>;
  /**
   * Give back what the provider holds for a plan: a point in time, a transaction. Its slices must not be read after
   * it. Not an error when it is gone already. Absent where `slices` holds nothing.
   */
  releaseSlices?(plan: SlicePlan, options?: CallOptions): Promise<void>;
  /** Name of the collection's present state, which changes whenever its points do. Absent where the provider has none. */
  revision?(options?: CallOptions): Promise<string>;

  /**
   * Tune the collection for many writes, e.g. let it make them visible late, until `restore` puts the settings back and
   * makes all that was written visible. A collection that a killed process left tuned is put back by the next one that
   * tunes and restores it. For collections that nobody else uses yet. Absent where there is nothing to tune.
   */
  bulkLoad?(options?: CallOptions): Promise<BulkLoad>;

  /** Why a capability is absent here, and who has it. Never consulted for one that is present. */
  advise(capability: Capability): CapabilityAdvice;
}
