import { VecportError, type VectorId } from '@vecport/abstractions';
import {
  COLLECTIONS_FOLDER,
  completeDataset,
  dataPaths,
  isDataPath,
  type Manifest,
  openDataset,
  PLAN_PATH,
  quarantinePath,
  withVecportErrors,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { createByteBudget } from './byte-budget.js';
import { withDeadline } from './deadline.js';
import { closeToOthers } from './dispatch.js';
import { checkDispatched, dispatchExport } from './dispatch-export.js';
import type { ExportedCollection } from './export-collection.js';
import { DEFAULT_MEMORY, type ExportPlan } from './export-plan.js';
import {
  type ExportReport,
  type ExportRequest,
  type MissingPoints,
  parallelOf,
  planRequestOf,
} from './export-request.js';
import type { ExportRun } from './export-run.js';
import { checkParent } from './increment.js';
import { exportInLayout } from './layout-collection.js';
import { checkCompleted, loadPlan } from './load-plan.js';
import { LOCK_PATH } from './lock-path.js';
import { withPartThreads } from './part-threads.js';
import { createPlanKeeper } from './plan-keeper.js';
import {
  groupTenants,
  inspectTarget,
  makePlan,
  type PlanRequest,
  STATE_FOLDER,
  savePlan,
  type TargetState,
} from './prepare-export.js';
import { openQuarantine, type QuarantineReport } from './quarantine.js';
import { createRateLimiter } from './rate-limiter.js';
import { runParallel } from './run-parallel.js';
import { sumTallies } from './tally.js';
import { createTelemetry, type Telemetry } from './telemetry.js';
import type { TransferListener } from './transfer-event.js';
import { withLock } from './with-lock.js';

/**
 * Export collections into a dataset. The manifest is written last: an export that was interrupted,
 * failed or killed has none, and `resume` completes it with the same files as if it had run through.
 *
 * What of the work can be done at the same time or again does not change a byte of the files; what does is pinned in
 * the plan, and a resumed run must ask for the same.
 *
 * @throws VecportError `already-exists` when the target holds anything but, with `resume`, an export of
 * the same (nothing is written then),
 * `conflict` when another run holds it, `incomplete` when points are missing or came twice,
 * `not-supported` when the provider cannot export, `source-changed` when a resumed source is no longer
 * the one that was planned, `timeout` when the run took longer than it may, `expired` when the provider no longer holds
 * the state that is read (a resumed run reads the collection from its start then). The signal's reason when it is
 * aborted.
 */
export async function exportDataset(asked: ExportRequest): Promise<ExportReport> {
  const listener = asked.onEvent ?? (() => {});
  const above = await createTelemetry();
  const report = await withDeadline(asked.signal, asked.timeoutMs, async (signal) =>
    above.span('vecport.export', { 'vecport.provider': asked.source.provider }, async (telemetry) =>
      exportInto({ ...asked, signal, onEvent: listener, storage: withVecportErrors(asked.storage) }, telemetry),
    ),
  );
  listener({ type: 'done', report });
  return report;
}

type Started = ExportRequest & { readonly onEvent: TransferListener };

async function exportInto(request: Started, telemetry: Telemetry): Promise<ExportReport> {
  const { storage, signal } = request;
  signal?.throwIfAborted();
  checkDispatched(request);
  const before = await inspectTarget(storage, signal);
  if (before !== 'empty' && request.resume !== true) throw alreadyThere(storage, before);
  const planRequest = planRequestOf(request);
  // A first plan is made before anything is written, so that a wrong request leaves no trace.
  const fresh = before === 'empty' ? await makePlan(planRequest) : undefined;
  if (fresh !== undefined && request.since !== undefined) checkParent(fresh, request.since);
  return withLock(storage, LOCK_PATH, signal, async () => {
    // Looked at again: another run may have been here before the lock was ours.
    const state = await inspectTarget(storage, signal);
    if (state !== 'empty' && request.resume !== true) throw alreadyThere(storage, state);
    if (state === 'complete') return alreadyComplete(request, planRequest);
    const resumed = state !== 'empty';
    const plan = resumed ? await loadPlan(storage, planRequest) : (fresh ?? (await makePlan(planRequest)));
    if (!resumed) await savePlan(storage, plan);
    await storage.sweep('', { signal });
    request.onEvent({ type: 'plan', plan, resumed });
    if (resumed) await closeToOthers(storage);
    await dispatchExport(request, plan, resumed);
    signal?.throwIfAborted();
    const kept = resumed || request.dispatch !== undefined;
    const quarantine = await openQuarantine(storage, kept, `${STATE_FOLDER}/`);
    return runExport(startRun(request, plan, { resumed, telemetry, quarantine }), request);
  });
}

function startRun(
  request: Started,
  plan: ExportPlan,
  { resumed, telemetry, quarantine }: Pick<ExportRun, 'resumed' | 'telemetry' | 'quarantine'>,
): ExportRun {
  const { storage, strict = false, maxMemory = DEFAULT_MEMORY, rateLimit } = request;
  return {
    ...request,
    keeper: createPlanKeeper(storage, plan),
    resumed,
    dispatched: request.dispatch !== undefined,
    strict,
    telemetry,
    quarantine,
    maxMemory,
    parallel: parallelOf(request),
    limits: {
      budget: createByteBudget(maxMemory),
      limiter: rateLimit === undefined ? undefined : createRateLimiter(rateLimit),
    },
  };
}

async function runExport(run: ExportRun, request: Started): Promise<ExportReport> {
  const { storage, signal } = run;
  const exported = await withPartThreads(request, run.keeper.plan, async (threads) =>
    exportCollections({ ...run, threads }, request),
  );
  signal?.throwIfAborted();
  const manifest = manifestOf(run.keeper.plan, exported);
  await removeStrayParts(storage, manifest);
  const quarantine = await collectQuarantine(run, manifest);
  await completeDataset(storage, manifest);
  if (request.keepState !== true) await removeState(storage);
  const told = (textsOf: (collection: ExportedCollection) => readonly string[]): readonly string[] =>
    exported.flatMap((collection) => textsOf(collection).map((text) => `${collection.entry.name}: ${text}.`));
  const warnings = told((collection) => collection.warnings);
  const restarted = told((collection) => collection.restarted);
  for (const message of [...restarted, ...warnings]) request.onEvent({ type: 'warning', message });
  return {
    manifest,
    url: storage.url,
    resumed: run.resumed ? 'yes' : 'no',
    warnings,
    restarted,
    quarantine,
    missing: missingOf(manifest, sumTallies(exported.map(({ tally }) => tally)).missingIds),
    retries: exported.reduce((sum, { retries }) => sum + retries, 0),
  };
}

/** In the order of the request; with a limit one after the other, so that it is always the same points. */
async function exportCollections(
  run: ExportRun,
  { repositories, limit, collectionsAtOnce = 1 }: Started,
): Promise<readonly ExportedCollection[]> {
  const groups = groupTenants(repositories);
  const exported: ExportedCollection[] = [];
  const atOnce = limit === undefined ? Math.min(collectionsAtOnce, groups.length) : 1;
  const parallel = Math.max(1, Math.floor(run.parallel / atOnce));
  let room = limit;
  await runParallel(groups.length, atOnce, run.signal, async (index, signal) => {
    const group = groups[index] ?? [];
    const collection = await exportInLayout(group, { ...run, parallel, signal }, { index, room });
    exported[index] = collection;
    if (room !== undefined) room -= collection.tally.rows;
  });
  return exported;
}

function manifestOf(plan: ExportPlan, exported: readonly ExportedCollection[]): Manifest {
  return {
    formatVersion: 1,
    id: plan.id,
    tool: plan.tool,
    status: 'complete',
    source: plan.source,
    parent: plan.parent,
    startedAt: plan.startedAt,
    completedAt: new Date().toISOString(),
    layout: plan.layout ?? 'native',
    keyField: plan.keyField,
    encoding: plan.encoding,
    collections: exported.map(({ entry }) => entry),
    losses: plan.losses ?? [],
  };
}

/** One file for each collection that has quarantined points, beside its parts. */
async function collectQuarantine(
  { storage, quarantine }: ExportRun,
  { collections }: Manifest,
): Promise<readonly QuarantineReport[]> {
  const reports: QuarantineReport[] = [];
  for (const [index, { path }] of collections.entries()) {
    const report = await quarantine.collect({ storage, path: quarantinePath(path) }, index);
    if (report !== undefined) reports.push(report);
  }
  return reports;
}

/** Points of a list of ids that were not there; in a read of two passes they are a warning instead. */
function missingOf({ collections }: Manifest, ids: readonly VectorId[]): MissingPoints {
  const listed = collections.filter(({ selection }) => selection?.ids !== undefined);
  const count = listed.reduce((sum, { counts }) => sum + (counts.missing ?? 0), 0);
  return { count, ids: listed.length === 0 ? [] : ids };
}

async function alreadyComplete(request: ExportRequest, planRequest: PlanRequest): Promise<ExportReport> {
  const { manifest } = await openDataset(request.storage);
  checkCompleted(manifest, planRequest, request.storage.url);
  if (request.keepState !== true) await removeState(request.storage);
  return {
    manifest,
    url: request.storage.url,
    resumed: 'complete',
    warnings: [],
    restarted: [],
    quarantine: manifest.collections.flatMap(({ path, counts }) =>
      counts.quarantined === 0
        ? []
        : { url: request.storage.url, path: quarantinePath(path), points: counts.quarantined },
    ),
    missing: missingOf(manifest, []),
    retries: 0,
  };
}

/**
 * Remove parts that the manifest does not name: an earlier run may have written one and died before its
 * checkpoint, and a source that is no snapshot may have had more points then.
 */
async function removeStrayParts(storage: Storage, manifest: Manifest): Promise<void> {
  const named = new Set(dataPaths(manifest));
  const stray: string[] = [];
  for await (const { path } of storage.list(`${COLLECTIONS_FOLDER}/`)) {
    if (isDataPath(path) && !named.has(path)) stray.push(path);
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
