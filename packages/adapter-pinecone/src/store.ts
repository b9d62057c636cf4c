import { setTimeout as wait } from 'node:timers/promises';
import {
  type CollectionDescription,
  isVecportError,
  type OpenCollectionOptions,
  type StoreDriver,
  type TenantDriver,
  VecportError,
} from '@vecport/abstractions';
import { API_VERSION, type PineconeClient } from './client.js';
import { type PineconeSettings, PROVIDER } from './config.js';
import { planIndex } from './create-index.js';
import { hasCode, notSupported } from './errors.js';
import { type IndexInfo, indexFromStats, readIndexModel } from './index-info.js';
import { createNamespace, hasNamespace, listNamespaces, namespaceOf, readStats } from './namespaces.js';
import { createCollection, TRAITS } from './repository.js';

/** A store, and a look whether it can be reached. */
export interface PineconeStore {
  readonly driver: StoreDriver;
  /** Ask for something small, once and in a short time. @throws VecportError. */
  ping(signal: AbortSignal | undefined): Promise<void>;
}

const PING_MS = 10_000;
const LONGEST_POLL_MS = 5000;

/** A project of Pinecone as a store: every index is a collection, every namespace a tenant. */
export function createStore(client: PineconeClient, settings: PineconeSettings): PineconeStore {
  const indexes = client.hasControl ? controlledIndexes(client, settings) : oneIndex(client, settings);
  return {
    ping: async (signal) => inShortTime(indexes.ping, signal),
    driver: {
      version: `API ${API_VERSION}`,
      traits: TRAITS,
      tenants: tenantsOf(client, indexes),
      collections: async ({ signal }) => (await indexes.names(signal)).toSorted().map((name) => ({ name })),
      collection: async (name, options) =>
        openCollection(client, settings, await indexes.find(name, options.signal), options),
      create: async (description, { signal }) => indexes.create(description, signal),
      drop: async (name, { signal }) => indexes.drop(name, signal),
      close: async () => client.close(),
    },
  };
}

/** Where the indexes are known from. */
interface Indexes {
  ping(signal: AbortSignal): Promise<unknown>;
  names(signal: AbortSignal | undefined): Promise<readonly string[]>;
  /** @throws VecportError `not-found`. */
  find(name: string, signal: AbortSignal | undefined): Promise<IndexInfo>;
  create(description: CollectionDescription, signal: AbortSignal | undefined): Promise<void>;
  drop(name: string, signal: AbortSignal | undefined): Promise<void>;
}

async function openCollection(
  client: PineconeClient,
  { parallel, settleTimeout }: PineconeSettings,
  info: IndexInfo,
  { tenant, signal }: OpenCollectionOptions,
) {
  const host = client.host(info.host);
  const namespace = namespaceOf(tenant);
  // Namespaces of pods come and go with their points.
  if (namespace !== undefined && !info.pod && !(await hasNamespace(host, namespace, signal))) {
    throw new VecportError('not-found', `The index '${info.name}' has no namespace '${namespace}'.`, {
      provider: PROVIDER,
      advice: 'List the tenants of the collection, or make it.',
    });
  }
  return createCollection({ host, info, namespace, parallel, settleTimeout });
}

function tenantsOf(client: PineconeClient, indexes: Indexes): TenantDriver {
  return {
    list: async (name, { signal }) => {
      const { host, pod } = await indexes.find(name, signal);
      return listNamespaces(client.host(host), pod, signal);
    },
    create: async (name, tenant, { signal }) => {
      const { host, pod } = await indexes.find(name, signal);
      const namespace = namespaceOf(tenant);
      if (namespace !== undefined && !pod) await createNamespace(client.host(host), namespace, signal);
    },
  };
}

function controlledIndexes(client: PineconeClient, settings: PineconeSettings): Indexes {
  const describe = async (name: string, signal: AbortSignal | undefined) =>
    client.control(async (pinecone) => pinecone.describeIndex(name), { signal, again: true });
  return {
    ping: async (signal) => client.control(async (pinecone) => pinecone.listIndexes(), { signal, again: false }),
    names: async (signal) => {
      const { indexes = [] } = await client.control(async (pinecone) => pinecone.listIndexes(), {
        signal,
        again: true,
      });
      return indexes.filter(({ status }) => status.state !== 'Terminating').map(({ name }) => name);
    },
    find: async (name, signal) => {
      const model = await describe(name, signal);
      if (model.status.state !== 'Terminating') return readIndexModel(model);
      throw new VecportError('not-found', `The index '${name}' is being removed.`, { provider: PROVIDER });
    },
    create: async (description, signal) => {
      const plan = planIndex(description, settings);
      await client.control(async (pinecone) => pinecone.createIndex(plan), { signal, again: false });
      await poll(settings.readyTimeout, signal, `The index '${plan.name}' was made and is not ready.`, async () => {
        const { status } = await describe(plan.name, signal);
        if (status.state !== 'InitializationFailed' && status.state !== 'Failed') return status.ready;
        throw new VecportError('provider-error', `Pinecone could not make the index '${plan.name}': ${status.state}.`, {
          provider: PROVIDER,
        });
      });
    },
    drop: async (name, signal) => {
      await client.control(async (pinecone) => pinecone.deleteIndex(name), { signal, again: false });
      await poll(settings.readyTimeout, signal, `The index '${name}' is still being removed.`, async () => {
        try {
          await describe(name, signal);
          return false;
        } catch (error) {
          if (hasCode(error, 'not-found')) return true;
          throw error;
        }
      });
    },
  };
}

/** The index of `indexHost`. */
function oneIndex(client: PineconeClient, { indexHost = '', index }: PineconeSettings): Indexes {
  const only = index ?? new URL(indexHost).hostname.replace(/-[a-z0-9]{7}\.svc\..*$|\..*$/, '');
  const host = client.host(indexHost);
  const refuse = (): never => {
    throw notSupported('With indexHost indexes are neither made nor removed.', 'Remove the setting indexHost.');
  };
  return {
    ping: async (signal) => readStats(host, signal, false),
    names: async (signal) => {
      signal?.throwIfAborted();
      return [only];
    },
    find: async (name, signal) => {
      if (name === only) return indexFromStats(only, indexHost, await readStats(host, signal));
      throw new VecportError('not-found', `The index at ${indexHost} is '${only}', not '${name}'.`, {
        provider: PROVIDER,
      });
    },
    create: async () => refuse(),
    drop: async () => refuse(),
  };
}

async function poll(
  timeout: number,
  signal: AbortSignal | undefined,
  tooLate: string,
  done: () => Promise<boolean>,
): Promise<void> {
  const start = performance.now();
  for (let delay = 50; !(await done()); delay = Math.min(LONGEST_POLL_MS, delay * 2)) {
    if (performance.now() - start > timeout) {
      throw new VecportError('timeout', tooLate, {
        provider: PROVIDER,
        advice: 'Look again later, or raise readyTimeout.',
      });
    }
    await wait(delay, undefined, { signal }).catch(() => {
      signal?.throwIfAborted();
    });
  }
}

async function inShortTime(
  ask: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const limit = AbortSignal.timeout(PING_MS);
  try {
    await ask(signal === undefined ? limit : AbortSignal.any([signal, limit]));
  } catch (error) {
    signal?.throwIfAborted();
    if (!limit.aborted || isVecportError(error)) throw error;
    throw new VecportError('timeout', `Pinecone did not answer within ${PING_MS / 1000} seconds.`, {
      provider: PROVIDER,
      cause: error,
    });
  }
}
