import type {
  CollectionDescription,
  CollectionDriver,
  IVectorSearchRepository,
  VectorTraits,
} from '@vecport/abstractions';
import { createRepository } from '@vecport/core';
import { generatedAdapter } from '@vecport/testkit';
import type { TargetStore } from '@vecport/transfer';

const COLLECTION = 'points';

/** A collection of so many points, computed when they are read. */
export async function generatedSource(points: number, dimension = 384): Promise<IVectorSearchRepository> {
  const store = await generatedAdapter().open({ shape: `${points}x${dimension}`, collection: COLLECTION }, {});
  const driver = await store.collection(COLLECTION, {});
  return createRepository(driver, { provider: 'generated', collection: COLLECTION });
}

/** A store that takes every point, counts it and lets it go. */
export function discardingStore(traits: VectorTraits): TargetStore & { accepted(): number } {
  let description: CollectionDescription | undefined;
  let accepted = 0;
  const refuse = async (): Promise<never> => {
    throw new Error('Nothing is kept here.');
  };
  const driver: CollectionDriver = {
    traits,
    describe: async () => description ?? refuse(),
    count: async () => accepted,
    upsertMany: async ({ ids }) => {
      accepted += ids.length;
      return { accepted: ids.length, failed: [] };
    },
    get: refuse,
    deleteMany: refuse,
    search: refuse,
  };
  return {
    provider: 'discard',
    url: 'discard:',
    traits,
    multiTenant: false,
    collections: async () => (description === undefined ? [] : [{ name: description.name }]),
    repository: async (collection) => createRepository(driver, { provider: 'discard', collection }),
    tenants: async () => [],
    createTenant: refuse,
    create: async (asked) => {
      description = asked;
    },
    drop: refuse,
    accepted: () => accepted,
  };
}
