import {
  batchBytes,
  type CallOptions,
  type CollectionDescription,
  type CollectionInfo,
  hasCapability,
  type IVectorSearchRepository,
  type TenantInfo,
  VecportError,
  type VectorBatch,
  type VectorTraits,
  type WriteFailure,
} from '@vecport/abstractions';
import { type Dataset, type ManifestCollection, validateDataset } from '@vecport/dataset';
import { noCheckpoint } from './checkpoint.js';
import { type Comparison, compareWithRepository } from './compare-with-repository.js';
import { datasetSlices, datasetSource } from './dataset-source.js';
import { inLargeBatches, writeLimits } from './large-batches.js';
import { prepareTargets } from './prepare-targets.js';
import type { ProgressListener } from './progress.js';
import { KEPT_FAILURES, repositorySink, type WriteReceipt } from './repository-sink.js';
import { transfer } from './transfer.js';

/** The store an import writes to. */
export interface TargetStore {
  readonly provider: string;
  /** What a new collection can have. */
  readonly traits: VectorTraits;
  /** Whether collections can be divided into tenants. */
  readonly multiTenant: boolean;
  collections(options?: CallOptions): Promise<readonly CollectionInfo[]>;
  repository(
    name: string,
    options?: CallOptions & { readonly tenant?: string | undefined },
  ): Promise<IVectorSearchRepository>;
  tenants(collection: string, options?: CallOptions): Promise<readonly TenantInfo[]>;
  createTenant(collection: string, tenant: string, options?: CallOptions): Promise<void>;
  create(description: CollectionDescription, options?: CallOptions): Promise<void>;
  drop(name: string, options?: CallOptions): Promise<void>;
}

/** What to import, and into what. */
export interface ImportRequest {
  readonly dataset: Dataset;
  readonly target: TargetStore;
  /** One collection of the dataset; all of them if not said. */
  readonly collection?: string | undefined;
  /** The target collection's name; the stored one if not said. Needs a single collection. */
  readonly as?: string | undefined;
  /**
   * `create`: the target collection must not exist. `append`: it must exist and fit; points with the
   * same id are replaced. `replace`: it is dropped first if it exists, and not brought back when the
   * import fails later: no provider's collection can be renamed, so there is no swap.
   */
  readonly mode: 'create' | 'append' | 'replace';
  /** Read the target back and compare the content digest. For `append` there is nothing to compare. */
  readonly verify?: boolean | undefined;
  /** Parts imported at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  /** Points a write at most; as many as the provider takes, up to 64 MiB, if not said. Its limits apply besides. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Told after each change of the target but the points themselves. */
  readonly onTarget?: ((event: TargetEvent) => void) | undefined;
}

/** A collection of the target was dropped with all its points, or made. */
export interface TargetEvent {
  readonly change: 'dropped' | 'created';
  readonly collection: string;
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
  /** Present when it was verified. */
  readonly comparison?: Comparison | undefined;
  /** Why it was not verified although that was asked for: the target cannot be read back. */
  readonly notVerified?: string | undefined;
}

/** The outcome of an import. */
export interface ImportReport {
  readonly collections: readonly ImportedCollection[];
  /** Nothing was refused, and what was verified is equal. */
  readonly complete: boolean;
}

/**
 * Write a dataset into a store. The whole dataset is validated, and every target checked, before the
 * first change: a damaged dataset, a target that exists, a wrong dimension, metric or model leave the
 * store as it was. All targets are made before the first point is written, so that an import that was
 * interrupted can be run again with `append`, because points are replaced by id.
 *
 * @throws VecportError `corrupt-data` with the dataset's problems, `already-exists`, `not-found`,
 * `dimension-mismatch`, `not-supported` when the target cannot hold the collection.
 */
export async function importDataset(request: ImportRequest): Promise<ImportReport> {
  const { dataset } = request;
  const chosen = chooseCollections(request);
  await refuseDamaged(request);
  await prepareTargets(request, chosen);
  const collections: ImportedCollection[] = [];
  for (const collection of chosen) collections.push(await importCollection(request, dataset, collection));
  return {
    collections,
    complete: collections.every(({ refused, comparison }) => refused === 0 && comparison?.equal !== false),
  };
}

