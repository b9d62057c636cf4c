import type { IVectorSearchRepository } from '@vecport/abstractions';
import { VecportError } from '@vecport/abstractions';
import {
  COLLECTIONS_FOLDER,
  completeDataset,
  isPartPath,
  type Manifest,
  openDataset,
  PLAN_PATH,
  withVecportErrors,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { exportCollection } from './export-collection.js';
import type { ExportPlan } from './export-plan.js';
import { checkCompleted, loadPlan } from './load-plan.js';
import {
  groupTenants,
  inspectTarget,
  makePlan,
  type PlanRequest,
  STATE_FOLDER,
  savePlan,
  type TargetState,
} from './prepare-export.js';
import type { ProgressListener } from './progress.js';
import type { Selection } from './repository-source.js';

/** The lock file that keeps two runs off one dataset. */
const LOCK_PATH = '.vecport.lock';

/** What to export, and to where. */
export interface ExportRequest {
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
  /** Vectors byte-stream-split and compressed with zstd if not said. */
  readonly encoding?: ExportPlan['encoding'] | undefined;
  /** Rows of a part; from the dimensions if not said. */
  readonly partRows?: number | undefined;
  /** Go on with an unfinished export of the same source and options; without one, start. */
  readonly resume?: boolean | undefined;
  /** Slices read at the same time, 2 if not said. The files do not depend on it. */
  readonly parallel?: number | undefined;
  /** Points a page of the source; its own default if not said. */
  readonly batchSize?: number | undefined;
  /** Keep plan and checkpoints when the export is complete. */
  readonly keepState?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
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
}

/**
 * Export collections into a dataset. The manifest is written last: an export that was interrupted,
 * failed or killed has none, and `resume` completes it with the same files as if it had run through.
 *
 * @throws VecportError `already-exists` when the target holds anything but, with `resume`, an export of
 * the same (nothing is written then),
 * `conflict` when another run holds it, `incomplete` when points are missing or came twice,
 * `not-supported` when the provider cannot export, `source-changed` when a resumed source is no longer
 * the one that was planned. The signal's reason when it is aborted.
 */
export async function exportDataset(asked: ExportRequest): Promise<ExportReport> {
  const request = { ...asked, storage: withVecportErrors(asked.storage) };
  const { storage, signal } = request;
  signal?.throwIfAborted();
  const before = await inspectTarget(storage, signal);
  if (before !== 'empty' && request.resume !== true) throw alreadyThere(storage, before);
  const planRequest = {
    ...request,
    selection: request.selection ?? {},
    encoding: request.encoding ?? ({ format: 'parquet', compression: 'zstd', vectors: 'split' } as const),
  };
  // A first plan is made before anything is written, so that a wrong request leaves no trace.
  const fresh = before === 'empty' ? await makePlan(planRequest) : undefined;
  const lock = await storage.lock(LOCK_PATH, { signal });
  try {
    // Looked at again: another run may have been here before the lock was ours.
    const state = await inspectTarget(storage, signal);
    if (state !== 'empty' && request.resume !== true) throw alreadyThere(storage, state);
    if (state === 'complete') return await alreadyComplete(request, planRequest);
    const isNew = state === 'empty';
    const plan = isNew ? (fresh ?? (await makePlan(planRequest))) : await loadPlan(storage, planRequest);
    if (isNew) await savePlan(storage, plan);
    await storage.sweep('', { signal });
    return await runExport(request, plan, !isNew);
  } finally {
    await lock.release();
  }
}

async function runExport(request: ExportRequest, plan: ExportPlan, resumed: boolean): Promise<ExportReport> {
  const { storage, signal } = request;
  const exported = [];
  for (const [index, repositories] of groupTenants(request.repositories).entries()) {
    exported.push(
      await exportCollection(repositories, storage, plan, index, { ...request, parallel: request.parallel ?? 2 }),
    );
  }
  signal?.throwIfAborted();
  const manifest: Manifest = {
    formatVersion: 1,
    id: plan.id,
    tool: plan.tool,
    status: 'complete',
    source: plan.source,
    startedAt: plan.startedAt,
    completedAt: new Date().toISOString(),
    layout: 'native',
    encoding: plan.encoding,
    collections: exported.map(({ entry }) => entry),
    losses: [],
  };
  await removeStrayParts(storage, manifest);
  await completeDataset(storage, manifest);
  if (request.keepState !== true) await removeState(storage);
  const warnings = exported.flatMap((collection) =>
    collection.warnings.map((warning) => `${collection.entry.name}: ${warning}.`),
  );
  return { manifest, url: storage.url, resumed: resumed ? 'yes' : 'no', warnings };
}

async function alreadyComplete(request: ExportRequest, planRequest: PlanRequest): Promise<ExportReport> {
  const { manifest } = await openDataset(request.storage);
  checkCompleted(manifest, planRequest, request.storage.url);
  if (request.keepState !== true) await removeState(request.storage);
  return { manifest, url: request.storage.url, resumed: 'complete', warnings: [] };
}

/**
 * Remove parts that the manifest does not name: an earlier run may have written one and died before its
 * checkpoint, and a source that is no snapshot may have had more points then.
 */
async function removeStrayParts(storage: Storage, manifest: Manifest): Promise<void> {
  const named = new Set(manifest.collections.flatMap(({ parts }) => parts.map(({ path }) => path)));
  const stray: string[] = [];
  for await (const { path } of storage.list(`${COLLECTIONS_FOLDER}/`)) {
    if (isPartPath(path) && !named.has(path)) stray.push(path);
  }
  for (const path of stray) await storage.delete(path);
}

async function removeState(storage: Storage): Promise<void> {
  const paths: string[] = [];
  for await (const { path } of storage.list(`${STATE_FOLDER}/`)) paths.push(path);
  for (const path of paths) await storage.delete(path);
  await storage.delete(PLAN_PATH);
}

function alreadyThere(storage: Storage, state: TargetState): VecportError {
  return state === 'complete'
    ? new VecportError('already-exists', `${storage.url} already holds a complete dataset.`, {
        advice: 'Choose a new folder.',
      })
    : new VecportError('already-exists', `${storage.url} holds an unfinished export.`, {
        advice: 'Go on with it with --resume, or remove it.',
      });
}
