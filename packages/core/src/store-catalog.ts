import type {
  AdapterRegistration,
  CallOptions,
  CollectionDescription,
  CollectionInfo,
  IVectorSearchRepository,
  OpenCollectionOptions,
  Settings,
  TenantInfo,
  VectorTraits,
} from '@vecport/abstractions';

/** An adapter the application has, whether it was imported yet or not. */
export interface KnownAdapter {
  readonly name: string;
  /** URL schemes, without colon. */
  readonly schemes: readonly string[];
  /** `module`: registered in code; `discovered`: found among the dependencies of the application. */
  readonly source: 'module' | 'discovered';
  /** The npm package it was found in. */
  readonly package?: string | undefined;
}

/** How a store is opened. */
export interface OpenStoreOptions extends CallOptions {
  /** Settings of this call; they win over the URL and everything else. */
  readonly settings?: Settings | undefined;
}

/** A store somebody opened: closed by its own `close`, or with the host. */
export interface OpenStore {
  /** Adapter name. */
  readonly provider: string;
  /** The URL without secrets, for showing; the adapter's name when it was opened by name. */
  readonly url: string;
  /** Version of the server or the embedded library. */
  readonly version?: string | undefined;
  /** The collection the URL names. */
  readonly defaultCollection?: string | undefined;
  /** The tenant the URL names. */
  readonly defaultTenant?: string | undefined;
  /** What a new collection can have here. */
  readonly traits: VectorTraits;
  /** Whether collections can be divided into tenants. */
  readonly multiTenant: boolean;
  /** All collections, by name. */
  collections(options?: CallOptions): Promise<readonly CollectionInfo[]>;
  /**
   * A collection, with all layers around it.
   * @throws VecportError `not-found`, listing collections that exist.
   */
  repository(name: string, options?: OpenCollectionOptions): Promise<IVectorSearchRepository>;
  /** The tenants of a collection, by name; none where it is not divided. Read together they are the collection. */
  tenants(collection: string, options?: CallOptions): Promise<readonly TenantInfo[]>;
  /** Make a tenant; one that is there is left as it is. @throws VecportError `not-supported`. */
  createTenant(collection: string, tenant: string, options?: CallOptions): Promise<void>;
  /**
   * Make a collection.
   * @throws VecportError `already-exists`, and then nothing was changed.
   */
  create(description: CollectionDescription, options?: CallOptions): Promise<void>;
  /** Remove a collection and all its points. @throws VecportError `not-found`. */
  drop(name: string, options?: CallOptions): Promise<void>;
  /** Release connections and files; a second call does nothing. Its repositories must not be used after it. */
  close(): Promise<void>;
}

/** Opens stores by URL or adapter name. */
export interface StoreCatalog {
  /** The registered adapters: those given in code and the discovered ones imported so far. */
  adapters(): readonly AdapterRegistration[];
  /** All adapters by name and scheme, also those not imported yet. */
  known(): Promise<readonly KnownAdapter[]>;
  /**
   * Open a store: a URL by its scheme, an adapter name with its configured settings, or, without
   * argument, the application's default store. Every call opens a store of its own, also for the same
   * URL: nothing is shared, so each can be closed by who opened it. A client injected into an adapter
   * is used when it is opened by name only, as a URL may mean another server.
   * @throws VecportError `invalid-argument` for an unknown scheme or a missing setting, `not-found`
   * when there is no default store; what the adapter throws.
   */
  open(urlOrName?: string, options?: OpenStoreOptions): Promise<OpenStore>;
  /**
   * Close every store that is open, once, also when closing one fails; then throw the failure. A store
   * that is being opened is cancelled and not waited for; it is closed should it open all the same.
   */
  close(): Promise<void>;
}
