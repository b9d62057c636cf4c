import { ADAPTER, type AdapterDefinition, type AdapterRegistration } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';

/** Registers an adapter as its own module would. */
export function adapterModule(adapter: AdapterDefinition): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind<AdapterRegistration>(ADAPTER).toConstantValue({ adapter, settings: {} });
  });
}