function chooseCollections({ dataset, collection, as }: ImportRequest): readonly ManifestCollection[] {
  const all = dataset.manifest.collections;
  const chosen = collection === undefined ? all : all.filter(({ name }) => name === collection);
  if (chosen.length === 0) {
    throw new VecportError('not-found', `The dataset has no collection '${collection}'.`, {
      advice: `It holds: ${all.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (as !== undefined && chosen.length > 1) {
    throw new VecportError(
      'invalid-argument',
      `The dataset holds ${chosen.length} collections; one name cannot stand for all.`,
      {
        advice: 'Choose one of them with --collection.',
      },
    );
  }
  return chosen;
}

async function refuseDamaged({ dataset, signal, onProgress }: ImportRequest): Promise<void> {
  const report = await validateDataset(dataset, {
    signal,
    onProgress: ({ collection, rows, total, bytes }) =>
      onProgress?.({ phase: 'validate', collection, done: rows, total, bytes }),
  });
  if (report.ok) return;
  const shown = report.problems.slice(0, 5).map(({ message }) => message);
  const more =
    report.problems.length > shown.length ? ` (and ${report.problems.length - shown.length} more problems)` : '';
  throw new VecportError('corrupt-data', `The dataset is damaged, nothing was imported: ${shown.join(' ')}${more}`, {
    operation: 'import',
    advice: 'Export it again, or restore the files from where they were copied.',
  });
}

async function importCollection(
  request: ImportRequest,
  dataset: Dataset,
  collection: ManifestCollection,
): Promise<ImportedCollection> {
  const { target, mode, signal, onProgress } = request;
  const name = request.as ?? collection.name;
  let done = 0;
  let bytes = 0;
  const onBatch = (batch: VectorBatch): void => {
    done += batch.ids.length;
    bytes += batchBytes(batch);
    onProgress?.({ phase: 'read', collection: collection.name, done, total: collection.counts.exported, bytes });
  };
  const repositories: IVectorSearchRepository[] = [];
  const written: WriteReceipt[] = [];
  for (const tenant of collection.tenants?.map((info) => info.name) ?? [undefined]) {
    if (tenant !== undefined) await target.createTenant(name, tenant, { signal });
    const repository = await target.repository(name, { tenant, signal });
    repositories.push(repository);
    written.push(...(await importUnit(request, dataset, collection, repository, onBatch)));
  }
  const verify = request.verify === true && mode !== 'append';
  const absent = repositories.find((repository) => !hasCapability(repository, 'exportAll'));
  return {
    name: collection.name,
    target: name,
    accepted: written.reduce((sum, { accepted }) => sum + accepted, 0),
    refused: written.reduce((sum, { refused }) => sum + refused, 0),
    failed: written.flatMap(({ failed }) => failed).slice(0, KEPT_FAILURES),
    comparison:
      verify && absent === undefined
        ? await compareWithRepository(collection, repositories, { signal, onProgress })
        : undefined,
    notVerified: verify ? absent?.advise('exportAll').reason : undefined,
  };
}

async function importUnit(
  { batchSize, parallel, signal }: ImportRequest,
  dataset: Dataset,
  collection: ManifestCollection,
  repository: IVectorSearchRepository,
  onBatch: (batch: VectorBatch) => void,
): Promise<readonly WriteReceipt[]> {
  const limits = writeLimits(repository.traits, batchSize);
  const receipts = await transfer({
    source: inLargeBatches(datasetSource(dataset, collection, limits.rows), limits),
    sink: repositorySink(repository),
    slices: datasetSlices(collection, repository.tenant),
    partRows: Number.MAX_SAFE_INTEGER,
    checkpoint: noCheckpoint<WriteReceipt>(),
    parallel: parallel ?? 2,
    signal,
    onBatch,
  });
  return receipts.flat();
}
