import { setTimeout as wait } from 'node:timers/promises';
import { isVecportError, type StoreDriver, type TenantDriver, VecportError } from '@vecport/abstractions';
import type { MilvusClient } from './client.js';
import { PROVIDER } from './config.js';
import {
  createCollection,
  createIndex,
  createPartition,
  describeCollection,
  describeIndexes,
  dropCollection,
  listCollections,
  listPartitions,
  loadingProgress,
  type MilvusIndex,
  type NewCollection,
  startLoading,
} from './control.js';
import { invalidArgument, notSupported } from './errors.js';
import { type Layout, readLayout } from './layout.js';
import { planCollection } from './plan-collection.js';
import { countRows } from './query.js';
import { createCollectionDriver } from './repository.js';
import { hasTenants, storeTraits } from './traits.js';

type Signal = AbortSignal | undefined;

const DEFAULT_PARTITION = '_default';
const LOADING_POLL_MS = 50;

/** A server as a store. */
export function createStore(client: MilvusClient): StoreDriver {
  return {
    version: client.server.version,
    traits: storeTraits(client.server),
    ...(hasTenants(client.server) ? { tenants: tenantDriver(client) } : {}),
    collections: async ({ signal }) => (await listCollections(client, { signal })).map((name) => ({ name })),
    collection: async (name, { tenant, signal }) => {
      const layout = await layoutOf(client, name, signal);
      const partitions = await allPartitions(client, layout, signal);
      const divided = partitions.length > 1 || layout.marker?.multiTenant === true;
      if (tenant !== undefined) assertPartition(name, tenant, divided ? partitions : []);
      // Who may not load may still read what others have loaded; otherwise reading says so.
      if (client.config.load) await unlessForbidden(load(client, name, signal));
      return createCollectionDriver({
        client,
        layout,
        partition: tenant,
        divided,
        readLayout: async (again) => layoutOf(client, name, again),
      });
    },
    create: async (description, { signal }) => {
      const plan = planCollection(description, client.server, client.config);
      await assertAbsent(client, description.name, signal);
      await make(client, description.name, plan, signal);
    },
    drop: async (name, { signal }) => {
      await describeCollection(client, name, { signal }).catch((error: unknown) => {
        throw notFound(name, error);
      });
      await dropCollection(client, name, { signal });
    },
    close: async () => client.close(),
  };
}

function tenantDriver(client: MilvusClient): TenantDriver {
  return {
    list: async (collection, { signal }) => {
      const layout = await layoutOf(client, collection, signal);
      return (await tenantNames(client, layout, signal)).map((name) => ({ name }));
    },
    create: async (collection, tenant, { signal }) => {
      const layout = await layoutOf(client, collection, signal);
      if (layout.hasPartitionKey) {
        throw notSupported(`'${collection}' is divided by a field, its partition key, and not by tenants.`);
      }
      const there = await listPartitions(client, collection, { signal });
      if (there.includes(tenant)) return;
      await createPartition(client, collection, tenant, { signal }).catch((error: unknown) => {
        if (!isVecportError(error) || error.code !== 'already-exists') throw error;
      });
      if (client.config.load) await load(client, collection, signal);
    },
  };
}

/** All partitions that can be tenants; none of a collection that the server divides by a field. */
async function allPartitions(client: MilvusClient, layout: Layout, signal: Signal): Promise<readonly string[]> {
  if (layout.hasPartitionKey || !hasTenants(client.server)) return [];
  // Most collections have one, and many may not ask for its name.
  if (layout.described.partitions === 1) return [DEFAULT_PARTITION];
  return listPartitions(client, layout.collection, { signal });
}

/**
 * The partitions that are tenants: those somebody made, and `_default` beside them, which may hold points as well. In a
 * collection made for tenants it counts only when it does.
 */
async function tenantNames(client: MilvusClient, layout: Layout, signal: Signal): Promise<readonly string[]> {
  const names = await allPartitions(client, layout, signal);
  if (layout.marker?.multiTenant !== true) return names.length > 1 ? names : [];
  if (client.config.load) await load(client, layout.collection, signal);
  const place = { collection: layout.collection, partition: DEFAULT_PARTITION };
  const others = names.filter((name) => name !== DEFAULT_PARTITION);
  return (await countRows(client, place, '', { signal })) === 0 ? others : names;
}

function assertPartition(collection: string, tenant: string, partitions: readonly string[]): void {
  if (partitions.includes(tenant)) return;
  if (partitions.length === 0)
    throw invalidArgument(`'${collection}' has no tenants: it is not divided into partitions.`);
  throw new VecportError('not-found', `'${collection}' has no partition '${tenant}'.`, {
    provider: PROVIDER,
    advice: `It has: ${partitions.join(', ')}.`,
  });
}

async function layoutOf(client: MilvusClient, name: string, signal: Signal): Promise<Layout> {
  try {
    const described = await describeCollection(client, name, { signal });
    const indexes = await unlessForbidden(indexesOf(client, name, signal));
    return readLayout(name, described, indexes ?? [], indexes === undefined ? ['index settings'] : []);
  } catch (error) {
    throw notFound(name, error);
  }
}

async function indexesOf(client: MilvusClient, name: string, signal: Signal): Promise<readonly MilvusIndex[]> {
  try {
    return await describeIndexes(client, name, { signal });
  } catch (error) {
    // Milvus answers "index not found" for a collection without any.
    if (isVecportError(error) && error.code === 'not-found' && /index/i.test(error.reason)) return [];
    throw error;
  }
}

/** What the credentials do not allow is `undefined`. */
async function unlessForbidden<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isVecportError(error) && error.code === 'forbidden') return undefined;
    throw error;
  }
}

async function assertAbsent(client: MilvusClient, name: string, signal: Signal): Promise<void> {
  const there = await describeCollection(client, name, { signal }).then(
    () => true,
    (error: unknown) => {
      if (isVecportError(error) && error.code === 'not-found') return false;
      throw error;
    },
  );
  if (there) {
    throw new VecportError('already-exists', `There is a collection '${name}' already.`, { provider: PROVIDER });
  }
}

// Milvus makes collection and indexes by separate calls; what was begun is taken away when one fails.
async function make(client: MilvusClient, name: string, plan: NewCollection, signal: Signal): Promise<void> {
  await createCollection(client, name, plan, { signal });
  try {
    for (const index of plan.indexes) await createIndex(client, name, index, { signal });
    await load(client, name, signal);
  } catch (error) {
    await dropCollection(client, name, {}).catch(() => undefined);
    throw error;
  }
}

/** Load a collection and wait until all of it is. */
async function load(client: MilvusClient, name: string, signal: Signal): Promise<void> {
  if ((await progressOf(client, name, signal)) === 100) return;
  await startLoading(client, name, { signal });
  while ((await progressOf(client, name, signal)) < 100) await wait(LOADING_POLL_MS, undefined, { signal });
}

async function progressOf(client: MilvusClient, name: string, signal: Signal): Promise<number> {
  try {
    return await loadingProgress(client, name, { signal });
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-supported') return 0;
    throw error;
  }
}

function notFound(name: string, error: unknown): unknown {
  if (!isVecportError(error) || error.code !== 'not-found') return error;
  return new VecportError('not-found', `There is no collection '${name}'.`, { provider: PROVIDER, cause: error });
}
