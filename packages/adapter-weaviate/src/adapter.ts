import { createRequire } from 'node:module';
import type { AdapterDefinition } from '@vecport/abstractions';
import type { WeaviateClient } from 'weaviate-client';
import { PROVIDER, parseUrl, readConfig, SETTINGS } from './config.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * Weaviate 1.35 and newer, opened by URLs like `weaviate://localhost:8080/Articles#tenant`. `client` may be a
 * `WeaviateClient` of the official library: its address and credentials are used, and it is not closed.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: ['weaviate', 'weaviate+https'],
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    const { openConnection, urlOfClient } = await import('./client.js');
    const { createStore } = await import('./store.js');
    const own = client as WeaviateClient | undefined;
    const url = settings['url'] ?? (own === undefined ? undefined : await urlOfClient(own));
    return createStore(await openConnection(readConfig({ ...settings, url }), own, { signal }));
  },
} satisfies AdapterDefinition);
