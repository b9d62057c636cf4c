import {
  type AdapterDefinition,
  type AdapterRegistration,
  type CallOptions,
  raceSignal,
  redactUrl,
  type StoreAddress,
  type StoreDriver,
  VecportError,
} from '@vecport/abstractions';
import type { AdapterEntry, AdapterList } from './adapter-list.js';
import type { LearningRegistry } from './capability-registry.js';
import type { Configuration } from './configuration.js';
import type { RepositoryOptions } from './create-repository.js';
import { addErrorContext } from './error-context.js';
import { type FoundAdapter, findAdapter } from './find-adapter.js';
import { createOpenStore } from './open-store.js';
import {
  isConfigured,
  lookUpSettings,
  missingSettings,
  type ResolvedSettings,
  resolveSettings,
  type SettingInputs,
  settingValues,
} from './resolve-settings.js';
import { secretsInUrl, secretTexts } from './secrets.js';
import type { KnownAdapter, OpenStore, OpenStoreOptions, StoreCatalog } from './store-catalog.js';

/** What a catalog is made of. */
export interface CatalogParts {
  readonly adapters: AdapterList;
  readonly configuration: Configuration;
  readonly registry: LearningRegistry;
  /** URL or adapter name of the default store, as given in code. */
  readonly store: string | undefined;
  readonly repositoryOptions: RepositoryOptions;
}

/** A catalog with what the boot report needs beside it. */
export interface InternalCatalog extends StoreCatalog {
  entries(): Promise<readonly AdapterEntry[]>;
  /** The adapter of the default store that was named, which nothing is imported for; `undefined` when none was. */
  namedAdapter(): Promise<FoundAdapter | undefined>;
  /** The default store's adapter. Without a name, adapters are imported. @throws VecportError `not-found` when there is none. */
  defaultAdapter(): Promise<FoundAdapter>;
  /** Where the settings of an adapter would come from; with those of a URL when one is given. */
  settingsOf(registration: AdapterRegistration, url?: string): Promise<ResolvedSettings>;
}

/** The catalog of an application. It keeps track of what it opened, to close it. */
export function createStoreCatalog(parts: CatalogParts): InternalCatalog {
  const open = new Set<OpenStore>();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;
  const keep = async (store: OpenStore): Promise<OpenStore> => {
    open.add(store);
    if (closed === undefined) return store;
    // It ignored the signal and opened after all was closed.
    await store.close();
    throw closedError();
  };
  const find = async (urlOrName: string | undefined): Promise<FoundAdapter> =>
    urlOrName === undefined ? defaultAdapter(parts) : findAdapter(await parts.adapters.entries(), urlOrName);
  return {
    adapters: () => parts.adapters.registered(),
    known: async () => (await parts.adapters.entries()).map(publicEntry),
    entries: parts.adapters.entries,
    namedAdapter: async () => namedAdapter(parts),
    defaultAdapter: async () => defaultAdapter(parts),
    settingsOf: async (registration, url) =>
      lookUpSettings(registration.adapter, await inputsOf(parts, registration, addressOf(registration.adapter, url))),
    open: async (urlOrName, options = {}) => {
      options.signal?.throwIfAborted();
      if (closed !== undefined) throw closedError();
      const signal = AbortSignal.any([closing.signal, ...(options.signal === undefined ? [] : [options.signal])]);
      const opening = find(urlOrName).then(async (found) =>
        openFound(parts, found, { ...options, signal }, (store) => open.delete(store)),
      );
      return keep(await unlessAborted(opening, signal));
    },
    close: async () => {
      closed ??= closeAll(open);
      closing.abort(closedError());
      return closed;
    },
  };
}

// An adapter may ignore its signal. The caller does not wait for it; a store that opens too late is closed.
async function unlessAborted(opening: Promise<OpenStore>, signal: AbortSignal): Promise<OpenStore> {
  try {
    return await raceSignal(opening, signal);
  } catch (error) {
    void opening.then(async (late) => late.close()).catch(ignored);
    throw error;
  }
}

// What goes wrong in a store that was given up is nobody's error.
function ignored(): void {}

function publicEntry(entry: AdapterEntry): KnownAdapter {
  return { name: entry.name, schemes: entry.schemes, source: entry.source, package: entry.package };
}

