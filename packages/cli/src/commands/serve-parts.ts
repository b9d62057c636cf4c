import { schemeOf } from '@vecport/abstractions';
import type { ComposedHost } from '@vecport/core';
import { configuredStores, type ServiceConfiguration, type StoreSet } from '@vecport/export-service';
import { usageError } from '../usage-error.js';

/** The name of the store that the environment names. */
const DEFAULT_STORE = 'default';

/** What a process of a job is given by the service that starts it, to open the same stores and backends. */
export interface ServeJobSetup {
  /** The working directory of the service. */
  readonly cwd: string;
  /** The data folder of the service. */
  readonly folder: string;
  /** What `service.json` and the command line said when the service was started. */
  readonly configuration: ServiceConfiguration;
  /** The environment of the service, with what `.env` files said then. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** The configured stores, or the one that the environment names. @throws VecportError `invalid-argument` for one without a URL. */
export function storesOf(
  { catalog }: Pick<ComposedHost, 'catalog'>,
  { stores = {}, defaultStore }: ServiceConfiguration,
): StoreSet {
  if (Object.keys(stores).length > 0) {
    for (const [name, url] of Object.entries(stores)) {
      if (schemeOf(url) === undefined) throw usageError(`The store '${name}' has no URL.`, 'E.g. lancedb:./data.');
    }
    return configuredStores(catalog, stores, defaultStore);
  }
  return {
    names: [DEFAULT_STORE],
    defaultName: DEFAULT_STORE,
    open: async (_name, options) => catalog.open(undefined, options),
    adapters: async () => (await catalog.known()).map(({ name }) => name),
  };
}
