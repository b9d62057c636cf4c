import type {
  CallOptions,
  CollectionDescription,
  CollectionInfo,
  IVectorSearchRepository,
  OpenCollectionOptions,
  TenantInfo,
  VectorTraits,
} from '@vecport/abstractions';
import { createRepository } from '@vecport/core';
import { MEMORY_TRAITS } from './memory-collection.js';
import { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.js';

/** An in-memory store whose collections are repositories, as applications see them. */
export interface MemoryRepositories {
  readonly provider: 'memory';
  readonly memory: MemoryStore;
  readonly url: string;
  readonly traits: VectorTraits;
  readonly multiTenant: true;
  collections(): Promise<readonly CollectionInfo[]>;
  repository(name: string, options?: OpenCollectionOptions): Promise<IVectorSearchRepository>;
  tenants(collection: string): Promise<readonly TenantInfo[]>;
  createTenant(collection: string, tenant: string, options?: CallOptions): Promise<void>;
  create(description: CollectionDescription): Promise<void>;
  drop(name: string): Promise<void>;
}

/** A new, empty in-memory store behind core's layers. There is nothing to close. */
export function memoryRepositories(options: MemoryStoreOptions = {}): MemoryRepositories {
  const memory = createMemoryStore(options);
  return {
    memory,
    provider: 'memory',
    url: 'memory:',
    traits: MEMORY_TRAITS,
    multiTenant: true,
    collections: async () => memory.collections({}),
    repository: async (name, { tenant } = {}) =>
      createRepository(await memory.collection(name, { tenant }), { provider: 'memory', collection: name, tenant }),
    tenants: async (name) => (await memory.tenants?.list(name, {})) ?? [],
    createTenant: async (name, tenant) => memory.tenants?.create(name, tenant, {}),
    create: async (description) => memory.create(description, {}),
    drop: async (name) => memory.drop(name, {}),
  };
}
