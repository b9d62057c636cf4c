import type { Client } from '@elastic/elasticsearch';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { adapter } from './adapter.js';

/** What an application may choose in code; what is not said comes from the environment, see the README. */
export interface ElasticOptions {
  /** `http://` or `https://` address of the server, with the path a proxy may want. */
  readonly url?: string | undefined;
  /** API key, as Elasticsearch prints it under `encoded`. */
  readonly apiKey?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Certificate authority that signed the server's certificate: a PEM file, or PEM text. */
  readonly ca?: string | undefined;
  /** SHA-256 fingerprint of that authority's certificate, instead of `ca`. */
  readonly fingerprint?: string | undefined;
  /** Milliseconds a request may take without an answer. */
  readonly timeout?: number | undefined;
  /** When a write is visible: `true` (at once, the default), `wait_for` or `false`. */
  readonly refresh?: 'true' | 'wait_for' | 'false' | undefined;
  /** How long the server keeps a point in time that nobody reads, e.g. `5m`. */
  readonly keepAlive?: string | undefined;
  /** A client of the application's own, used instead of all connection settings and never closed here. */
  readonly client?: Client | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under
 * `ADAPTER` and opens nothing.
 */
export function elastic({ client, timeout, ...options }: ElasticOptions = {}): ContainerModule {
  const settings = { ...options, timeout: timeout === undefined ? undefined : String(timeout) };
  const registration: AdapterRegistration = { adapter, settings, client };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
