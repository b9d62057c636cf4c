import type { TenantDriver } from '@vecport/abstractions';
import type { QdrantConnection } from './client.js';
import { type CollectionInfo, hasShardKeys } from './describe.js';
import { notSupported } from './errors.js';
import { asObject } from './layout.js';
import type { ShardKey } from './points.js';

/** The tenants of a collection are the keys of its shards, where it was made with `sharding_method: custom`. */
export function shardTenants(
  connection: QdrantConnection,
  askInfo: (name: string, signal: AbortSignal | undefined) => Promise<CollectionInfo>,
): TenantDriver {
  return {
    list: async (collection, { signal }) => {
      if (!hasShardKeys(await askInfo(collection, signal))) return [];
      return (await shardKeys(connection, collection, signal)).map((key) => ({ name: String(key) }));
    },
    create: async (collection, tenant, { signal }) => {
      if (!hasShardKeys(await askInfo(collection, signal))) {
        throw notSupported(
          `The collection '${collection}' has no tenants: it was not made with shards of its own.`,
          'Make it with multiTenant, on a server in distributed mode.',
        );
      }
      const there = await shardKeys(connection, collection, signal);
      if (there.some((key) => String(key) === tenant)) return;
      await connection.control(signal, async (client) => client.createShardKey(collection, { shard_key: tenant }));
    },
  };
}

/** The keys of a collection's shards, of this server and the others of its cluster, in order. */
export async function shardKeys(
  connection: QdrantConnection,
  collection: string,
  signal: AbortSignal | undefined,
): Promise<readonly ShardKey[]> {
  const info = asObject(await connection.ask(signal, async (client) => client.collectionClusterInfo(collection)));
  const shards = [info['local_shards'], info['remote_shards']].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]) : [],
  );
  const keys = shards.map((shard) => asObject(shard)['shard_key']).filter(isShardKey);
  return [...new Set(keys)].sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

function isShardKey(value: unknown): value is ShardKey {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}
