import { createRequire } from 'node:module';
import type { AdapterDefinition } from '@vecport/abstractions';
import { connect, useSdk } from './client.js';
import { PROVIDER, parseUrl, readCallConfig, readConfig, SETTINGS } from './config.js';
import type { SdkClient } from './sdk-transport.js';
import { createStore } from './store.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/**
 * Milvus 2.3 and later, Zilliz Cloud and milvus-lite, opened by URLs like `milvus://host:19530/collection`. `client`
 * may be a `MilvusClient` of `@zilliz/milvus2-sdk-node`, which the application closes.
 */
export const adapter: AdapterDefinition = Object.freeze({
  name: PROVIDER,
  version,
  schemes: ['milvus', 'milvus+https'],
  settings: SETTINGS,
  parseUrl,
  open: async (settings, { client, signal }) => {
    signal?.throwIfAborted();
    const opened =
      client === undefined
        ? await connect(readConfig(settings), signal)
        : await useSdk(client as SdkClient, readCallConfig(settings), signal);
    return createStore(opened);
  },
} satisfies AdapterDefinition);
