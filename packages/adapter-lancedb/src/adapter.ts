import { createRequire } from 'node:module';
import type { Connection } from '@lancedb/lancedb';
import type { AdapterDefinition } from '@vecport/abstractions';
import { openFolder, useConnection } from './client.js';
import { DEFAULT_PATH, PROVIDER, parseUrl, SETTINGS } from './config.js';
import { createStore } from './store.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * The embedded store: tables of LanceDB in a local folder, opened by URLs like
 * `lancedb:<folder>#<table>`. `client` may be a LanceDB `Connection`, which the application closes.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: [PROVIDER],
  embedded: true,
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    const opened =
      client === undefined
        ? await openFolder(settings['path'] ?? DEFAULT_PATH)
        : await useConnection(client as Connection);
    return createStore(opened);
  },
} satisfies AdapterDefinition);
