import type { CollectionDescription } from './description.js';
import type { Filter } from './filter.js';
import type {
  CallOptions,
  Capability,
  ExportOptions,
  SearchMatch,
  SearchQuery,
  SlicePlan,
  WriteReport,
} from './repository.js';
import type { VectorTraits } from './traits.js';
import type { ExportBatch, VectorBatch } from './vector-batch.js';
import type { VectorId } from './vector-id.js';

/**
 * One collection, as an adapter's author writes it. Core puts the public repository around it and
 * adds there, once for all: argument checks, splitting writes by the traits' limits, error context,
 * record sugar and tracing. So a driver may rely on: a batch within its limits, with unique ids,
 * vectors of the right dimension, filters that use only its own operators, a `topK` and `batchSize`
 * within bounds, and a signal that was not aborted yet.
 *
 * A driver throws {@link VecportError} with a code; anything else it throws is reported as
 * `provider-error`. Abort reasons pass through.
 */
export interface CollectionDriver {
  readonly traits: VectorTraits;
  describe(options: CallOptions): Promise<CollectionDescription>;
  count(filter: Filter | undefined, options: CallOptions): Promise<number>;
  upsertMany(batch: VectorBatch, options: CallOptions): Promise<WriteReport>;
  get(ids: readonly VectorId[], options: CallOptions): Promise<VectorBatch>;
  deleteMany(ids: readonly VectorId[], options: CallOptions): Promise<WriteReport>;
  search(query: SearchQuery, options: CallOptions): Promise<readonly SearchMatch[]>;
  exportAll?(options: ExportOptions): AsyncIterable<ExportBatch>;
  slices?(count: number, options: CallOptions & { readonly filter?: Filter | undefined }): Promise<SlicePlan>;
  /** Why an optional method is absent, one sentence each. */
  readonly absent?: Readonly<Partial<Record<Capability, string>>> | undefined;
}

/** A collection as a store lists it. */
export interface CollectionInfo {
  readonly name: string;
}

/** An open store: a server, an account or a folder with collections in it. */
export interface StoreDriver {
  /** Version of the server or the embedded library. */
  readonly version?: string | undefined;
  /** All collections, by name. */
  collections(options: CallOptions): Promise<readonly CollectionInfo[]>;
  /**
   * Open a collection. It may ask the server, so that the methods present fit what is there.
   * @throws VecportError `not-found` when there is no such collection.
   */
  collection(name: string, options: CallOptions): Promise<CollectionDriver>;
  /**
   * Make a collection. Of the description, `vectors` (kind, dimension, element type, metric), `idKinds`
   * and `fields` are kept or refused by name; `index`, `normalized` and `embeddingModel` are kept where
   * the provider has a place for them; `native`, if given, is this provider's own.
   * @throws VecportError `already-exists`, and then nothing was changed.
   */
  create(description: CollectionDescription, options: CallOptions): Promise<void>;
  /** Remove a collection and all its points. @throws VecportError `not-found`. */
  drop(name: string, options: CallOptions): Promise<void>;
  /** Release connections and files. Called once; no other call follows. */
  close(): Promise<void>;
}
