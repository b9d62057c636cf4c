import {
  batchBytes,
  type IVectorSearchRepository,
  type Slice,
  type VectorBatch,
  type WriteFailure,
} from '@vecport/abstractions';
import { type ContentDigest, sumDigests } from '@vecport/dataset';
import type { JobState } from './job-state.js';
import { inLargeBatches, writeLimits } from './large-batches.js';
import type { ProgressListener } from './progress.js';
import { isWriteReceipt, KEPT_FAILURES, repositorySink, type WriteReceipt } from './repository-sink.js';
import type { TargetStore } from './target-store.js';
import { transfer } from './transfer.js';
import type { TransferSource } from './transfer-source.js';

/** Points a part of a write has: how much is written again after an interruption, at most, in each slice. */
const PART_ROWS = 20_000;

/** A collection without tenants, or one tenant, on its way into a store. */
export interface LoadUnit {
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
    receipts.push([...(await loadUnit(unit, repository, [index, at], options, onBatch))]);
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
    sink: repositorySink(repository),
    slices: unit.slices,
    partRows: Math.max(PART_ROWS, limits.rows),
    checkpoint: options.job.checkpoint(collection, at, isWriteReceipt),
    parallel: options.parallel,
    signal: options.signal,
    onBatch,
  });
  return receipts.flat();
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
