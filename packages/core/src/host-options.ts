import type { Container, ContainerModule } from 'inversify';
import type { RepositoryLayer } from './repository-layer.js';
import type { OnTrace } from './trace-event.js';

/** How an application is composed, beyond its adapters; for `vecportModule`. */
export interface VecportModuleOptions {
  /** The application's folder: adapters are looked for among the dependencies of the nearest `package.json`, `.env` from here upwards. The working directory if not said. */
  readonly root?: string | undefined;
  /** Further folders among the dependencies of whose nearest `package.json` adapters are looked for; of the same name, the one found first counts, those of `root` before all. */
  readonly adapterRoots?: readonly string[] | undefined;
  /** Whether installed adapter packages are discovered; true if not said. */
  readonly discover?: boolean | undefined;
  /** The environment; `process.env` if not said. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Whether `.env` files in the root and three folders above it are read; true if not said. */
  readonly envFile?: boolean | undefined;
  /** Put around every repository, outside the built-in layers, in order. */
  readonly layers?: readonly RepositoryLayer[] | undefined;
  /**
   * URL or adapter name of the default store; else the variable `VECPORT_STORE`; else the first
   * adapter that needs no setting it does not have.
   */
  readonly store?: string | undefined;
  /** The default collection; else the one the store's URL names; else `VECPORT_COLLECTION`; else the only one there is. */
  readonly collection?: string | undefined;
  /** Receives the begin and the end of every call of every repository. */
  readonly onTrace?: OnTrace | undefined;
}

/** How a host is made. */
export interface HostOptions extends VecportModuleOptions {
  /** Adapters with settings chosen in code, e.g. `lancedb({ path })`; they win over discovered ones of the same name. */
  readonly modules?: readonly ContainerModule[] | undefined;
  /** The application's container; a new one if not said. */
  readonly container?: Container | undefined;
}
