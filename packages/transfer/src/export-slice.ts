import { batchBytes, type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { PLAN_PATH, readText, withVecportErrors } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { createByteBudget } from './byte-budget.js';
import { datasetSink } from './dataset-sink.js';
import type { SlicePlace } from './dispatch.js';
import { DEFAULT_MEMORY, type ExportPlan } from './export-plan.js';
import type { ExportRun, WorkOptions } from './export-run.js';
import { exportGate, exportSource } from './export-source.js';
import { announced, exportCheckpoint, keptRefused } from './export-unit.js';
import { parsePlan } from './load-plan.js';
import { createPlanKeeper } from './plan-keeper.js';
import { STATE_FOLDER } from './prepare-export.js';
import { openQuarantine } from './quarantine.js';
import type { RateLimiter } from './rate-limiter.js';
import { type SliceTurn, type TurnOptions, takeTurn } from './slice-turn.js';
import { createTelemetry } from './telemetry.js';
import type { TransferListener } from './transfer-event.js';
import type { Transform } from './transform.js';

/** A slice of an export that was dispatched, and how it is worked on. None of it but the plan changes what is written. */
export interface ExportSliceRequest
  extends TurnOptions,
    Pick<WorkOptions, 'batchSize' | 'retrieveBatch' | 'maxMemory' | 'retries'> {
  /** The dataset's own folder. */
  readonly storage: Storage;
  /** As {@link readPinnedPlan} gives it. */
  readonly plan: ExportPlan;
  readonly place: SlicePlace;
  /** The unit's collection or tenant, in the store that the plan names. */
  readonly repository: IVectorSearchRepository;
  /** The one whose SHA-256 the plan has. */
  readonly transform?: Transform | undefined;
  /** Shared with whoever else reads from the store. */
  readonly limiter?: RateLimiter | undefined;
  /** Told of points and the bytes of their columns as they are read, not yet durable. */
  readonly onRead?: ((points: number, bytes: number) => void) | undefined;
  readonly onEvent?: TransferListener | undefined;
}

/**
 * The plan that is pinned in the folder of an unfinished export.
 * @throws VecportError `not-found` when there is none (any more), `corrupt-data` for one of another version.
 */
export async function readPinnedPlan(storage: Storage): Promise<ExportPlan> {
  const text = await readText(withVecportErrors(storage), PLAN_PATH);
  if (text !== undefined) return parsePlan(text, storage.url);
  throw new VecportError('not-found', `There is no unfinished export in ${storage.url}.`);
}

/**
 * Read one slice of a dispatched export (see `ExportRequest.dispatch`) into parts, for one turn. Its parts have names that
 * no other attempt has, so that any number of processes may work on the same slice: only those that its checkpoint names
 * in the end are part of the dataset.
 * @throws VecportError as `exportDataset` for what the source or the storage says.
 */
export async function exportSlice(request: ExportSliceRequest): Promise<SliceTurn> {
  const { place, repository, signal } = request;
  const storage = withVecportErrors(request.storage);
  const run = await runOf(request, storage);
  const collection = run.keeper.collectionAt(place);
  const unit = run.keeper.unitAt(place);
  const slice = unit.slices.slices[place.slice];
  if (slice === undefined) throw new VecportError('invalid-argument', `The plan has no slice ${place.slice}.`);
  if (collection.selection.transform !== request.transform?.sha256)
    throw new VecportError('invalid-argument', 'The plan was made with another transform.');
  const source = { repository, collection, run, retry: { retries: run.retries }, slices: 1 };
  const onRefused = keptRefused(run, place);
  const sink = datasetSink(storage, run.keeper.plan, collection, {
    tenant: unit.tenant,
    onRefused,
    severalWriters: true,
  });
  const job = {
    source: exportSource(source),
    sink: announced(sink, collection.name, run),
    slice,
    partRows: collection.partRows,
    partBytes: collection.partBytes,
    checkpoint: exportCheckpoint(storage, place),
    gate: exportGate(source),
    onBatch: (batch: Parameters<typeof batchBytes>[0]) => request.onRead?.(batch.ids.length, batchBytes(batch)),
  };
  signal.throwIfAborted();
  return run.telemetry.span(
    'vecport.slice',
    { 'vecport.collection': collection.name, 'vecport.slice': place.slice },
    async () => takeTurn(storage, place.slice, job, request),
  );
}

async function runOf(request: ExportSliceRequest, storage: Storage): Promise<ExportRun> {
  const { plan, batchSize, retrieveBatch, retries, transform, limiter, signal } = request;
  const { maxMemory = DEFAULT_MEMORY, onEvent = () => {} } = request;
  return {
    ...{ storage, batchSize, retrieveBatch, retries, transform, maxMemory, onEvent, signal },
    keeper: createPlanKeeper(storage, plan),
    resumed: true,
    strict: false,
    dispatched: true,
    parallel: 1,
    limits: { budget: createByteBudget(maxMemory), limiter },
    telemetry: await createTelemetry(),
    quarantine: await openQuarantine(storage, true, `${STATE_FOLDER}/`),
  };
}
