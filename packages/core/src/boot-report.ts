import type { Capability, Metric, VectorKind, VectorTraits } from '@vecport/abstractions';
import type { AdapterState } from './adapter-state.js';

/** How long and under which signal stores are asked. */
export interface ReportOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds each adapter has to answer; 5,000 if not said. */
  readonly timeoutMs?: number | undefined;
}

/** A setting as it may be shown. */
export interface SettingReport {
  readonly name: string;
  /** `***` for a secret; absent when it is not set. */
  readonly value?: string | undefined;
  /** Where the value comes from; absent when it is not set. */
  readonly source?: string | undefined;
}

/** One capability in one place. */
export interface CapabilityReport {
  readonly capability: Capability;
  readonly state: 'present' | 'absent' | 'unknown';
  /** Why it is absent or unknown. */
  readonly reason?: string | undefined;
  /** Adapters of this application that are known to have it; given where it is not present. */
  readonly alternatives?: readonly string[] | undefined;
}

/** A named vector of a collection. */
export interface VectorReport {
  readonly name: string;
  readonly kind: VectorKind;
  readonly dimension?: number | undefined;
  readonly metric?: Metric | undefined;
}

/** One collection of a store. */
export interface CollectionReport {
  readonly name: string;
  readonly points?: number | undefined;
  readonly vectors: readonly VectorReport[];
  readonly capabilities: readonly CapabilityReport[];
  readonly traits?: VectorTraits | undefined;
  /** Why the collection could not be read. */
  readonly problem?: string | undefined;
}

/** One adapter of the application. */
export interface AdapterReport {
  readonly name: string;
  /** Version of the adapter package. */
  readonly version?: string | undefined;
  readonly source: 'module' | 'discovered';
  /** The npm package, where it was discovered. */
  readonly package?: string | undefined;
  readonly schemes: readonly string[];
  readonly state: AdapterState;
  /** Why it is not ready. */
  readonly reason?: string | undefined;
  /** Version of the server or embedded library. */
  readonly serverVersion?: string | undefined;
  readonly settings: readonly SettingReport[];
  readonly collections: readonly CollectionReport[];
  /** What the adapter can do in at least one of its collections. */
  readonly capabilities: readonly CapabilityReport[];
}

/** What an application is made of, asked at start. Plain data, safe for JSON, without secrets. */
export interface BootReport {
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The application's default store as it may be shown. */
  readonly defaultStore?: string | undefined;
  /** Why there is no default store. */
  readonly problem?: string | undefined;
  /** In order of registration: those from code first. */
  readonly adapters: readonly AdapterReport[];
}
