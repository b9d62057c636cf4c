import type { IVectorSearchRepository } from '@vecport/abstractions';
import { Container } from 'inversify';
import type { BootReport, ReportOptions } from './boot-report.js';
import type { CapabilityRegistry } from './capability-registry.js';
import type { Composition } from './composition.js';
import type { HostOptions } from './host-options.js';
import type { StoreCatalog } from './store-catalog.js';
import { COMPOSITION, vecportModule } from './vecport-module.js';

/** A composed application. Whoever makes it closes it. */
export interface VecportHost {
  readonly container: Container;
  readonly catalog: StoreCatalog;
  readonly capabilities: CapabilityRegistry;
  /**
   * Ask every adapter for what it is and can do, all in parallel, each within the time allowed. Imports
   * discovered adapters. A store that fails is part of the report, not an error.
   */
  report(options?: ReportOptions): Promise<BootReport>;
  /**
   * The default repository, opened at the first call. Once it resolved, `container.get` gives it too,
   * so it can be injected into constructors. A failure is not remembered: the next call tries again.
   */
  repository(): Promise<IVectorSearchRepository>;
  /**
   * Close every store that was opened, once, also when closing one fails; then throw the first
   * failure. A second call gives the same outcome. Nothing can be opened after it.
   */
  close(): Promise<void>;
}

/**
 * Compose an application: a container with its adapters, the catalog, the registry and the default
 * repository. Nothing is opened and no discovered adapter is imported yet.
 * @example
 * const host = await createHost({ modules: [lancedb({ path: './data' })], collection: 'items' });
 * console.log(formatBootReport(await host.report()));
 * const repository = await host.repository();
 */
export async function createHost(options: HostOptions = {}): Promise<VecportHost> {
  const { container = new Container(), modules = [], ...moduleOptions } = options;
  await container.loadAsync(...modules, vecportModule(moduleOptions));
  const composition = container.get<Composition>(COMPOSITION);
  const { catalog, capabilities, report, repository, close } = composition;
  return { container, catalog, capabilities, report, repository, close };
}
