import { type IVectorSearchRepository, isVecportError } from '@vecport/abstractions';
import { type ManifestTenant, type PartEntry, partSchema, sumDigests } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type RetryPolicy, retrying } from './backoff.js';
import {
  type Checkpoint,
  fileCheckpoint,
  rememberedCheckpoint,
  type SliceState,
  type SliceTally,
} from './checkpoint.js';
import { datasetSink } from './dataset-sink.js';
import { refuseUnread } from './dispatch.js';
import type { UnitPlan } from './export-plan.js';
import type { ExportRun } from './export-run.js';
import { exportGate, exportSource } from './export-source.js';
import { beginIncrement, type UnitIncrement } from './increment.js';
import { judgeUnit } from './judge-unit.js';
import type { UnitPlace } from './plan-keeper.js';
import { STATE_FOLDER } from './prepare-export.js';
import type { ProgressReporter } from './progress-reporter.js';
import { unitName } from './quarantine.js';
import type { RefusedListener } from './repository-sink.js';
import { sliceAsked } from './repository-source.js';
import { restartUnit } from './restart-unit.js';
import { isStillHeld } from './still-held.js';
import { sumTallies } from './tally.js';
import { transfer } from './transfer.js';
import type { TransferSink } from './transfer-sink.js';
import { createUniqueIds, refuseSharedKeys } from './unique-ids.js';

/** Which unit is read, and how. */
export interface UnitRequest {
  readonly repository: IVectorSearchRepository;
  readonly run: ExportRun;
  readonly place: UnitPlace;
  /** Slices read at the same time. */
  readonly parallel: number;
  /** Points it may have at most. */
  readonly room?: number | undefined;
  readonly reporter: ProgressReporter;
  readonly signal: AbortSignal;
}

/** What became of a unit: a collection without tenants, or one tenant. */
export interface ExportedUnit {
  readonly read: Omit<ManifestTenant, 'name'>;
  readonly parts: readonly PartEntry[];
  readonly tally: SliceTally;
  /** What to tell about it, sentences without a full stop. */
  readonly warnings: readonly string[];
  /** Why it was read from its start again, a sentence without a full stop; absent where it was not. */
  readonly restarted?: string | undefined;
}

type States = readonly (SliceState<PartEntry> | undefined)[];

/**
 * Read one unit into parts and prove that nothing is missing. What an earlier run read of a state that is gone is
 * dropped and read again: when the provider can give no more of it, and with `strict` in any case.
 * @throws VecportError `incomplete` when points are missing or came twice, `expired` when the state is gone and this
 * is not a resumed run.
 */
export async function exportUnit(request: UnitRequest): Promise<ExportedUnit> {
  const { run, place } = request;
  if (run.dispatched) return readUnit(request, !run.resumed);
  if (run.resumed && run.since !== undefined)
    return readAgain(request, 'what changed is found in one read of all points');
  const { consistency, slices } = run.keeper.unitAt(place).slices;
  if (run.resumed && run.strict && consistency === 'point-in-time') {
    const states = await loadStates(checkpointOf(request), slices.length);
    if (!states.every((state) => state?.done === true)) {
      return readAgain(request, 'its state at the start was gone with the run that was interrupted');
    }
  }
  try {
    return await readUnit(request, !run.resumed);
  } catch (error) {
    if (!run.resumed || !isVecportError(error) || error.code !== 'expired') throw error;
    return readAgain(request, `the provider could not go on (${error.reason.replace(/\.$/, '')})`);
  }
}

async function readAgain(request: UnitRequest, why: string): Promise<ExportedUnit> {
  await restartUnit(request, stateFolder(request.place));
  return { ...(await readUnit(request, true)), restarted: `it was read from its start again: ${why}` };
}

/** `begun`: this run is the first to read of the unit's slices. */
async function readUnit(request: UnitRequest, begun: boolean): Promise<ExportedUnit> {
  const { repository, run, place, reporter, signal } = request;
  const unit = run.keeper.unitAt(place);
  // What others write too late changes nothing any more.
  const checkpoint = run.dispatched ? rememberedCheckpoint(checkpointOf(request)) : checkpointOf(request);
  const states = await loadStates(checkpoint, unit.slices.slices.length);
  if (run.dispatched) refuseUnread(states, `'${run.keeper.collectionAt(place).name}'`);
  const earlier = states.flatMap((state) => state?.parts ?? []);
  const ids = await createUniqueIds(run.storage, earlier, signal, run.dispatched, unit.expected);
  let counted = rowsOf(earlier);
  reporter.addEarlier(counted);
  let reopened = false;
  const retry: RetryPolicy = {
    retries: run.retries,
    onRetry: (note) => {
      reopened = true;
      reporter.retry(note);
    },
  };
  const increment = await incrementOf(request);
  try {
    const parts = await writeParts(request, { checkpoint, retry, increment }, (batch) => {
      ids.add(batch);
      counted += batch.ids.length;
      reporter.add(batch);
    });
    const whole = unit.slices.slices.some((slice) => sliceAsked(slice) === undefined);
    const tally = await tallyOf(checkpoint, unit);
    const limited = request.room !== undefined && tally.rows >= request.room;
    refuseSharedKeys(run.keeper.plan.keyField, ids);
    const { warnings, after } = await retrying(
      async () => judgeUnit(repository, run.keeper.collectionAt(place), unit, { tally, ids, limited, signal }),
      { ...retry, onRetry: reporter.retry },
      signal,
    );
    const changes = await increment?.finish();
    const undisturbed = run.dispatched ? await isStillHeld(repository, unit, signal) : earlier.length === 0;
    await release(repository, unit, run, signal);
    const { consistency, snapshot } = unit.slices;
    const one = consistency === 'snapshot' || (begun && undisturbed && !(whole && reopened));
    return {
      parts,
      tally,
      warnings,
      read: {
        consistency: one ? consistency : 'scan',
        snapshot,
        changesSeenBy: unit.revision === undefined ? 'counts' : 'revision',
        counts: {
          before: unit.expected,
          after,
          exported: rowsOf(parts),
          quarantined: await run.quarantine.count(unitName(place.collection, place.unit)),
          missing: tally.missing === 0 ? undefined : tally.missing,
        },
        digest: sumDigests(parts.map(({ digest }) => digest)),
        increment: changes,
      },
    };
  } catch (error) {
    reporter.drop(counted);
    throw error;
  }
}

