import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { adapter } from './adapter.js';
import type { PgPool } from './client.js';

/** What an application may choose in code; what is not said is taken from `PGVECTOR_URL`. */
export interface PgvectorOptions {
  /** `pgvector://user:password@host:5432/database`, or a `postgres://` URL. */
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Schema of the tables that are named without one; `public` if not said. */
  readonly schema?: string | undefined;
  readonly sslmode?: 'disable' | 'require' | 'verify-ca' | 'verify-full' | undefined;
  /** Certificates that are trusted: PEM text, or the path of a file with it. */
  readonly ca?: string | undefined;
  /** Longest time of one call in milliseconds; 60,000 if not said. */
  readonly timeout?: number | undefined;
  /** Connections for calls at most, and as many again for exports; 8 if not said. */
  readonly connections?: number | undefined;
  /** A `Pool` of the package `pg`, of at least four connections, used instead of an address and never closed here. */
  readonly client?: PgPool | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under
 * `ADAPTER` and opens nothing.
 */
export function pgvector({ client, ...options }: PgvectorOptions = {}): ContainerModule {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  const registration: AdapterRegistration = { adapter, settings, client };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
