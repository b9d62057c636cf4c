import type { QdrantClient } from '@qdrant/js-client-rest';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { adapter } from './adapter.js';
import type { Transport } from './config.js';

/** What an application may choose in code. What is not said comes from the environment, or has a default. */
export interface QdrantOptions {
  /** Address of the REST interface, or `host:port` of gRPC; `QDRANT_URL`. */
  readonly url?: string | undefined;
  /** Port of REST where `url` does not say it; `QDRANT_PORT`, else 6333. */
  readonly port?: number | undefined;
  /** `QDRANT_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** How points are read and written; `grpc` if not said. */
  readonly transport?: Transport | undefined;
  /** 6334 if not said. */
  readonly grpcPort?: number | undefined;
  /** Longest time of a request in milliseconds; 60,000 if not said. */
  readonly timeout?: number | undefined;
  /** A client of the application's own, used for control calls and never closed here. */
  readonly client?: QdrantClient | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under
 * `ADAPTER` and opens nothing.
 */
export function qdrant(options: QdrantOptions = {}): ContainerModule {
  const { client, port, grpcPort, timeout, ...texts } = options;
  const settings = {
    ...texts,
    port: port === undefined ? undefined : String(port),
    grpcPort: grpcPort === undefined ? undefined : String(grpcPort),
    timeout: timeout === undefined ? undefined : String(timeout),
  };
  const registration: AdapterRegistration = { adapter, settings, client };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
