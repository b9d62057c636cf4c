import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { adapter } from './adapter.js';
import type { SdkClient } from './sdk-transport.js';

/** What an application may choose in code. */
export interface MilvusOptions {
  /** Address of the server, e.g. `milvus://localhost:19530`. Taken from `MILVUS_URL` if not said. */
  readonly url?: string | undefined;
  /** API key, or `user:password`. Taken from `MILVUS_TOKEN` if not said. */
  readonly token?: string | undefined;
  /** Taken from `MILVUS_DATABASE` if not said, else the default database. */
  readonly database?: string | undefined;
  /** Whether collections are loaded when they are opened; true if not said. */
  readonly load?: boolean | undefined;
  /** Index of a vector whose description names none; `FLAT` if not said. */
  readonly index?: 'FLAT' | 'HNSW' | 'IVF_FLAT' | 'AUTOINDEX' | undefined;
  /** Milliseconds a request may take; 60,000 if not said. */
  readonly timeout?: number | undefined;
  /**
   * A `MilvusClient` of `@zilliz/milvus2-sdk-node`, whose connection and credentials are used instead of `url` and
   * `token`. It is never closed here.
   */
  readonly client?: SdkClient | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under
 * `ADAPTER` and opens nothing.
 */
export function milvus(options: MilvusOptions = {}): ContainerModule {
  const { client, load, timeout, ...texts } = options;
  const settings = { ...texts, load: load?.toString(), timeout: timeout?.toString() };
  const registration: AdapterRegistration = { adapter, settings, client };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
