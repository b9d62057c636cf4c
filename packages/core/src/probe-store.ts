import {
  CAPABILITIES,
  type Capability,
  type CollectionDescription,
  hasCapability,
  type IVectorSearchRepository,
  isVecportError,
} from '@vecport/abstractions';
import { stateForCode } from './adapter-state.js';
import type { CapabilityReport, CollectionReport, VectorReport } from './boot-report.js';
import type { Deadline } from './deadline.js';
import type { OpenStore, StoreCatalog } from './store-catalog.js';

const AT_ONCE = 4;

/** What an open store tells about itself. */
export interface StoreFacts {
  readonly serverVersion: string | undefined;
  readonly collections: readonly CollectionReport[];
}

/**
 * Open a store, ask for all of its collections, close it. What does not answer in time is given up:
 * a store that does not open or list is an error, a collection is reported with its problem. A store
 * that opens too late is closed.
 */
export async function probeStore(catalog: StoreCatalog, urlOrName: string, deadline: Deadline): Promise<StoreFacts> {
  const store = await catalog.open(urlOrName, { signal: deadline.signal });
  try {
    const infos = await deadline.race(store.collections({ signal: deadline.signal }));
    const collections = await mapSome(infos, async ({ name }) => reportCollection(store, name, deadline));
    return { serverVersion: store.version, collections };
  } finally {
    // When the time is over, what was learned counts, and nobody waits for the store to close.
    await deadline.race(store.close()).catch((error: unknown) => {
      if (!deadline.signal.aborted) throw error;
    });
  }
}

async function reportCollection(store: OpenStore, name: string, deadline: Deadline): Promise<CollectionReport> {
  try {
    return await deadline.race(readCollection(store, name, deadline.signal));
  } catch (error) {
    if (!isVecportError(error)) throw error;
    const reason = stateForCode(error.code) === 'unreachable' ? 'unreachable' : 'the collection cannot be read';
    const capabilities = CAPABILITIES.map((capability) => ({ capability, state: 'unknown' as const, reason }));
    return { name, vectors: [], capabilities, problem: error.reason };
  }
}

async function readCollection(store: OpenStore, name: string, signal: AbortSignal): Promise<CollectionReport> {
  const repository = await store.repository(name, { signal });
  const description = await repository.describe({ signal });
  return {
    name,
    points: await repository.count(undefined, { signal }),
    vectors: vectorsOf(description),
    capabilities: CAPABILITIES.map((capability) => capabilityOf(repository, capability)),
    traits: repository.traits,
  };
}

function vectorsOf({ vectors }: CollectionDescription): readonly VectorReport[] {
  return Object.entries(vectors).map(([name, { kind, dimension, metric }]) => ({ name, kind, dimension, metric }));
}

function capabilityOf(repository: IVectorSearchRepository, capability: Capability): CapabilityReport {
  if (hasCapability(repository, capability)) return { capability, state: 'present' };
  return { capability, state: 'absent', reason: repository.advise(capability).reason };
}

async function mapSome<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await map(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => work()));
  return results;
}
