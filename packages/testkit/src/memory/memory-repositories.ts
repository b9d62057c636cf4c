import type { CollectionDescription, CollectionInfo, IVectorSearchRepository } from '@vecport/abstractions';
import { createRepository } from '@vecport/core';
import { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.js';

/** An in-memory store whose collections are repositories, as applications see them. */
export interface MemoryRepositories {
  readonly provider: 'memory';
  readonly memory: MemoryStore;
  collections(): Promise<readonly CollectionInfo[]>;
  repository(name: string): Promise<IVectorSearchRepository>;
  create(description: CollectionDescription): Promise<void>;
  drop(name: string): Promise<void>;
}

/** A new, empty in-memory store behind core's layers. There is nothing to close. */
export function memoryRepositories(options: MemoryStoreOptions = {}): MemoryRepositories {
  const memory = createMemoryStore(options);
  return {
    memory,
    provider: 'memory',
    collections: async () => memory.collections({}),
    repository: async (name) =>
      createRepository(await memory.collection(name, {}), { provider: 'memory', collection: name }),
    create: async (description) => memory.create(description, {}),
    drop: async (name) => memory.drop(name, {}),
  };
}
