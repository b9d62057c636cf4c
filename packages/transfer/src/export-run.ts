import type { VectorId } from '@vecport/abstractions';
import type { Dataset, PartThreads } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { SharedLimits } from './batch-gate.js';
import type { PlanKeeper } from './plan-keeper.js';
import type { ProgressListener } from './progress.js';
import type { Quarantine } from './quarantine.js';
import type { Telemetry } from './telemetry.js';
import type { TransferListener } from './transfer-event.js';
import type { Transform } from './transform.js';

/** How the work of an export is done. None of it changes what is written. */
export interface WorkOptions {
  /** Slices read at the same time; the number of processors if not said. */
  readonly parallel?: number | undefined;
  /** Collections read at the same time, which share `parallel`; 1 if not said, and with a `limit`. */
  readonly collectionsAtOnce?: number | undefined;
  /**
   * Threads beside this one that encode, compress and sum up what is read; 0 for none. If not said, one where there is more
   * than one processor and enough to write.
   */
  readonly workers?: number | undefined;
  /** Points a page of the source; its own default if not said. */
  readonly batchSize?: number | undefined;
  /** Points a request by ids, where points are got by their ids; 100 if not said. */
  readonly retrieveBatch?: number | undefined;
  /**
   * Bytes of batches in memory, over all slices; 512 MiB if not said. A single batch that is larger passes alone. What
   * a file collects before it writes a page (1 MiB for each column of each slice) is not in it.
   */
  readonly maxMemory?: number | undefined;
  /** How often reading on is tried again after an error that may go away by itself, in a row; 5 if not said. */
  readonly retries?: number | undefined;
  /** Points a second at most, over all slices; no bound if not said. */
  readonly rateLimit?: number | undefined;
  /** Milliseconds the whole run may take. */
  readonly timeoutMs?: number | undefined;
}

/** What all collections of a running export share. */
export interface ExportRun extends Omit<WorkOptions, 'maxMemory' | 'rateLimit' | 'timeoutMs' | 'workers'> {
  readonly storage: Storage;
  readonly keeper: PlanKeeper;
  /** It goes on with what an earlier run left. */
  readonly resumed: boolean;
  readonly strict: boolean;
  /** Others have read the slices: what is left is to prove it, and to finish. */
  readonly dispatched: boolean;
  readonly parallel: number;
  readonly maxMemory: number;
  readonly limits: SharedLimits;
  /** Where parts are encoded. */
  readonly threads?: PartThreads | undefined;
  /** The list of ids the plan names. */
  readonly ids?: readonly VectorId[] | undefined;
  readonly transform?: Transform | undefined;
  /** What an increment is made against. */
  readonly since?: Dataset | undefined;
  /** Keeps the points that cannot be carried. */
  readonly quarantine: Quarantine;
  readonly telemetry: Telemetry;
  readonly onProgress?: ProgressListener | undefined;
  readonly onEvent: TransferListener;
  readonly signal?: AbortSignal | undefined;
}
