import type { WriteFailure } from '@vecport/abstractions';
import type { Dataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { Comparison } from './compare-with-repository.js';
import type { Dispatch } from './dispatch.js';
import type { ProgressListener } from './progress.js';
import type { QuarantineFile, QuarantineReport } from './quarantine.js';
import type { ParityOptions, SearchParity } from './search-parity.js';
import type { TargetEvent, TargetMode, TargetStore } from './target-store.js';
import type { Transform } from './transform.js';

/** What to import, and into what. */
export interface ImportRequest {
  readonly dataset: Dataset;
  readonly target: TargetStore;
  /** One collection of the dataset; all of them if not said. */
  readonly collection?: string | undefined;
  /** The target collection's name; the stored one if not said. Needs a single collection. */
  readonly as?: string | undefined;
  readonly mode: TargetMode;
  /** Read the target back and compare every point. For `append` there is nothing to compare. */
  readonly verify?: boolean | undefined;
  /** Parts imported at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  /** Points a write at most; as many as the provider takes, up to 64 MiB, if not said. Its limits apply besides. */
  readonly batchSize?: number | undefined;
  /** A folder of this import's own, where it remembers what is written; without one it cannot be resumed. */
  readonly state?: Storage | undefined;
  /** Go on with an unfinished import of the same dataset into the same target; without one, begin. */
  readonly resume?: boolean | undefined;
  /** What every point goes through before it is written; it may leave points out. */
  readonly transform?: Transform | undefined;
  /** Compare searches in the target with those that should be found in the dataset. */
  readonly searchParity?: ParityOptions | undefined;
  /** Where points go that the target refuses; `quarantine.ndjson` in `state` if not said. Needs `state`. */
  readonly quarantine?: QuarantineFile | undefined;
  /**
   * Has others write the parts of the dataset, on this machine or other ones that reach dataset, store and `state`; this
   * call validates, makes the targets ready, and verifies. Needs `state`.
   */
  readonly dispatch?: Dispatch | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Told after each change of the target but the points themselves. */
  readonly onTarget?: ((event: TargetEvent) => void) | undefined;
}

/** One imported collection. */
export interface ImportedCollection {
  readonly name: string;
  /** Its name in the target. */
  readonly target: string;
  readonly accepted: number;
  /** How many points the target refused. */
  readonly refused: number;
  /** The first 1,000 of them, each with its reason. */
  readonly failed: readonly WriteFailure[];
  /** Ids that the dataset's increments say are gone, and that were removed; with the mode `append`. */
  readonly removed?: number | undefined;
  /** Present when it was verified. */
  readonly comparison?: Comparison | undefined;
  /** Why it was not verified although that was asked for: the target cannot be read back. */
  readonly notVerified?: string | undefined;
}

/** The outcome of an import. */
export interface ImportReport {
  readonly collections: readonly ImportedCollection[];
  /** Nothing was refused, what was verified is equal, and searches find what they should. */
  readonly complete: boolean;
  /** Where every refused point is, one JSON object a line; absent for none, and without a `state`. */
  readonly quarantine?: QuarantineReport | undefined;
  /** Present when searches were compared. */
  readonly parity?: SearchParity | undefined;
  /** It went on with what an earlier run had left. */
  readonly resumed: boolean;
}
