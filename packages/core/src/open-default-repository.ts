import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import type { Configuration } from './configuration.js';
import type { OpenStore, StoreCatalog } from './store-catalog.js';

/**
 * The default collection of the default store. The store is closed again when that fails.
 * @throws VecportError `invalid-argument` when no collection is named and there is not exactly one.
 */
export async function openDefaultRepository(
  catalog: StoreCatalog,
  configuration: Configuration,
  collection: string | undefined,
): Promise<IVectorSearchRepository> {
  const store = await catalog.open();
  try {
    return await store.repository(await collectionName(store, configuration, collection));
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function collectionName(
  store: OpenStore,
  configuration: Configuration,
  chosen: string | undefined,
): Promise<string> {
  const named = chosen ?? store.defaultCollection ?? (await configuration.variable('VECPORT_COLLECTION'))?.value;
  if (named !== undefined) return named;
  const names = (await store.collections()).map((info) => info.name);
  if (names.length === 1 && names[0] !== undefined) return names[0];
  const found = names.length === 0 ? 'has no collection yet' : `has ${names.length} collections`;
  throw new VecportError('invalid-argument', `No default collection is named, and the store ${found}.`, {
    provider: store.provider,
    advice: 'Name one: the option collection, the URL of the store or the variable VECPORT_COLLECTION.',
  });
}
