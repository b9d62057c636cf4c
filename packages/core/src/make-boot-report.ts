import {
  type AdapterRegistration,
  CAPABILITIES,
  isVecportError,
  redactUrl,
  type VecportError,
} from '@vecport/abstractions';
import type { AdapterEntry } from './adapter-list.js';
import { type AdapterState, stateForCode } from './adapter-state.js';
import type {
  AdapterReport,
  BootReport,
  CapabilityReport,
  CollectionReport,
  ReportOptions,
  SettingReport,
} from './boot-report.js';
import type { LearningRegistry } from './capability-registry.js';
import type { InternalCatalog } from './create-store-catalog.js';
import { type Deadline, startDeadline } from './deadline.js';
import type { FoundAdapter } from './find-adapter.js';
import { probeStore, type StoreFacts } from './probe-store.js';
import { isConfigured } from './resolve-settings.js';
import { scrub, secretTexts, shownValue } from './secrets.js';

const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Ask every adapter, all in parallel, each within the time allowed. An adapter that fails is reported
 * with its reason and does not disturb the others.
 * @throws the reason of `signal`, and nothing else an adapter causes.
 */
export async function makeBootReport(
  catalog: InternalCatalog,
  registry: LearningRegistry,
  options: ReportOptions = {},
): Promise<BootReport> {
  const entries = await catalog.entries();
  const named = await catalog.namedAdapter().catch(() => undefined);
  const [chosen, ...drafts] = await Promise.all([
    defaultOf(catalog, options),
    ...entries.map(async (entry) => {
      const url = named?.entry.name === entry.name ? named.url : undefined;
      return reportAdapter({ entry, url, catalog, registry, options });
    }),
  ]);
  // Only now all adapters are known, so only now alternatives are.
  return {
    createdAt: new Date().toISOString(),
    defaultStore: chosen.store === undefined ? undefined : redactUrl(chosen.store.url ?? chosen.store.entry.name),
    problem: chosen.problem,
    adapters: drafts.map((draft) => withAlternatives(draft, registry)),
  };
}

interface Probe {
  readonly entry: AdapterEntry;
  readonly url: string | undefined;
  readonly catalog: InternalCatalog;
  readonly registry: LearningRegistry;
  readonly options: ReportOptions;
}

async function defaultOf(
  catalog: InternalCatalog,
  options: ReportOptions,
): Promise<{ readonly store?: FoundAdapter; readonly problem?: string }> {
  try {
    return { store: await withinTime(options, async ({ race }) => race(catalog.defaultAdapter())) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isVecportError(error)) throw error;
    return { problem: error.message };
  }
}

async function withinTime<T>(options: ReportOptions, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const deadline = startDeadline(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, options.signal);
  try {
    return await work(deadline);
  } finally {
    deadline.clear();
  }
}

async function reportAdapter(probe: Probe): Promise<AdapterReport> {
  const { entry, registry, options } = probe;
  const { name, source, schemes } = entry;
  const identity = { name, source, schemes, package: entry.package };
  const known: Known = { secrets: [], settings: [] };
  try {
    const { serverVersion, collections } = await withinTime(options, async (deadline) => ask(probe, known, deadline));
    options.signal?.throwIfAborted();
    const { version, settings } = known;
    const capabilities = summary(collections, NOTHING_YET);
    return { ...identity, version, state: 'ready', serverVersion, settings, collections, capabilities };
  } catch (error) {
    options.signal?.throwIfAborted();
    const { state: found, reason } = failure(error, known.secrets);
    const state = found === 'misconfigured' && known.configured === false ? 'unconfigured' : found;
    registry.learnUnknown(name, shownStore(probe), state);
    const { version, settings } = known;
    return { ...identity, version, state, reason, settings, collections: [], capabilities: summary([], state) };
  }
}

const NOTHING_YET = 'there is no collection yet';

// Filled in step by step, so that a failure is reported with all that was found before it.
interface Known {
  version?: string;
  settings: readonly SettingReport[];
  secrets: readonly string[];
  /** Whether somebody said something about it. */
  configured?: boolean;
}

async function ask({ entry, url, catalog, registry }: Probe, known: Known, deadline: Deadline): Promise<StoreFacts> {
  const registration = await deadline.race(entry.registration());
  known.version = registration.adapter.version;
  const resolved = await catalog.settingsOf(registration, url);
  known.secrets = secretTexts(resolved, registration.adapter);
  known.settings = settingReports(registration, resolved);
  known.configured = url !== undefined || entry.source === 'module' || isConfigured(resolved);
  const facts = await probeStore(catalog, url ?? entry.name, deadline);
  const store = shownStore({ entry, url });
  registry.learnCollections(
    entry.name,
    store,
    facts.collections.map((collection) => collection.name),
  );
  if (facts.collections.length === 0) registry.learnUnknown(entry.name, store, NOTHING_YET);
  return facts;
}

function shownStore({ entry, url }: Pick<Probe, 'entry' | 'url'>): string {
  return url === undefined ? entry.name : redactUrl(url);
}

function failure(
  error: unknown,
  secrets: readonly string[],
): { readonly state: AdapterState; readonly reason: string } {
  if (!isVecportError(error)) return { state: 'failed', reason: scrub(String(error), secrets) };
  return { state: stateForCode(error.code), reason: scrub(sentences(error), secrets) };
}

function sentences({ reason, advice }: VecportError): string {
  return advice === undefined ? reason : `${reason} ${advice}`;
}

function settingReports(
  { adapter }: AdapterRegistration,
  resolved: Awaited<ReturnType<InternalCatalog['settingsOf']>>,
): readonly SettingReport[] {
  return adapter.settings.map(({ name, secret }) => {
    const setting = Object.hasOwn(resolved, name) ? resolved[name] : undefined;
    return setting === undefined
      ? { name }
      : { name, value: shownValue(setting.value, secret), source: setting.source };
  });
}

// Present in one collection is present; absent needs that all are known.
function summary(collections: readonly CollectionReport[], unknown: string): readonly CapabilityReport[] {
  return CAPABILITIES.map((capability) => {
    const found = collections.flatMap((collection) =>
      collection.capabilities.filter((report) => report.capability === capability),
    );
    const best =
      found.find((report) => report.state === 'present') ??
      found.find((report) => report.state === 'unknown') ??
      found[0];
    return best ?? { capability, state: 'unknown', reason: unknown };
  });
}

function withAlternatives(draft: AdapterReport, registry: LearningRegistry): AdapterReport {
  const complete = (report: CapabilityReport): CapabilityReport =>
    report.state === 'present'
      ? report
      : { ...report, alternatives: registry.advise(report.capability, draft.name).alternatives };
  return {
    ...draft,
    capabilities: draft.capabilities.map(complete),
    collections: draft.collections.map((collection) => ({
      ...collection,
      capabilities: collection.capabilities.map(complete),
    })),
  };
}
