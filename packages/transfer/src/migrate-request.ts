import type { WriteFailure } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { Comparison } from './compare-with-repository.js';
import type { Dispatch } from './dispatch.js';
import type { Loss, LossSide } from './foretell-losses.js';
import type { CollectionOpener } from './open-collection.js';
import type { ProgressListener } from './progress.js';
import type { QuarantineFile, QuarantineReport } from './quarantine.js';
import type { Selection } from './repository-source.js';
import type { ParityOptions, SearchParity } from './search-parity.js';
import type { TargetEvent, TargetMode, TargetStore } from './target-store.js';
import type { Transform } from './transform.js';

/** The store a migration reads from; an `OpenStore` of core fits. */
export interface MigrationSource extends CollectionOpener, LossSide {
  /** As it may be shown. */
  readonly url: string;
}

/** What to move, and where to. */
export interface MigrateRequest {
  readonly source: MigrationSource;
  /** Names of collections. */
  readonly collections: readonly string[];
  /** Of divided collections, these tenants; all of them if not said. */
  readonly tenants?: readonly string[] | undefined;
  readonly target: TargetStore;
  /** The target collection's name; the source's if not said. Needs a single collection. */
  readonly as?: string | undefined;
  readonly mode: TargetMode;
  readonly selection?: Selection | undefined;
  /** Read the target back and compare every point. For `append` there is nothing to compare. */
  readonly verify?: boolean | undefined;
  /** Slices moved at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  /** Points a page and a write at most; the providers' own numbers if not said. */
  readonly batchSize?: number | undefined;
  /** A folder of this migration's own, where it remembers its plan and what is written; without one it cannot be resumed. */
  readonly state?: Storage | undefined;
  /** Go on with an unfinished migration of the same collections; without one, begin. */
  readonly resume?: boolean | undefined;
  /** What every point goes through before it is written; it may leave points out. */
  readonly transform?: Transform | undefined;
  /**
   * Compare searches in the target with those in the source; where points went through a transform, with the nearest
   * of all points.
   */
  readonly searchParity?: ParityOptions | undefined;
  /** Where points go that the target refuses; `quarantine.ndjson` in `state` if not said. Needs `state`. */
  readonly quarantine?: QuarantineFile | undefined;
  /**
   * Has others move the slices, on this machine or other ones that reach both stores and `state`; this call plans, makes
   * the targets ready, and proves that nothing is missing. Needs `state`.
   */
  readonly dispatch?: Dispatch | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onTarget?: ((event: TargetEvent) => void) | undefined;
  /** Told before anything is changed, and may throw to stop: what the pair of stores cannot keep, by collection. */
  readonly onLosses?: ((losses: Readonly<Record<string, readonly Loss[]>>) => void) | undefined;
}

/** One migrated collection. */
export interface MigratedCollection {
  readonly name: string;
  readonly target: string;
  /** Points read from the source. */
  readonly read: number;
  readonly accepted: number;
  readonly refused: number;
  /** The first 1,000 refused points, each with its reason. */
  readonly failed: readonly WriteFailure[];
  readonly losses: readonly Loss[];
  readonly comparison?: Comparison | undefined;
  readonly notVerified?: string | undefined;
}

/** The outcome of a migration. */
export interface MigrationReport {
  readonly collections: readonly MigratedCollection[];
  /** Nothing was refused, what was verified is equal, and searches find what they should. */
  readonly complete: boolean;
  /** Where every refused point is, one JSON object a line; absent for none, and without a `state`. */
  readonly quarantine?: QuarantineReport | undefined;
  /** Present when searches were compared. */
  readonly parity?: SearchParity | undefined;
  readonly resumed: boolean;
  /** Each a sentence; a source that changed while it was read is one. */
  readonly warnings: readonly string[];
}
