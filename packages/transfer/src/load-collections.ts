import {
  batchBytes,
  type IVectorSearchRepository,
  type Slice,
  type VectorBatch,
  type VectorId,
  type WriteFailure,
} from '@vecport/abstractions';
import { type ContentDigest, sumDigests } from '@vecport/dataset';
import { retrying } from './backoff.js';
import { withBulkLoad } from './bulk-load.js';
import { rememberedCheckpoint, type SliceState, type SliceTally } from './checkpoint.js';
import { countPoints } from './count-points.js';
import { refuseUnread } from './dispatch.js';
import type { JobState } from './job-state.js';
import { inLargeBatches, writeLimits } from './large-batches.js';
import type { ProgressListener } from './progress.js';
import { type Quarantine, unitName } from './quarantine.js';
import {
  isWriteReceipt,
  KEPT_FAILURES,
  type RefusedListener,
  repositorySink,
  type WriteReceipt,
} from './repository-sink.js';
import { sumTallies } from './tally.js';
import type { TargetStore } from './target-store.js';
import { transfer } from './transfer.js';
import type { TransferSource } from './transfer-source.js';

/** Points a part of a write has: how much is written again after an interruption, at most, in each slice. */
export const PART_ROWS = 20_000;

/** A collection without tenants, or one tenant, on its way into a store. */
interface LoadUnit {
  readonly tenant?: string | undefined;
  /** Reads pages of about `rows` points. */
  source(rows: number): TransferSource;
  readonly slices: readonly Slice[];
}

/** A collection on its way into a store. */
export interface LoadCollection {
  /** Its name at its source. */
  readonly name: string;
  /** Its name in the target, where it is ready. */
  readonly target: string;
  readonly units: readonly LoadUnit[];
  /** Points there are, where known. */
  readonly total?: number | undefined;
}

