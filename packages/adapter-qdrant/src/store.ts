import { type CollectionDescription, type StoreDriver, VecportError } from '@vecport/abstractions';
import type { QdrantConnection } from './client.js';
import { PROVIDER } from './config.js';
import { type CreateRequest, createRequest } from './create-request.js';
import { type CollectionInfo, hasShardKeys } from './describe.js';
import { invalidArgument, notSupported } from './errors.js';
import { readOwnFacts } from './own-facts.js';
import type { ShardKey } from './points.js';
import { createCollection, TRAITS } from './repository.js';
import { shardKeys, shardTenants } from './tenants.js';

/** A server as a store. */
export function createStore(connection: QdrantConnection): StoreDriver {
  const askInfo = connection.collectionInfo;
  return {
    version: connection.version,
    traits: TRAITS,
    ...(connection.clustered ? { tenants: shardTenants(connection, askInfo) } : {}),
    collections: async ({ signal }) => {
      const names = await connection.collectionNames(signal);
      return names.toSorted().map((name) => ({ name }));
    },
    collection: async (name, { signal, tenant }) => {
      const info = await askInfo(name, signal);
      const shardKey = tenant === undefined ? undefined : await shardKeyOf(connection, name, info, tenant, signal);
      const ask = async (called: AbortSignal | undefined): Promise<CollectionInfo> => askInfo(name, called);
      return createCollection({ name, transport: connection.points, info, shardKey, askInfo: ask });
    },
    create: async (description, { signal }) => makeCollection(connection, description, signal),
    drop: async (name, { signal }) => {
      const gone: unknown = await connection.control(signal, async (client) => client.deleteCollection(name));
      if (gone !== true) throw notFound(`There is no collection '${name}'.`);
    },
    close: async () => connection.close(),
  };
}

async function shardKeyOf(
  connection: QdrantConnection,
  name: string,
  info: CollectionInfo,
  tenant: string,
  signal: AbortSignal | undefined,
): Promise<ShardKey> {
  if (!hasShardKeys(info)) throw invalidArgument(`The collection '${name}' has no tenants.`, 'Open it without one.');
  const key = (await shardKeys(connection, name, signal)).find((one) => String(one) === tenant);
  if (key === undefined) throw notFound(`The collection '${name}' has no tenant '${tenant}'.`);
  return key;
}

async function makeCollection(
  connection: QdrantConnection,
  description: CollectionDescription,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name } = description;
  if (description.multiTenant === true && !connection.clustered) {
    throw notSupported(
      `The collection '${name}' cannot have tenants: they are shards, and this server is not part of a cluster.`,
      'Leave multiTenant out, or start Qdrant in distributed mode.',
    );
  }
  const request = createRequest(description);
  await connection.control(signal, async (client) => client.createCollection(name, request.collection));
  try {
    await completeCollection(connection, description, request, signal);
  } catch (error) {
    // Half a collection is worse than none; the first error is the one that counts.
    await connection.control(undefined, async (client) => client.deleteCollection(name)).catch(() => undefined);
    throw error;
  }
}

async function completeCollection(
  connection: QdrantConnection,
  { name, embeddingModel }: CollectionDescription,
  { indexes, update, needsMetadata }: CreateRequest,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (update !== undefined) {
    await connection.ask(signal, async (client) => client.updateCollection(name, { params: update }));
  }
  for (const [path, schema] of indexes) {
    const index = { field_name: path, field_schema: schema as 'keyword', wait: true };
    await connection.ask(signal, async (client) => client.createPayloadIndex(name, index));
  }
  if (!needsMetadata || embeddingModel === undefined) return;
  const { config } = await connection.collectionInfo(name, signal);
  if (readOwnFacts(config['metadata']).embeddingModel === embeddingModel) return;
  throw notSupported(
    `Qdrant ${connection.version} has no place for the name of the embedding model.`,
    'Leave embeddingModel out, or use Qdrant 1.16 or later.',
  );
}

function notFound(reason: string): VecportError {
  return new VecportError('not-found', reason, {
    provider: PROVIDER,
    advice: 'List the collections of the store to see what there is.',
  });
}
