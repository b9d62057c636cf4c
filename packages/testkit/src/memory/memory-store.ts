import { type CallOptions, type CollectionDescription, type StoreDriver, VecportError } from '@vecport/abstractions';
import { type MemoryState, memoryCollection, type RefuseWrite } from './memory-collection.js';

/** How an in-memory store behaves. */
export interface MemoryStoreOptions {
  /** Points for which it gives an error are not written; the error is in the write's report. */
  readonly refuseWrite?: RefuseWrite | undefined;
}

/** An in-memory store with a view inside. */
export interface MemoryStore extends StoreDriver {
  /** Exports that were started and neither finished nor left, over all collections. */
  openCursors(): number;
}

/**
 * The oracle: a complete store in memory, slow and simple, that other stores are compared with.
 * It keeps what it is given: floats, identifiers and metadata text, bit for bit.
 * `close` keeps the data, so that a test can go on with the same store.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const states = new Map<string, MemoryState>();
  const stateOf = (name: string, { signal }: CallOptions): MemoryState => {
    signal?.throwIfAborted();
    const state = states.get(name);
    if (state === undefined) throw new VecportError('not-found', `There is no collection '${name}'.`);
    return state;
  };
  return {
    version: '1',
    collections: async ({ signal }) => {
      signal?.throwIfAborted();
      return [...states.keys()].toSorted().map((name) => ({ name }));
    },
    collection: async (name, call) => memoryCollection(stateOf(name, call), options.refuseWrite),
    create: async (description: CollectionDescription, { signal }: CallOptions) => {
      signal?.throwIfAborted();
      if (states.has(description.name)) {
        throw new VecportError('already-exists', `There is a collection '${description.name}' already.`);
      }
      states.set(description.name, newState(description));
    },
    drop: async (name, call) => {
      stateOf(name, call);
      states.delete(name);
    },
    close: async () => {},
    openCursors: () => [...states.values()].reduce((sum, state) => sum + state.openCursors, 0),
  };
}

function newState(description: CollectionDescription): MemoryState {
  return {
    description: structuredClone(description),
    points: new Map(),
    version: 0,
    snapshots: new Map(),
    openCursors: 0,
  };
}
