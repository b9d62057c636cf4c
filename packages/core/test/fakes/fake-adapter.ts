import {
  ADAPTER,
  type AdapterDefinition,
  type AdapterRegistration,
  type Settings,
  type StoreDriver,
  splitPathUrl,
} from '@vecport/abstractions';
import { ContainerModule } from 'inversify';
import { fakeDriver, fakeStore } from './fake-driver.js';

/** An adapter that remembers what it was opened with. */
export interface FakeAdapter extends AdapterDefinition {
  readonly opened: Settings[];
}

export function fakeAdapter(
  options: Partial<AdapterDefinition> = {},
  store: (settings: Settings) => StoreDriver = () => fakeStore({ items: fakeDriver() }),
): FakeAdapter {
  const opened: Settings[] = [];
  const name = options.name ?? 'fake';
  return {
    opened,
    name,
    version: '0.9.0',
    schemes: [name],
    settings: [{ name: 'path', description: 'Where.', env: ['FAKE_PATH'], default: './fake' }],
    parseUrl: (url) => {
      const { path, fragment } = splitPathUrl(url);
      return { settings: { path }, collection: fragment };
    },
    open: async (settings) => {
      opened.push(settings);
      return store(settings);
    },
    ...options,
  };
}

export function moduleOf(adapter: AdapterDefinition, rest: Partial<AdapterRegistration> = {}): ContainerModule {
  const registration: AdapterRegistration = { adapter, settings: {}, ...rest };
  return new ContainerModule(({ bind }) => {
    bind(ADAPTER).toConstantValue(registration);
  });
}
