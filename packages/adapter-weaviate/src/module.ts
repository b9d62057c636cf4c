import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import type { WeaviateClient } from 'weaviate-client';
import { adapter } from './adapter.js';

/** What an application may choose in code; what is not said is taken from the environment. */
export interface WeaviateOptions {
  /** Address of the server, e.g. `http://localhost:8080`; else `WEAVIATE_URL`. */
  readonly url?: string | undefined;
  /** API key; else `WEAVIATE_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Address of the gRPC port; else `WEAVIATE_GRPC_URL`, or port 50051 of the same host. */
  readonly grpcUrl?: string | undefined;
  /** How many replicas must answer: `ONE`, `QUORUM` or `ALL`. */
  readonly consistencyLevel?: string | undefined;
  /** Vector index of new collections whose description names none. */
  readonly defaultIndex?: string | undefined;
  /** Milliseconds one request may take. */
  readonly timeout?: number | undefined;
  /** A client of the official library, whose address and credentials are used; never closed here. */
  readonly client?: WeaviateClient | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under `ADAPTER` and
 * connects to nothing.
 */
export function weaviate(options: WeaviateOptions = {}): ContainerModule {
  const { client, timeout, ...settings } = options;
  const registration: AdapterRegistration = {
    adapter,
    settings: { ...settings, timeout: timeout === undefined ? undefined : String(timeout) },
    client,
  };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