/** How collections are loaded. */
export interface LoadOptions {
  readonly target: TargetStore;
  readonly job: JobState;
  /** Slices worked on at the same time. */
  readonly parallel: number;
  /** Points a write at most; as many as the provider takes, up to 64 MiB, if not said. */
  readonly batchSize?: number | undefined;
  /** The targets are new: the provider may tune them for loading. */
  readonly bulk?: boolean | undefined;
  /** Gets the points the target refuses. */
  readonly quarantine?: Quarantine | undefined;
  /** Others have written the slices: what is left is to add up what they wrote. */
  readonly dispatched?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** What was written of a collection, in this run and earlier ones. */
export interface LoadedCollection {
  /** Those of the units, in their order. */
  readonly repositories: readonly IVectorSearchRepository[];
  readonly accepted: number;
  readonly refused: number;
  /** The first 1,000 refused points with their reasons. */
  readonly failed: readonly WriteFailure[];
  /** The ids of the refused points by unit: all of them with a quarantine, else those of `failed`. */
  readonly refusedIds: readonly ReadonlySet<VectorId>[];
  /** Points the source gave; by unit. */
  readonly read: readonly number[];
  /** Of what was given to the target, points that it refused included; by unit. */
  readonly digests: readonly ContentDigest[];
}

/** Write one collection, unit by unit. What the job remembers as written is not read again. */
export async function loadCollection(
  collection: LoadCollection,
  index: number,
  options: LoadOptions,
): Promise<LoadedCollection> {
  const { target, signal } = options;
  const progress = countPointsRead(collection, options.onProgress);
  const repositories: IVectorSearchRepository[] = [];
  const loaded: LoadedUnit[] = [];
  for (const [at, unit] of collection.units.entries()) {
    const { tenant } = unit;
    if (tenant !== undefined) await target.createTenant(collection.target, tenant, { signal });
    const repository = await target.repository(collection.target, { tenant, signal });
    repositories.push(repository);
    const load = async () => loadUnit(unit, repository, [index, at], options, progress);
    loaded.push(
      await (options.bulk === true && options.dispatched !== true ? withBulkLoad(repository, signal, load) : load()),
    );
  }
  const receipts = loaded.map((unit) => unit.receipts);
  const all = receipts.flat();
  const refusedIds = receipts.map(async (own, at) => refusedIdsOf(own, unitName(index, at), options));
  return {
    repositories,
    read: loaded.map(({ read }) => read),
    refusedIds: await Promise.all(refusedIds),
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
    refused: all.reduce((sum, { refused }) => sum + refused, 0),
    failed: all.flatMap(({ failed }) => failed).slice(0, KEPT_FAILURES),
    digests: receipts.map((own) => sumDigests(own.map(({ digest }) => digest))),
  };
}

/** What was written of a unit, and how many points the source gave for it. */
interface LoadedUnit {
  readonly receipts: readonly WriteReceipt[];
  readonly read: number;
}

async function loadUnit(
  unit: LoadUnit,
  repository: IVectorSearchRepository,
  [collection, at]: readonly [number, number],
  options: LoadOptions,
  progress: LoadProgress,
): Promise<LoadedUnit> {
  const limits = writeLimits(repository.traits, options.batchSize);
  const written = options.job.checkpoint(collection, at, isWriteReceipt);
  const checkpoint = options.dispatched === true ? rememberedCheckpoint(written) : written;
  const states = async () => Promise.all(unit.slices.map(async (_, slice) => checkpoint.load(slice)));
  const earlier = tallyOf(await states());
  if (options.dispatched === true) refuseUnread(await states(), `'${repository.collection}'`);
  const parts = (await states()).flatMap((state) => state?.parts ?? []);
  const held = options.dispatched === true || (await isHeld(repository, parts, options));
  if (held) progress.addEarlier(earlier.rows);
  const receipts = await transfer({
    source: inLargeBatches(unit.source(limits.rows), limits),
    sink: repositorySink(repository, keptRefused(repository, [collection, at], options)),
    slices: unit.slices,
    partRows: Math.max(PART_ROWS, limits.rows),
    checkpoint: held ? checkpoint : { ...checkpoint, load: async () => undefined },
    parallel: options.parallel,
    signal: options.signal,
    onBatch: progress.add,
  });
  return { receipts: receipts.flat(), read: tallyOf(await states()).read };
}

function tallyOf(states: readonly (SliceState<WriteReceipt> | undefined)[]): SliceTally {
  return sumTallies(states.flatMap((state) => state?.tally ?? []));
}

/** Keeps the points of a unit that the target refuses. */
export function keptRefused(
  { collection: target, tenant }: IVectorSearchRepository,
  [collection, at]: readonly [number, number],
  { quarantine }: Pick<LoadOptions, 'quarantine'>,
): RefusedListener | undefined {
  if (quarantine === undefined) return undefined;
  const unit = unitName(collection, at);
  return async (place, failures) =>
    quarantine.keep(
      unit,
      place,
      failures.map(({ id, code, reason }) => ({ collection: target, tenant, id, code, reason })),
    );
}

async function refusedIdsOf(
  receipts: readonly WriteReceipt[],
  unit: string,
  { quarantine }: LoadOptions,
): Promise<ReadonlySet<VectorId>> {
  if (receipts.every(({ refused }) => refused === 0)) return new Set();
  if (quarantine === undefined) return new Set(receipts.flatMap(({ failed }) => failed.map(({ id }) => id)));
  const ids = new Set<VectorId>();
  for await (const { id } of quarantine.pointsOf(unit)) ids.add(id);
  return ids;
}

/**
 * Whether the target still has as many points as the checkpoints vouch for: a store that lost some, or was emptied since,
 * gets all of them again.
 */
export async function isHeld(
  repository: IVectorSearchRepository,
  receipts: readonly WriteReceipt[],
  { signal }: Pick<LoadOptions, 'signal'>,
): Promise<boolean> {
  const written = receipts.reduce((sum, { accepted }) => sum + accepted, 0);
  if (written === 0 || repository.traits.eventual?.includes('count') === true) return true;
  const held = await retrying(async () => countPoints(repository, undefined, signal), {}, signal);
  return held === undefined || held >= written;
}

interface LoadProgress {
  add(batch: VectorBatch): void;
  /** So many points were written by an earlier run. */
  addEarlier(points: number): void;
}

function countPointsRead({ name, total }: LoadCollection, onProgress: ProgressListener | undefined): LoadProgress {
  let done = 0;
  let bytes = 0;
  const report = (): void => onProgress?.({ phase: 'read', collection: name, done, total, bytes });
  return {
    add: (batch) => {
      done += batch.ids.length;
      bytes += batchBytes(batch);
      report();
    },
    addEarlier: (points) => {
      if (points === 0) return;
      done += points;
      report();
    },
  };
}
