import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type CollectionDriver, type StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-elastic';
import { serverUrl, testedServers } from '@vecport/testkit';
import { type RealServer, realServer } from './support/real-server.js';

const NAME = `load-${process.pid}`;

interface Tuned {
  readonly refresh_interval?: string;
  readonly number_of_replicas?: string;
}

for (const name of testedServers(['elastic-9', 'elastic-8'] as const)) {
  describe(`loading an index, on ${name}`, () => {
    let server: RealServer;
    let store: StoreDriver;
    let collection: CollectionDriver;

    beforeAll(async () => {
      server = realServer(serverUrl(name));
      store = await adapter.open(server.settings, {});
    });
    afterAll(async () => {
      await store.drop(NAME, {}).catch(() => undefined);
      await store.close();
    });
    beforeEach(async () => {
      await store.drop(NAME, {}).catch(() => undefined);
      await store.create(
        {
          name: NAME,
          idKinds: ['string'],
          vectors: { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'euclidean' } },
        },
        {},
      );
      collection = await store.collection(NAME, {});
      await server.call('PUT', `/${NAME}/_settings`, { index: { refresh_interval: '7s', number_of_replicas: 2 } });
    });

    const settings = async (): Promise<Tuned> => {
      const answer = (await server.call('GET', `/${NAME}/_settings`)) as Record<string, { settings: { index: Tuned } }>;
      const { refresh_interval, number_of_replicas } = answer[NAME]?.settings.index ?? {};
      return { ...(refresh_interval && { refresh_interval }), ...(number_of_replicas && { number_of_replicas }) };
    };
    const meta = async (): Promise<readonly string[]> => {
      const answer = (await server.call('GET', `/${NAME}/_mapping`)) as Record<string, { mappings: { _meta: object } }>;
      return Object.keys(answer[NAME]?.mappings._meta ?? {});
    };
    const write = async (id: string) =>
      collection.upsertMany(batchFromRecords([{ id, embedding: Float32Array.of(1, 2) }]), {});

    it('refreshes nothing and has no replicas meanwhile, and then has all points and its own settings', async () => {
      const loading = await collection.bulkLoad?.({});
      expect(await settings()).toEqual({ refresh_interval: '-1', number_of_replicas: '0' });
      await write('a');
      expect(await collection.count(undefined, {})).toBe(0);
      await loading?.restore();
      expect(await collection.count(undefined, {})).toBe(1);
      expect(await settings()).toEqual({ refresh_interval: '7s', number_of_replicas: '2' });
      expect(await meta()).toEqual(['vecport']);
      await write('b');
      expect(await collection.count(undefined, {})).toBe(2);
    });

    it('puts back what a killed process left tuned, whose points it counts', async () => {
      await collection.bulkLoad?.({});
      await write('a');
      const other = await store.collection(NAME, {});
      const loading = await other.bulkLoad?.({});
      expect(await other.count(undefined, {})).toBe(1);
      await loading?.restore();
      expect(await settings()).toEqual({ refresh_interval: '7s', number_of_replicas: '2' });
      expect(await meta()).toEqual(['vecport']);
    });

    it('gives settings that were never said back to the server', async () => {
      await server.call('PUT', `/${NAME}/_settings`, { index: { refresh_interval: null } });
      const loading = await collection.bulkLoad?.({});
      await loading?.restore();
      expect(await settings()).toEqual({ number_of_replicas: '2' });
    });
  });
}
