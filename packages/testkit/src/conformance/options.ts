import type { AdapterDefinition, IdKind, Settings, StoreDriver, VectorRecord } from '@vecport/abstractions';
import type { RepositoryLayer } from '@vecport/core';

/** A documented difference between what was written and what comes back. */
export interface Deviation {
  /** What comes back instead: JSON text, or `undefined` for no metadata. */
  readonly text: string | undefined;
  readonly reason: string;
}

/**
 * What is tested, and what is known about it. Give `adapter` (with its `settings`) or `open`.
 * Everything is reached through core, as applications do.
 */
export interface ConformanceOptions {
  readonly adapter?: AdapterDefinition | undefined;
  /** Asked once; the same settings are used to open the store again. */
  readonly settings?: (() => Settings | Promise<Settings>) | undefined;
  /** Passed to the adapter as the injected client. */
  readonly client?: unknown;
  /** A store driver instead of an adapter; every call opens the same data. */
  readonly open?: (() => Promise<StoreDriver>) | undefined;
  /** Decorators the suite is run over. */
  readonly layers?: readonly RepositoryLayer[] | undefined;
  /** The name of the `n`-th collection of this run, where the provider has rules for names. */
  readonly collectionName?: ((n: number) => string) | undefined;
  /** The id kinds collections are made with; `['string']` if not said. */
  readonly idKinds?: readonly IdKind[] | undefined;
  /** Points in the larger collections; 200 if not said. */
  readonly points?: number | undefined;
  /** Seed of the generated points and filters. */
  readonly seed?: number | undefined;
  /** Random filters that are tried; 40 if not said. */
  readonly filterRuns?: number | undefined;
  /**
   * What is not there, each with a reason. A key is a need (`exportAll`, `slices`, `sparse`, `multi`,
   * `named-vectors`, `missing-vectors`, `mixed-types`, `snapshot`, `metric:<metric>`, `filter:<operator>`),
   * whose absence is then asserted, or the title of one check (`<suite>: <name>`), which must then fail.
   * What is absent and not declared fails, as does what is declared and there.
   */
  readonly absent?: Readonly<Record<string, string>> | undefined;
  /** Golden metadata, by name, that does not come back as it was written. */
  readonly metadataDeviations?: Readonly<Record<string, Deviation>> | undefined;
  /** Golden ids, by name, that the provider refuses, with the reason. */
  readonly refusedIds?: Readonly<Record<string, string>> | undefined;
  /** Golden metadata, by name, that the provider refuses, with the reason. */
  readonly refusedMetadata?: Readonly<Record<string, string>> | undefined;
  /** A point that passes core's checks and that the provider refuses; its embedding has 8 floats. */
  readonly refusedPoint?: VectorRecord | undefined;
  /** Exports the provider holds open, where a fake can tell. */
  readonly openCursors?: (() => number) | undefined;
  /** Called at the end, after the store is closed. */
  readonly cleanup?: (() => Promise<void>) | undefined;
  /** Time for each check in milliseconds; 60,000 if not said. */
  readonly timeoutMs?: number | undefined;
}
