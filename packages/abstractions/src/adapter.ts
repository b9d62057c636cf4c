import type { StoreDriver } from './driver.js';
import type { CallOptions } from './repository.js';

/** One setting of an adapter. All settings are text, as they come from the environment or a URL. */
export interface SettingSpec {
  readonly name: string;
  readonly description: string;
  /** Environment variables it is taken from, the first that is set. */
  readonly env?: readonly string[] | undefined;
  /** Never printed, logged or stored. */
  readonly secret?: boolean | undefined;
  readonly required?: boolean | undefined;
  readonly default?: string | undefined;
}

/** Settings as an adapter receives them: checked, defaults filled in. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What a store URL says. */
export interface StoreAddress {
  readonly settings: Settings;
  /** Absent when the URL names a store and no collection in it. */
  readonly collection?: string | undefined;
  /** Absent when the URL names no tenant of the collection. */
  readonly tenant?: string | undefined;
}

/**
 * What an adapter package exports as `adapter`: data and two functions, no connection. The client
 * library is imported when `open` is called, not before.
 */
export interface AdapterDefinition {
  /** Short name, e.g. `lancedb`. */
  readonly name: string;
  /** Version of the adapter package. */
  readonly version: string;
  /** URL schemes it answers to, without colon. */
  readonly schemes: readonly string[];
  /** It works with nothing configured, as there is no server: an application's default store where nothing else is. */
  readonly embedded?: boolean | undefined;
  readonly settings: readonly SettingSpec[];
  /**
   * Split a URL with one of the schemes.
   * @throws VecportError `invalid-argument`, without printing secrets.
   */
  parseUrl(url: string): StoreAddress;
  /**
   * Connect. `client` is what the application injected instead of the adapter's own client.
   * @throws VecportError `unavailable`, `unauthorized`, …
   */
  open(settings: Settings, options: CallOptions & { readonly client?: unknown }): Promise<StoreDriver>;
}

/** An adapter with the settings an application chose in code; bound under the token `ADAPTER`. */
export interface AdapterRegistration {
  readonly adapter: AdapterDefinition;
  readonly settings: Settings;
  readonly client?: unknown;
}