async function openFound(
  parts: CatalogParts,
  { entry, url }: FoundAdapter,
  options: OpenStoreOptions,
  forget: (store: OpenStore) => void,
): Promise<OpenStore> {
  const registration = await entry.registration();
  const { adapter } = registration;
  const address = addressOf(adapter, url);
  // An injected client is connected to what the registration says, not to what a URL says.
  const client = url === undefined ? registration.client : undefined;
  const inputs = { ...(await inputsOf(parts, registration, address)), explicit: options.settings };
  const resolved = client === undefined ? resolveSettings(adapter, inputs) : lookUpSettings(adapter, inputs);
  const secrets = secretTexts(resolved, adapter);
  const store = createOpenStore({
    driver: await connect(adapter, resolved, secrets, { signal: options.signal, client }),
    provider: adapter.name,
    url: url === undefined ? adapter.name : redactUrl(url),
    defaultCollection: address?.collection,
    defaultTenant: address?.tenant,
    secrets,
    registry: parts.registry,
    options: parts.repositoryOptions,
    onClose: () => forget(store),
  });
  return store;
}

async function connect(
  adapter: AdapterDefinition,
  resolved: ResolvedSettings,
  secrets: readonly string[],
  options: CallOptions & { readonly client: unknown },
): Promise<StoreDriver> {
  try {
    return await adapter.open(settingValues(resolved), options);
  } catch (error) {
    throw addErrorContext(error, { provider: adapter.name, operation: 'open' }, options.signal, secrets);
  }
}

function addressOf(adapter: AdapterDefinition, url: string | undefined): StoreAddress | undefined {
  if (url === undefined) return undefined;
  try {
    return adapter.parseUrl(url);
  } catch (error) {
    throw addErrorContext(error, { provider: adapter.name }, undefined, secretsInUrl(url));
  }
}

async function inputsOf(
  { configuration }: CatalogParts,
  registration: AdapterRegistration,
  address: StoreAddress | undefined,
): Promise<SettingInputs> {
  const { env } = configuration;
  return { url: address?.settings, registered: registration.settings, env, envFile: await configuration.envFile() };
}

async function namedAdapter({ adapters, store, configuration }: CatalogParts): Promise<FoundAdapter | undefined> {
  const named = store ?? (await configuration.variable('VECPORT_STORE'))?.value;
  return named === undefined ? undefined : findAdapter(await adapters.entries(), named);
}

async function defaultAdapter(parts: CatalogParts): Promise<FoundAdapter> {
  const named = await namedAdapter(parts);
  if (named !== undefined) return named;
  const candidates: Candidate[] = [];
  for (const entry of await parts.adapters.entries()) {
    const candidate = await candidateOf(parts, entry);
    if (candidate !== undefined) candidates.push(candidate);
  }
  const configured = candidates.filter((candidate) => candidate.configured);
  if (configured.length > 1) {
    const names = configured.map(({ entry }) => entry.name).join(', ');
    throw new VecportError('invalid-argument', `Several stores are configured: ${names}.`, {
      advice: 'Say which with VECPORT_STORE: a store URL or the name of an adapter.',
    });
  }
  const chosen = configured[0] ?? candidates.find(({ selfSufficient }) => selfSufficient);
  if (chosen !== undefined) return { entry: chosen.entry, url: undefined };
  throw new VecportError('not-found', 'No store is configured.', {
    advice:
      'Set VECPORT_STORE to a store URL, or add the embedded store, @vecport/adapter-lancedb, to the dependencies.',
  });
}

/** An adapter that could be opened without a URL. */
interface Candidate {
  readonly entry: AdapterEntry;
  /** Somebody said something about it: a setting in code or in the environment, or a client. */
  readonly configured: boolean;
  /** It works with nothing said. */
  readonly selfSufficient: boolean;
}

async function candidateOf(parts: CatalogParts, entry: AdapterEntry): Promise<Candidate | undefined> {
  let registration: AdapterRegistration;
  try {
    registration = await entry.registration();
  } catch {
    // A broken package is no candidate; the boot report says what is wrong with it.
    return undefined;
  }
  const { adapter, client } = registration;
  const resolved = lookUpSettings(adapter, await inputsOf(parts, registration, undefined));
  if (client === undefined && missingSettings(adapter, resolved).length > 0) return undefined;
  return {
    entry,
    configured: client !== undefined || isConfigured(resolved),
    selfSufficient: adapter.embedded === true || adapter.settings.length === 0 || entry.source === 'module',
  };
}

async function closeAll(open: ReadonlySet<OpenStore>): Promise<void> {
  const results = await Promise.allSettled([...open].map(async (store) => store.close()));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) {
    throw new VecportError('provider-error', `${failures.length} stores could not be closed.`, {
      cause: new AggregateError(failures),
    });
  }
}

function closedError(): VecportError {
  return new VecportError('invalid-argument', 'The application is closed; no store can be opened any more.');
}
