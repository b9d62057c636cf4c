import { type AdapterDefinition, splitPathUrl } from '@vecport/abstractions';
import { createMemoryStore, type MemoryStore, type MemoryStoreOptions } from './memory-store.js';

/** An adapter whose stores live in this process. */
export interface MemoryAdapter extends AdapterDefinition {
  /** The store of a name, made at its first use. It is the store that `memory:<name>` opens. */
  store(name: string): MemoryStore;
}

/**
 * The oracle as an adapter: `memory:<store>#<collection>`. Stores of one adapter object with one
 * name share their data, and live as long as the adapter object.
 */
export function memoryAdapter(options: MemoryStoreOptions = {}): MemoryAdapter {
  const stores = new Map<string, MemoryStore>();
  const store = (name: string): MemoryStore => {
    const open = stores.get(name) ?? createMemoryStore(options);
    stores.set(name, open);
    return open;
  };
  return {
    name: 'memory',
    version: '0.1.0',
    schemes: ['memory'],
    settings: [{ name: 'path', description: 'Name of the store in this process.', default: 'default' }],
    parseUrl: (url) => {
      const { path, fragment } = splitPathUrl(url);
      return { settings: { path }, collection: fragment };
    },
    open: async (settings, { signal }) => {
      signal?.throwIfAborted();
      return store(settings['path'] ?? 'default');
    },
    store,
  };
}
