import {
  type CallOptions,
  type CollectionDescription,
  type CollectionDriver,
  type StoreDriver,
  VecportError,
} from '@vecport/abstractions';
import { MEMORY_TRAITS, type MemoryState, memoryCollection, type RefuseWrite } from './memory-collection.js';

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
  const tenants = new Map<string, Map<string, MemoryState>>();
  const stateOf = (name: string, { signal }: CallOptions): MemoryState => {
    signal?.throwIfAborted();
    const state = states.get(name);
    if (state === undefined) throw new VecportError('not-found', `There is no collection '${name}'.`);
    return state;
  };
  const tenantsOf = (name: string, options: CallOptions): Map<string, MemoryState> | undefined =>
    stateOf(name, options).description.multiTenant === true ? (tenants.get(name) ?? new Map()) : undefined;
  const tenantState = (name: string, tenant: string, options: CallOptions): MemoryState => {
    const divided = tenantsOf(name, options);
    if (divided === undefined) throw new VecportError('invalid-argument', `'${name}' has no tenants.`);
    const state = divided.get(tenant);
    if (state === undefined) throw new VecportError('not-found', `'${name}' has no tenant '${tenant}'.`);
    return state;
  };
  return {
    version: '1',
    traits: MEMORY_TRAITS,
    tenants: {
      list: async (name, call) =>
        [...(tenantsOf(name, call)?.keys() ?? [])].toSorted().map((tenant) => ({ name: tenant })),
      create: async (name, tenant, call) => {
        const divided = tenantsOf(name, call);
        if (divided === undefined) throw new VecportError('not-supported', `'${name}' has no tenants.`);
        if (!divided.has(tenant)) divided.set(tenant, newState(stateOf(name, call).description));
        tenants.set(name, divided);
      },
    },
    collections: async ({ signal }) => {
      signal?.throwIfAborted();
      return [...states.keys()].toSorted().map((name) => ({ name }));
    },
    collection: async (name, call) => {
      if (call.tenant !== undefined) {
        return memoryCollection(tenantState(name, call.tenant, call), options.refuseWrite);
      }
      const state = stateOf(name, call);
      return state.description.multiTenant === true ? undivided(state) : memoryCollection(state, options.refuseWrite);
    },
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
      tenants.delete(name);
    },
    close: async () => {},
    openCursors: () =>
      [...states.values(), ...[...tenants.values()].flatMap((divided) => [...divided.values()])].reduce(
        (sum, state) => sum + state.openCursors,
        0,
      ),
  };
}

/** A multi-tenant collection opened without a tenant: it can be described, and nothing else. */
function undivided(state: MemoryState): CollectionDriver {
  const refuse = (): never => {
    throw new VecportError('invalid-argument', `'${state.description.name}' is divided into tenants.`, {
      advice: 'Name one of them.',
    });
  };
  return {
    ...memoryCollection(state),
    count: async () => refuse(),
    upsertMany: async () => refuse(),
    get: async () => refuse(),
    deleteMany: async () => refuse(),
    search: async () => refuse(),
    slices: async () => refuse(),
    exportAll: () => refuse(),
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
