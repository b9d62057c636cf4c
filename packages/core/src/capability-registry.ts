import { CAPABILITIES, type Capability, type CapabilityAdvice, type CollectionDriver } from '@vecport/abstractions';
import type { ReportOptions } from './boot-report.js';
import { absenceReason } from './driver-repository.js';

/** What is known of one capability in one place. */
export interface CapabilityEntry {
  /** Adapter name. */
  readonly adapter: string;
  /** The store as it may be shown: a URL without secrets, or the adapter's name. */
  readonly store: string;
  readonly collection?: string | undefined;
  readonly capability: Capability;
  readonly state: 'present' | 'absent' | 'unknown';
  /** Why it is absent or unknown. */
  readonly reason?: string | undefined;
}

/** What an application has learned of the capabilities of its adapters, from the collections it opened. */
export interface CapabilityRegistry {
  /** One entry per adapter, store, collection and capability; of what was learned twice the later. */
  entries(): readonly CapabilityEntry[];
  /** Names of the adapters that are known to have the capability in some collection. */
  providers(capability: Capability): readonly string[];
  /** Why an adapter does not have the capability, as far as known, and which other adapters have it. */
  advise(capability: Capability, adapter?: string): CapabilityAdvice;
  /**
   * Ask every configured store anew, as the boot report does. What cannot be reached becomes
   * `unknown` with its reason; it is not an error.
   */
  refresh(options?: ReportOptions): Promise<readonly CapabilityEntry[]>;
}

/** A registry with the ways it learns, which are core's own. */
export interface LearningRegistry extends CapabilityRegistry {
  /** A collection was opened. */
  learn(adapter: string, store: string, collection: string, driver: CollectionDriver): void;
  /** A store could not be asked, or has nothing to ask; what was known of it is forgotten. */
  learnUnknown(adapter: string, store: string, reason: string): void;
  /** These are all collections of a store; what was known of others is forgotten. */
  learnCollections(adapter: string, store: string, collections: readonly string[]): void;
}

/** An empty registry; `ask` opens all configured stores, which makes it learn. */
export function createCapabilityRegistry(ask: (options?: ReportOptions) => Promise<unknown>): LearningRegistry {
  const known = new Map<string, CapabilityEntry>();
  const keep = (entry: CapabilityEntry): void => {
    known.set(JSON.stringify([entry.adapter, entry.store, entry.collection, entry.capability]), entry);
  };
  const forget = (adapter: string, store: string, unwanted: (entry: CapabilityEntry) => boolean): void => {
    for (const [key, entry] of known) {
      if (entry.adapter === adapter && entry.store === store && unwanted(entry)) known.delete(key);
    }
  };
  const entries = (): readonly CapabilityEntry[] => [...known.values()];
  const providers = (capability: Capability): readonly string[] => {
    const having = entries().filter((entry) => entry.capability === capability && entry.state === 'present');
    return [...new Set(having.map((entry) => entry.adapter))];
  };
  return {
    entries,
    providers,
    advise: (capability, adapter) => ({
      reason: reasonOf(entries(), capability, adapter),
      alternatives: providers(capability).filter((name) => name !== adapter),
    }),
    refresh: async (options) => {
      await ask(options);
      return entries();
    },
    learn: (adapter, store, collection, driver) => {
      forget(adapter, store, (entry) => entry.state === 'unknown');
      for (const capability of CAPABILITIES) keep({ adapter, store, collection, ...stateOf(driver, capability) });
    },
    learnUnknown: (adapter, store, reason) => {
      forget(adapter, store, () => true);
      for (const capability of CAPABILITIES) keep({ adapter, store, capability, state: 'unknown', reason });
    },
    learnCollections: (adapter, store, collections) =>
      forget(adapter, store, ({ collection }) => collection === undefined || !collections.includes(collection)),
  };
}

function stateOf(
  driver: CollectionDriver,
  capability: Capability,
): Pick<CapabilityEntry, 'capability' | 'state' | 'reason'> {
  if (driver[capability] !== undefined) return { capability, state: 'present' };
  return { capability, state: 'absent', reason: absenceReason(driver, capability) };
}

function reasonOf(entries: readonly CapabilityEntry[], capability: Capability, adapter: string | undefined): string {
  const entry = entries.find(
    (item) => item.adapter === adapter && item.capability === capability && item.state !== 'present',
  );
  return entry?.reason ?? 'Nothing is known of it.';
}
