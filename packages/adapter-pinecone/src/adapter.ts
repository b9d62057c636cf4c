import { createRequire } from 'node:module';
import type { Pinecone } from '@pinecone-database/pinecone';
import type { AdapterDefinition } from '@vecport/abstractions';
import { openClient } from './client.js';
import { PROVIDER, parseSettings, parseUrl, SETTINGS } from './config.js';
import { createStore } from './store.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * The indexes of a Pinecone project, opened by URLs like `pinecone://<index>#<namespace>`. `client` may be a
 * `Pinecone` of the official package, whose key and control plane are then used.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: [PROVIDER],
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    const parsed = parseSettings(settings);
    const opened = await openClient(parsed, client as Pinecone | undefined);
    const store = createStore(opened, parsed);
    try {
      await store.ping(signal);
      return store.driver;
    } catch (error) {
      await opened.close();
      throw error;
    }
  },
} satisfies AdapterDefinition);