interface WriteTools {
  readonly checkpoint: Checkpoint<PartEntry>;
  readonly retry: RetryPolicy;
  readonly increment: UnitIncrement | undefined;
}

async function writeParts(
  request: UnitRequest,
  { checkpoint, retry, increment }: WriteTools,
  onBatch: ProgressReporter['add'],
): Promise<readonly PartEntry[]> {
  const { repository, run, place, room, signal } = request;
  const collection = run.keeper.collectionAt(place);
  const { tenant, slices } = run.keeper.unitAt(place);
  const parallel = room === undefined ? request.parallel : 1;
  const source = { repository, collection, run, retry, slices: Math.max(1, Math.min(parallel, slices.slices.length)) };
  const onRefused = keptRefused(run, place);
  const receipts = await transfer<PartEntry>({
    source: increment?.source(exportSource(source)) ?? exportSource(source),
    sink: announced(
      datasetSink(run.storage, run.keeper.plan, collection, { tenant, onRefused, threads: run.threads }),
      collection.name,
      run,
    ),
    slices: slices.slices,
    partRows: collection.partRows,
    partBytes: collection.partBytes,
    checkpoint,
    parallel,
    limit: room,
    gate: exportGate(source),
    signal,
    onBatch,
    around: async (slice, work) =>
      run.telemetry.span(
        'vecport.slice',
        { 'vecport.collection': collection.name, 'vecport.slice': slice, ...(tenant && { 'vecport.tenant': tenant }) },
        work,
      ),
  });
  return receipts.flat();
}

async function incrementOf({ run, place, signal }: UnitRequest): Promise<UnitIncrement | undefined> {
  if (run.since === undefined) return undefined;
  const { storage, keeper } = run;
  const collection = keeper.collectionAt(place);
  const { tenant } = keeper.unitAt(place);
  return beginIncrement(run.since, { storage, plan: keeper.plan, collection, tenant, signal });
}

/** Keeps the points of a unit that cannot be carried. */
export function keptRefused({ keeper, quarantine }: ExportRun, place: UnitPlace): RefusedListener {
  const { name } = keeper.collectionAt(place);
  const { tenant } = keeper.unitAt(place);
  return async (part, failures) =>
    quarantine.keep(
      unitName(place.collection, place.unit),
      part,
      failures.map(({ id, code, reason }) => ({ collection: name, tenant, id, code, reason })),
    );
}

/** The same sink, whose parts are told when they are durable. */
export function announced(
  sink: TransferSink<PartEntry>,
  collection: string,
  { onEvent }: Pick<ExportRun, 'onEvent'>,
): TransferSink<PartEntry> {
  return {
    keepsNothing: sink.keepsNothing,
    open: async (place, options) => {
      const part = await sink.open(place, options);
      return {
        write: async (batch, refused) => part.write(batch, refused),
        abort: async () => part.abort(),
        commit: async () => {
          const entry = await part.commit();
          const { tenant, path, rows, bytes } = entry;
          onEvent({ type: 'part', collection, tenant, path, rows, bytes });
          return entry;
        },
      };
    },
  };
}

/** What the provider held is of no more use; when it cannot be given back, it expires by itself. */
async function release(
  repository: IVectorSearchRepository,
  { slices }: UnitPlan,
  { ids }: ExportRun,
  signal: AbortSignal,
): Promise<void> {
  if (ids !== undefined) return;
  try {
    await repository.releaseSlices?.(slices, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

function checkpointOf({ run, place }: UnitRequest): Checkpoint<PartEntry> {
  return exportCheckpoint(run.storage, place);
}

/** How far the slices of a unit are. */
export function exportCheckpoint(storage: Storage, place: UnitPlace): Checkpoint<PartEntry> {
  return fileCheckpoint(storage, stateFolder(place), isPartEntry);
}

async function loadStates(checkpoint: Checkpoint<PartEntry>, slices: number): Promise<States> {
  return Promise.all(Array.from({ length: slices }, async (_, slice) => checkpoint.load(slice)));
}

async function tallyOf(checkpoint: Checkpoint<PartEntry>, { slices }: UnitPlan): Promise<SliceTally> {
  const states = await loadStates(checkpoint, slices.slices.length);
  return sumTallies(states.flatMap((state) => state?.tally ?? []));
}

function rowsOf(parts: readonly PartEntry[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

function stateFolder({ collection, unit }: UnitPlace): string {
  return `${STATE_FOLDER}/${unitName(collection, unit)}`;
}

function isPartEntry(value: unknown): value is PartEntry {
  return partSchema.safeParse(value).success;
}
