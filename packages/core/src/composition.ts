import type { AdapterRegistration, IVectorSearchRepository } from '@vecport/abstractions';
import { createAdapterList } from './adapter-list.js';
import type { BootReport, ReportOptions } from './boot-report.js';
import { type CapabilityRegistry, createCapabilityRegistry } from './capability-registry.js';
import { type Configuration, createConfiguration, memoized } from './configuration.js';
import { createStoreCatalog } from './create-store-catalog.js';
import type { VecportModuleOptions } from './host-options.js';
import { makeBootReport } from './make-boot-report.js';
import { openDefaultRepository } from './open-default-repository.js';
import type { StoreCatalog } from './store-catalog.js';

/** All parts of an application, composed without a container. */
export interface Composition {
  readonly catalog: StoreCatalog;
  readonly capabilities: CapabilityRegistry;
  report(options?: ReportOptions): Promise<BootReport>;
  repository(): Promise<IVectorSearchRepository>;
  /** The default repository, if it was opened. */
  openedRepository(): IVectorSearchRepository | undefined;
  close(): Promise<void>;
}

/** @param onImport told of each discovered adapter when it was imported */
export function createComposition(
  options: VecportModuleOptions,
  registered: readonly AdapterRegistration[],
  onImport: (registration: AdapterRegistration) => void,
): Composition {
  const configuration: Configuration = createConfiguration(options);
  const capabilities = createCapabilityRegistry(async (o) => report(o));
  const catalog = createStoreCatalog({
    adapters: createAdapterList(registered, configuration.discovered, onImport),
    configuration,
    registry: capabilities,
    store: options.store,
    repositoryOptions: { onTrace: options.onTrace, layers: options.layers },
  });
  const report = async (o?: ReportOptions): Promise<BootReport> => makeBootReport(catalog, capabilities, o);
  let opened: IVectorSearchRepository | undefined;
  return {
    catalog,
    capabilities,
    report,
    repository: memoized(async () => {
      opened = await openDefaultRepository(catalog, configuration, options.collection);
      return opened;
    }),
    openedRepository: () => opened,
    close: async () => catalog.close(),
  };
}
