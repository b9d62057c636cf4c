import type { Pinecone } from '@pinecone-database/pinecone';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { adapter } from './adapter.js';

/** What an application may choose in code; what it does not say is taken from the environment. */
export interface PineconeOptions {
  readonly apiKey?: string | undefined;
  /** URL of the control plane. */
  readonly host?: string | undefined;
  /** URL of one index, which is then the only collection. */
  readonly indexHost?: string | undefined;
  /** Name of the index at `indexHost`. */
  readonly index?: string | undefined;
  /** Where new indexes are made. */
  readonly cloud?: string | undefined;
  readonly region?: string | undefined;
  /** Milliseconds a request may take. */
  readonly timeout?: number | undefined;
  /** Most requests a second to one index; 0 for no limit. */
  readonly requestsPerSecond?: number | undefined;
  /** A client of the application's own, used for the control plane instead of `apiKey` and `host`. */
  readonly client?: Pinecone | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under
 * `ADAPTER` and connects to nothing.
 */
export function pinecone(options: PineconeOptions = {}): ContainerModule {
  const { client, timeout, requestsPerSecond, ...texts } = options;
  const registration: AdapterRegistration = {
    adapter,
    settings: { ...texts, timeout: timeout?.toString(), requestsPerSecond: requestsPerSecond?.toString() },
    client,
  };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
