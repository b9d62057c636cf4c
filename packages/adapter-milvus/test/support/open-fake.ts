import type { CollectionDriver, StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-milvus';
import type { FakeMilvus } from './fake-milvus.js';

/** The collection of a fake, and the store it is in. */
export async function openFake(
  fake: FakeMilvus,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly store: StoreDriver; readonly collection: CollectionDriver }> {
  const store = await adapter.open({ url: fake.url, ...settings }, {});
  return { store, collection: await store.collection('points', {}) };
}

/** Read all identifiers of a collection. */
export async function exportIds(
  collection: CollectionDriver,
  options: Parameters<NonNullable<CollectionDriver['exportAll']>>[0] = {},
): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of collection.exportAll?.(options) ?? []) ids.push(...batch.ids);
  return ids;
}
