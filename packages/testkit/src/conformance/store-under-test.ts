import { type AdapterDefinition, type StoreDriver, VecportError } from '@vecport/abstractions';
import { createHost, type OpenStore, type VecportHost } from '@vecport/core';
import { adapterModule } from '../helpers/adapter-module.js';
import type { ConformanceOptions } from './options.js';

/** What says which store is tested. */
export type StoreUnderTest = Pick<ConformanceOptions, 'adapter' | 'settings' | 'client' | 'open' | 'layers'>;

/** An application with nothing but the adapter under test. The caller closes it. */
export async function hostUnderTest(name: string, options: StoreUnderTest): Promise<VecportHost> {
  const settings = (await options.settings?.()) ?? {};
  const module = adapterModule(adapterOf(name, options), settings, options.client);
  return createHost({ modules: [module], discover: false, env: {}, envFile: false, layers: options.layers ?? [] });
}

/** Open the store under test with its settings. */
export async function openStoreUnderTest(host: VecportHost): Promise<OpenStore> {
  const name = host.catalog.adapters()[0]?.adapter.name;
  if (name === undefined) throw new VecportError('not-found', 'The adapter under test is not registered.');
  return host.catalog.open(name);
}

function adapterOf(name: string, { adapter, open }: StoreUnderTest): AdapterDefinition {
  if (adapter !== undefined) return adapter;
  if (open === undefined)
    throw new VecportError('invalid-argument', 'Give the suite an adapter or a function that opens a store.');
  return {
    name,
    version: '0.0.0',
    schemes: ['tested'],
    settings: [],
    parseUrl: () => ({ settings: {} }),
    open: async (): Promise<StoreDriver> => open(),
  };
}
