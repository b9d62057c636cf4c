/**
 * Identifiers under which things are bound in a dependency injection container. They are global
 * symbols, so that two copies of this package mean the same.
 */

/** Bound once per adapter, to an `AdapterRegistration`. */
export const ADAPTER = Symbol.for('@vecport/adapter');
/** The application's default `IVectorSearchRepository`. Asynchronous: get it with `getAsync`, or let the host resolve it first. */
export const VECTOR_SEARCH_REPOSITORY = Symbol.for('@vecport/vector-search-repository');
/** The `CapabilityRegistry` of core. */
export const CAPABILITY_REGISTRY = Symbol.for('@vecport/capability-registry');
/** The `StoreCatalog` of core: opens stores by adapter name or URL. */
export const STORE_CATALOG = Symbol.for('@vecport/store-catalog');
