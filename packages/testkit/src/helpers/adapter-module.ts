import { ADAPTER, type AdapterDefinition, type AdapterRegistration, type Settings } from '@vecport/abstractions';
import { ContainerModule } from 'inversify';

/** An adapter with settings as a container module, for `createHost({ modules: [...] })`. */
export function adapterModule(adapter: AdapterDefinition, settings: Settings = {}, client?: unknown): ContainerModule {
  const registration: AdapterRegistration = { adapter, settings, client };
  return new ContainerModule(({ bind }) => {
    bind(ADAPTER).toConstantValue(registration);
  });
}
