import {
  batchBytes,
  type IVectorSearchRepository,
  type Slice,
  type VectorBatch,
  type WriteFailure,
} from '@vecport/abstractions';
import { type ContentDigest, sumDigests } from '@vecport/dataset';
import { withBulkLoad } from './bulk-load.js';
import type { Checkpoint } from './checkpoint.js';
import { countPoints } from './count-points.js';
import type { JobState } from './job-state.js';
import { inLargeBatches, writeLimits } from './large-batches.js';
import type { ProgressListener } from './progress.js';
import type { Quarantine } from './quarantine.js';
import {
  isWriteReceipt,
  KEPT_FAILURES,
  type RefusedListener,
  repositorySink,
  type WriteReceipt,
} from './repository-sink.js';
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
  /** Of what was given to the target, refused points included; by unit. */
  readonly digests: readonly ContentDigest[];
}

/** Write one collection, unit by unit. What the job remembers as written is not read again. */
export async function loadCollection(
  collection: LoadCollection,
  index: number,
  options: LoadOptions,
): Promise<LoadedCollection> {
  const { target, signal } = options;
  const onBatch = countBatches(collection, options.onProgress);
  const repositories: IVectorSearchRepository[] = [];
  const receipts: WriteReceipt[][] = [];
  for (const [at, unit] of collection.units.entries()) {
    const { tenant } = unit;
    if (tenant !== undefined) await target.createTenant(collection.target, tenant, { signal });
    const repository = await target.repository(collection.target, { tenant, signal });
    repositories.push(repository);
    const load = async () => loadUnit(unit, repository, [index, at], options, onBatch);
    receipts.push([...(await (options.bulk === true ? withBulkLoad(repository, signal, load) : load()))]);
  }
  const all = receipts.flat();
  return {
    repositories,
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
    refused: all.reduce((sum, { refused }) => sum + refused, 0),
    failed: all.flatMap(({ failed }) => failed).slice(0, KEPT_FAILURES),
    digests: receipts.map((own) => sumDigests(own.map(({ digest }) => digest))),
  };
}

async function loadUnit(
  unit: LoadUnit,
  repository: IVectorSearchRepository,
  [collection, at]: readonly [number, number],
  options: LoadOptions,
  onBatch: (batch: VectorBatch) => void,
): Promise<readonly WriteReceipt[]> {
  const limits = writeLimits(repository.traits, options.batchSize);
  const receipts = await transfer({
    source: inLargeBatches(unit.source(limits.rows), limits),
    sink: repositorySink(repository, keptRefused(repository, [collection, at], options)),
    slices: unit.slices,
    partRows: Math.max(PART_ROWS, limits.rows),
    checkpoint: await heldCheckpoint(repository, unit, options.job.checkpoint(collection, at, isWriteReceipt), options),
    parallel: options.parallel,
    signal: options.signal,
    onBatch,
  });
  return receipts.flat();
}

function keptRefused(
  { collection: target, tenant }: IVectorSearchRepository,
  [collection, at]: readonly [number, number],
  { quarantine }: LoadOptions,
): RefusedListener | undefined {
  if (quarantine === undefined) return undefined;
  const unit = `${String(collection).padStart(3, '0')}-${String(at).padStart(5, '0')}`;
  return async (place, failures) =>
    quarantine.keep(
      unit,
      place,
      failures.map(({ id, code, reason }) => ({ collection: target, tenant, id, code, reason })),
    );
}

/**
 * The checkpoint, as long as the target still has as many points as it vouches for: a store that lost some, or was
 * emptied since, gets all of them again.
 */
async function heldCheckpoint(
  repository: IVectorSearchRepository,
  { slices }: LoadUnit,
  checkpoint: Checkpoint<WriteReceipt>,
  { signal }: LoadOptions,
): Promise<Checkpoint<WriteReceipt>> {
  const states = await Promise.all(slices.map(async (_, slice) => checkpoint.load(slice)));
  const written = states.flatMap((state) => state?.parts ?? []).reduce((sum, { accepted }) => sum + accepted, 0);
  if (written === 0 || repository.traits.eventual?.includes('count') === true) return checkpoint;
  const held = await countPoints(repository, undefined, signal);
  return held === undefined || held >= written ? checkpoint : { ...checkpoint, load: async () => undefined };
}

function countBatches(
  { name, total }: LoadCollection,
  onProgress: ProgressListener | undefined,
): (batch: VectorBatch) => void {
  let done = 0;
  let bytes = 0;
  return (batch) => {
    done += batch.ids.length;
    bytes += batchBytes(batch);
    onProgress?.({ phase: 'read', collection: name, done, total, bytes });
  };
}
