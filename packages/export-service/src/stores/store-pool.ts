import type { CallOptions } from '@vecport/abstractions';
import type { OpenStore, StoreCatalog } from '@vecport/core';
import { ProblemError } from '../problems/problem-error.js';

/** The stores an operator configured: all that requests can name. */
export interface StoreSet {
  readonly names: readonly string[];
  /** The one that is meant when none is named. */
  readonly defaultName?: string | undefined;
  /** A store of the caller's own, to be closed by it. `name` is one of `names`. */
  open(name: string, options?: CallOptions): Promise<OpenStore>;
  /** Names of all adapters that are installed, those no store is configured for among them; unknown if absent. */
  adapters?(): Promise<readonly string[]>;
}

/** Stores by name, opened by URL or adapter name through a catalog. The first is the default one if it is not said. */
export function configuredStores(
  catalog: Pick<StoreCatalog, 'open' | 'known'>,
  urls: Readonly<Record<string, string>>,
  defaultName: string | undefined = Object.keys(urls)[0],
): StoreSet {
  const known = new Map(Object.entries(urls));
  return {
    names: [...known.keys()],
    defaultName,
    open: async (name, options) => catalog.open(known.get(name), options),
    adapters: async () => (await catalog.known()).map(({ name }) => name),
  };
}

/** Stores that stay open between requests. */
export interface StorePool {
  /** A store that others use as well: not to be closed. @throws ProblemError `source-does-not-exist`. */
  shared(name: string): Promise<OpenStore>;
  close(): Promise<void>;
}

/** Opens each store of a set at its first use; one that could not be opened is tried again at the next. */
export function createStorePool(stores: StoreSet): StorePool {
  const opened = new Map<string, Promise<OpenStore>>();
  return {
    shared: async (name) => {
      if (!stores.names.includes(name)) throw unknownStore(name);
      const store = opened.get(name) ?? stores.open(name);
      opened.set(name, store);
      try {
        return await store;
      } catch (error) {
        opened.delete(name);
        throw error;
      }
    },
    close: async () => {
      const all = [...opened.values()];
      opened.clear();
      await Promise.allSettled(all.map(async (store) => (await store).close()));
    },
  };
}

/** The answer to a store that is not configured. */
export function unknownStore(name: string): ProblemError {
  return new ProblemError('source-does-not-exist', `There is no store '${name}' configured here.`);
}
