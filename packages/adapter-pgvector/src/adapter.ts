import { createRequire } from 'node:module';
import type { AdapterDefinition } from '@vecport/abstractions';
import { connect, usePool } from './client.js';
import { PROVIDER, parseUrl, readCallConfig, readConfig, SETTINGS, TLS_SCHEME } from './config.js';
import { createStore } from './store.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * Tables of PostgreSQL with columns of the extension pgvector, opened by URLs like
 * `pgvector://user:password@host:5432/database#table`. `client` may be a `Pool` of the package `pg`,
 * which the application closes.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: [PROVIDER, TLS_SCHEME],
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    const config = readCallConfig(settings);
    const connections =
      client === undefined ? await connect(readConfig(settings), config) : await usePool(client, config);
    return createStore(connections, config, signal);
  },
} satisfies AdapterDefinition);
