import { availableParallelism } from 'node:os';
import { type IVectorSearchRepository, VecportError, type VectorId } from '@vecport/abstractions';
import { type Dataset, DEFAULT_ENCODING, type Layout, type Manifest } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { Dispatch } from './dispatch.js';
import type { ExportPlan, ReadMode } from './export-plan.js';
import type { WorkOptions } from './export-run.js';
import { idListDigest } from './id-list.js';
import { plannedParent } from './increment.js';
import type { PlanRequest } from './prepare-export.js';
import type { ProgressListener } from './progress.js';
import type { QuarantineReport } from './quarantine.js';
import type { Selection } from './repository-source.js';
import type { TransferListener } from './transfer-event.js';
import type { Transform } from './transform.js';

/** What to export, and to where. What is not of {@link WorkOptions} must be the same when it is resumed. */
export interface ExportRequest extends WorkOptions {
  /**
   * Collections of one store, in the order they are exported, each once: a collection without tenants by one
   * repository, one with tenants by a repository for each of them (see `openCollection`).
   */
  readonly repositories: readonly IVectorSearchRepository[];
  /** The store as it is named in the manifest: no secrets. */
  readonly source: ExportPlan['source'];
  /** The dataset's own folder. */
  readonly storage: Storage;
  /** The dataset's name. */
  readonly id: string;
  readonly tool: ExportPlan['tool'];
  readonly selection?: Selection | undefined;
  /** At most so many points in all, of the collections and slices in their order: the same ones at every run of a plan. */
  readonly limit?: number | undefined;
  /** Only the points with these ids, in this order, each once; of one collection or tenant. Those that are not there are counted. */
  readonly ids?: readonly VectorId[] | undefined;
  /** What every point goes through after it is read. */
  readonly transform?: Transform | undefined;
  /** What becomes of points whose vectors have a number that is infinite or NaN; `keep` if not said. */
  readonly nonFinite?: 'keep' | 'quarantine' | undefined;
  /** `two-pass` reads ids first and gets their points by id; `scan` if not said. */
  readonly read?: ReadMode | undefined;
  /** If not said, vectors are byte-stream-split, in another tool's layout plain, and compressed with zstd. */
  readonly encoding?: ExportPlan['encoding'] | undefined;
  /** Whose files are written; our own if not said. */
  readonly layout?: Layout | undefined;
  /** In the layout `qdrant`, the metadata field that is a point's key; its id if not said. */
  readonly keyField?: string | undefined;
  /** Rows of a part; from the dimensions if neither they nor `partBytes` are said. */
  readonly partRows?: number | undefined;
  /**
   * A part ends with the row that brings it to so many bytes, those of its ids, vectors and metadata in memory, whatever
   * they take in the file.
   */
  readonly partBytes?: number | undefined;
  /** Go on with an unfinished export of the same source and options; without one, start. */
  readonly resume?: boolean | undefined;
  /** When it is resumed, read a collection (or tenant) whose state at the start may be gone from its start again. */
  readonly strict?: boolean | undefined;
  /** Keep plan and checkpoints when the export is complete. */
  readonly keepState?: boolean | undefined;
  /**
   * Export what changed against this dataset (or chain) alone. It must hold the same collections, chosen in the same
   * way. All points are read and compared; a run that goes on with an interrupted one reads them again.
   */
  readonly since?: Dataset | undefined;
  /**
   * Has others read the slices of the pinned plan, on this machine or other ones that reach store and target; this call
   * reads no points then but proves that nothing is missing, and finishes. Not with `limit`, `ids` and `since`, nor with
   * `strict` when it is resumed: the order of slices or the state of one process matters there.
   */
  readonly dispatch?: Dispatch | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onEvent?: TransferListener | undefined;
}

/** Points that were asked for by id. */
export interface MissingPoints {
  /** How many were not there. */
  readonly count: number;
  /** The first 100 of them; none where an earlier run ended the export. */
  readonly ids: readonly VectorId[];
}

/** A complete export. */
export interface ExportReport {
  readonly manifest: Manifest;
  /** The dataset's folder. */
  readonly url: string;
  /** It went on with what an earlier run had left; `complete` when nothing was left to do. */
  readonly resumed: 'no' | 'yes' | 'complete';
  /** Each a sentence; the source changing while it was read is one. */
  readonly warnings: readonly string[];
  /** What was read from its start again, as the state an interrupted run had read was gone: each a sentence. */
  readonly restarted: readonly string[];
  /** Points of a list of ids that are not in the dataset, as they were not in the source. */
  readonly missing: MissingPoints;
  /** Where the points are that could not be carried, a file for each collection that has such; empty for none. */
  readonly quarantine: readonly QuarantineReport[];
  /** How often reading was tried again in this run. */
  readonly retries: number;
}

/**
 * What a plan follows from.
 * @throws VecportError `invalid-argument` for a limit that is no positive whole number, and for ids that are there twice.
 */
export function planRequestOf(request: ExportRequest): PlanRequest {
  checkRequest(request);
  const layout = request.layout === 'native' ? undefined : request.layout;
  const { id, tool, source, repositories, partRows, partBytes, read, signal, transform } = request;
  const { filter, fields, excludeFields } = request.selection ?? {};
  return {
    id,
    tool,
    source,
    repositories,
    partRows,
    partBytes,
    signal,
    parent: plannedParent(request.since),
    describe: transform?.describe,
    read: read === 'scan' ? undefined : read,
    selection: {
      filter,
      fields,
      excludeFields,
      limit: request.limit,
      ids: request.ids === undefined ? undefined : idListDigest(request.ids),
      transform: transform?.sha256,
      onError: transform?.onError === 'quarantine' ? 'quarantine' : undefined,
      nonFinite: request.nonFinite === 'quarantine' ? 'quarantine' : undefined,
    },
    layout,
    keyField: request.keyField,
    encoding: request.encoding ?? (layout === undefined ? DEFAULT_ENCODING : { ...DEFAULT_ENCODING, vectors: 'plain' }),
  };
}

/** Slices read at the same time. */
export function parallelOf({ parallel }: WorkOptions): number {
  return parallel ?? availableParallelism();
}

function checkRequest({ limit, ids, transform }: ExportRequest): void {
  if (transform?.onError === 'quarantine' && transform.record === undefined) {
    throw new VecportError(
      'invalid-argument',
      'A transform of batches does not say which of its points it failed at.',
      {
        advice: "Export a function 'record' instead, or let an error end the work.",
      },
    );
  }
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
    throw new VecportError('invalid-argument', `The limit is ${limit}; it must be a whole number from 1 on.`);
  }
  const seen = new Set<VectorId>();
  for (const id of ids ?? []) {
    if (seen.has(id)) throw new VecportError('invalid-argument', `The list of ids has '${id}' twice.`);
    seen.add(id);
  }
}
