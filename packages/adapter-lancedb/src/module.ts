import type { Connection } from '@lancedb/lancedb';
import { ADAPTER, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { adapter } from './adapter.js';

/** What an application may choose in code. */
export interface LanceDbOptions {
  /** Folder with the tables. Taken from `LANCEDB_PATH` if not said, else `./data/lancedb`. */
  readonly path?: string | undefined;
  /** A connection of the application's own, used instead of `path` and never closed here. */
  readonly client?: Connection | undefined;
}

/**
 * The adapter as a module for an inversify container: it binds an `AdapterRegistration` under
 * `ADAPTER` and opens nothing.
 */
export function lancedb(options: LanceDbOptions = {}): ContainerModule {
  const registration: AdapterRegistration = { adapter, settings: { path: options.path }, client: options.client };
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue(registration);
  });
}
