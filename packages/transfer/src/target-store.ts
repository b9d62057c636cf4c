import type {
  CallOptions,
  CollectionDescription,
  CollectionInfo,
  IVectorSearchRepository,
  TenantInfo,
  VectorTraits,
} from '@vecport/abstractions';

/** The store an import or a migration writes to; an `OpenStore` of core fits. */
export interface TargetStore {
  readonly provider: string;
  /** As it may be shown; also tells one store from another when work is resumed. */
  readonly url: string;
  /** What a new collection can have. */
  readonly traits: VectorTraits;
  /** Whether collections can be divided into tenants. */
  readonly multiTenant: boolean;
  collections(options?: CallOptions): Promise<readonly CollectionInfo[]>;
  repository(
    name: string,
    options?: CallOptions & { readonly tenant?: string | undefined },
  ): Promise<IVectorSearchRepository>;
  tenants(collection: string, options?: CallOptions): Promise<readonly TenantInfo[]>;
  createTenant(collection: string, tenant: string, options?: CallOptions): Promise<void>;
  create(description: CollectionDescription, options?: CallOptions): Promise<void>;
  drop(name: string, options?: CallOptions): Promise<void>;
}

/**
 * What is done about collections of the target. `create`: it must not exist. `append`: it must exist and fit; points
 * with the same id are replaced. `replace`: it is dropped first if it exists, and not brought back when the work fails
 * later: no provider's collection can be renamed, so there is no swap.
 */
export type TargetMode = 'create' | 'append' | 'replace';

/** A collection of the target was dropped with all its points, or made. */
export interface TargetEvent {
  readonly change: 'dropped' | 'created';
  readonly collection: string;
}

/** A collection that is to be filled. */
export interface WantedTarget {
  /** Its name in the target. */
  readonly name: string;
  /** As the source has it. */
  readonly description: CollectionDescription;
  /** Its points belong to tenants. */
  readonly divided: boolean;
}
