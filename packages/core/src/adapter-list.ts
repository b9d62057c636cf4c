import { type AdapterRegistration, VecportError } from '@vecport/abstractions';
import { memoized } from './configuration.js';
import type { DiscoveredAdapter } from './discover-adapters.js';
import type { KnownAdapter } from './store-catalog.js';

/** An adapter of the application, imported or not. */
export interface AdapterEntry extends KnownAdapter {
  /** Import it if need be. @throws VecportError `not-supported` for a broken package. */
  registration(): Promise<AdapterRegistration>;
}

/** The adapters of an application, those from code first; of the same name only the first. */
export interface AdapterList {
  entries(): Promise<readonly AdapterEntry[]>;
  /** Those imported so far. */
  registered(): readonly AdapterRegistration[];
}

/**
 * @param registered the adapters given in code
 * @param onImport told of each discovered adapter when it was imported
 * @throws VecportError `already-exists` when two adapters in code have the same name.
 */
export function createAdapterList(
  registered: readonly AdapterRegistration[],
  discovered: () => Promise<readonly DiscoveredAdapter[]>,
  onImport: (registration: AdapterRegistration) => void,
): AdapterList {
  refuseDuplicates(registered);
  const imported: AdapterRegistration[] = [];
  const entryOf = (found: DiscoveredAdapter): AdapterEntry => ({
    name: found.name,
    schemes: found.schemes,
    source: 'discovered',
    package: found.packageName,
    registration: memoized(async () => {
      const registration = { adapter: await found.load(), settings: {} };
      imported.push(registration);
      onImport(registration);
      return registration;
    }),
  });
  return {
    entries: memoized(async () => firstOfName([...registered.map(codeEntry), ...(await discovered()).map(entryOf)])),
    registered: () => [...registered, ...imported],
  };
}

function codeEntry(registration: AdapterRegistration): AdapterEntry {
  const { name, schemes } = registration.adapter;
  return { name, schemes, source: 'module', registration: async () => registration };
}

function firstOfName(entries: readonly AdapterEntry[]): readonly AdapterEntry[] {
  const names = entries.map((entry) => entry.name);
  return entries.filter((entry, i) => names.indexOf(entry.name) === i);
}

function refuseDuplicates(registered: readonly AdapterRegistration[]): void {
  const names = registered.map(({ adapter }) => adapter.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new VecportError('already-exists', `Two adapters are registered with the name '${twice}'.`, {
    advice: 'Register it once, and open further stores by URL.',
  });
}
