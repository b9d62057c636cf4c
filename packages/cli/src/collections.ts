import { VecportError } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import type { Environment } from './environment.js';
import { usageError } from './usage-error.js';

/** What the command line says about the collections to export. */
export interface CollectionChoice {
  readonly collection: readonly string[];
  readonly all?: boolean | undefined;
  /** Names a collection where nothing else does. */
  readonly environment?: Environment | undefined;
}

/** Variables that name the collection of a provider; of the others, `VECPORT_COLLECTION` does. */
const COLLECTION_VARIABLES: Readonly<Record<string, string>> = { qdrant: 'QDRANT_COLLECTION_NAME' };

/**
 * Names of the collections to export: those asked for, or the one of the store's URL, or all, or the one of the
 * environment.
 * @throws VecportError `invalid-argument` when none or too much is said, listing what there is.
 */
export async function chooseCollections(
  store: OpenStore,
  { collection, all = false, environment }: CollectionChoice,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { defaultCollection } = store;
  if (all && (collection.length > 0 || defaultCollection !== undefined)) {
    throw usageError('--all and the name of a collection exclude each other.', 'Leave one of them out.');
  }
  if (collection.length > 0) {
    const other = collection.find((name) => defaultCollection !== undefined && name !== defaultCollection);
    if (other === undefined) return collection;
    throw usageError(
      `The store URL names the collection '${defaultCollection}', --collection names '${other}'.`,
      'Leave the collection out of the URL to export several.',
    );
  }
  if (defaultCollection !== undefined) return [defaultCollection];
  const named = all ? undefined : collectionOf(store.provider, environment);
  if (named !== undefined) return [named];
  const names = (await store.collections({ signal })).map(({ name }) => name);
  if (names.length === 0) {
    throw new VecportError('not-found', `The store ${store.url} has no collections.`, {
      advice: 'Check the place it is opened from.',
    });
  }
  if (all) return names;
  throw usageError(
    `No collection is named. ${store.url} has: ${names.join(', ')}.`,
    'Choose with --collection NAME (repeatable), or take all of them with --all.',
  );
}

function collectionOf(provider: string, environment: Environment | undefined): string | undefined {
  const names = [COLLECTION_VARIABLES[provider] ?? [], 'VECPORT_COLLECTION'].flat();
  return names.map((name) => environment?.variables[name]).find((value) => value !== undefined && value !== '');
}

/**
 * The tenants to export: those asked for, or the one of the store's URL, or (`undefined`) all of them.
 * @throws VecportError `invalid-argument` when both are said and differ.
 */
export function chosenTenants(
  { defaultTenant }: Pick<OpenStore, 'defaultTenant'>,
  { tenant = [] }: { readonly tenant?: readonly string[] | undefined },
): readonly string[] | undefined {
  if (defaultTenant === undefined) return tenant.length === 0 ? undefined : tenant;
  const other = tenant.find((name) => name !== defaultTenant);
  if (other === undefined) return [defaultTenant];
  throw usageError(
    `The store URL names the tenant '${defaultTenant}', --tenant names '${other}'.`,
    'Leave the tenant out of the URL to export several.',
  );
}
