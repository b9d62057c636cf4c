import { createRequire } from 'node:module';
import type { QdrantClient } from '@qdrant/js-client-rest';
import type { AdapterDefinition } from '@vecport/abstractions';
import { connect } from './client.js';
import { PROVIDER, parseUrl, readConfig, SCHEMES, SETTINGS } from './config.js';
import { createStore } from './store.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * Qdrant 1.13 and later, over gRPC or REST, opened by URLs like `qdrant://localhost:6333/articles`. `client`
 * may be a `QdrantClient` of `@qdrant/js-client-rest`: control calls go through it, and the application closes
 * it. Points are read and written over connections of the adapter's own, to the same address.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: SCHEMES,
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    return createStore(await connect(readConfig(settings), client as QdrantClient | undefined, { signal }));
  },
} satisfies AdapterDefinition);
