import { createRequire } from 'node:module';
import type { Client } from '@elastic/elasticsearch';
import type { AdapterDefinition } from '@vecport/abstractions';
import { connect, useClient } from './client.js';
import { PROVIDER, parseUrl, readConfig, SCHEMES, SETTINGS } from './config.js';
import { createStore } from './store.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * Elasticsearch 8 and 9: every index with a vector field is a collection. URLs are
 * `elastic://host:9200/index` and, with TLS, `elastic+https://host:9200/index`. `client` may be a client of
 * `@elastic/elasticsearch`, which the application closes.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: SCHEMES,
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    const config = readConfig(settings, client !== undefined);
    return createStore(
      client === undefined ? await connect(config, signal) : await useClient(client as Client, config, signal),
    );
  },
} satisfies AdapterDefinition);
