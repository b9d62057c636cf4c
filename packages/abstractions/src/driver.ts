import type { CollectionDescription } from './description.js';
import type { Filter } from './filter.js';
import type {
  BulkLoad,
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
  /** See `IVectorSearchRepository.releaseSlices`; there where `slices` holds something open. */
  releaseSlices?(plan: SlicePlan, options: CallOptions): Promise<void>;
  /** See `IVectorSearchRepository.revision`. */
  revision?(options: CallOptions): Promise<string>;
  /** See `IVectorSearchRepository.bulkLoad`. */
  bulkLoad?(options: CallOptions): Promise<BulkLoad>;
  /** Why an optional method is absent, one sentence each. */
  readonly absent?: Readonly<Partial<Record<Capability, string>>> | undefined;
}

/** A collection as a store lists it. */
export interface CollectionInfo {
  readonly name: string;
}

/** How a collection is opened. */
export interface OpenCollectionOptions extends CallOptions {
  /**
   * The tenant whose points are meant: a Weaviate tenant, a Pinecone namespace, a Milvus partition. Without it a
   * repository means what the provider means by no tenant: the whole collection (Milvus), the default namespace
   * (Pinecone), or nothing that can be read or written (Weaviate's multi-tenant collections).
   */
  readonly tenant?: string | undefined;
}

/** A tenant as a store lists it. */
export interface TenantInfo {
  readonly name: string;
  /** Why its points cannot be read as it is, e.g. because it is inactive. Nothing activates it silently. */
  readonly unreadable?: string | undefined;
}

/** The tenants of a store's collections. */
export interface TenantDriver {
  /** The tenants of a collection, by name; none for a collection that is not divided. Read together they are the collection. */
  list(collection: string, options: CallOptions): Promise<readonly TenantInfo[]>;
  /** Make a tenant; one that is there is left as it is. @throws VecportError `not-supported` for a collection that has none. */
  create(collection: string, tenant: string, options: CallOptions): Promise<void>;
}

/** An open store: a server, an account or a folder with collections in it. */
export interface StoreDriver {
  /** Version of the server or the embedded library. */
  readonly version?: string | undefined;
  /** What a new collection can have here; that of an existing one may differ, see `CollectionDriver.traits`. */
  readonly traits: VectorTraits;
  /** Absent where collections have no tenants. */
  readonly tenants?: TenantDriver | undefined;
  /** All collections, by name. */
  collections(options: CallOptions): Promise<readonly CollectionInfo[]>;
  /**
   * Open a collection. It may ask the server, so that the methods present fit what is there.
   * @throws VecportError `not-found` when there is no such collection or tenant, `invalid-argument` for a tenant where
   * there are none.
   */
  collection(name: string, options: OpenCollectionOptions): Promise<CollectionDriver>;
  /**
   * Make a collection. Of the description, `vectors` (kind, dimension, element type, metric), `multiTenant`
   * and `fields` are kept or refused by name; the collection takes at least the `idKinds`, natively or mapped (see
   * `traits.mappedIdKinds`); `index`, `normalized` and `embeddingModel` are kept where the provider has a place for
   * them; `native`, if given, is this provider's own, as its `describe` gave it, and wins where both say something.
   * @throws VecportError `already-exists`, and then nothing was changed.
   */
  create(description: CollectionDescription, options: CallOptions): Promise<void>;
  /** Remove a collection and all its points. @throws VecportError `not-found`. */
  drop(name: string, options: CallOptions): Promise<void>;
  /** Release connections and files. Called once; no other call follows. */
  close(): Promise<void>;
}
