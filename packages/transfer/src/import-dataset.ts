import {
  batchBytes,
  type CollectionDescription,
  type CollectionInfo,
  hasCapability,
  type IVectorSearchRepository,
  VecportError,
  type WriteFailure,
} from '@vecport/abstractions';
import { type Dataset, type ManifestCollection, validateDataset } from '@vecport/dataset';
import { noCheckpoint } from './checkpoint.js';
import { whyNotInto } from './compare-descriptions.js';
import { type Comparison, compareWithRepository } from './compare-with-repository.js';
import { datasetSlices, datasetSource } from './dataset-source.js';
import type { ProgressListener } from './progress.js';
import { repositorySink, type WriteReceipt } from './repository-sink.js';
import { transfer } from './transfer.js';

/** The store an import writes to. */
export interface TargetStore {
  readonly provider: string;
  collections(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly CollectionInfo[]>;
  repository(name: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<IVectorSearchRepository>;
  create(description: CollectionDescription, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  drop(name: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
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
   * same id are replaced. `replace`: it is dropped first if it exists.
   */
  readonly mode: 'create' | 'append' | 'replace';
  /** Read the target back and compare the content digest. For `append` there is nothing to compare. */
  readonly verify?: boolean | undefined;
  /** Parts imported at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  /** Points a write at most, 1000 if not said; the provider's own limits apply besides. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** One imported collection. */
export interface ImportedCollection {
  readonly name: string;
  /** Its name in the target. */
  readonly target: string;
  readonly accepted: number;
  /** Points the target refused, each with its reason. */
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
 * store as it was. An import that was interrupted can be run again with `append`, because points are
 * replaced by id.
 *
 * @throws VecportError `corrupt-data` with the dataset's problems, `already-exists`, `not-found`,
 * `dimension-mismatch`, `not-supported` when the target cannot hold the collection.
 */
export async function importDataset(request: ImportRequest): Promise<ImportReport> {
  const { dataset, signal } = request;
  const chosen = chooseCollections(request);
  await refuseDamaged(request);
  const existing = new Set((await request.target.collections({ signal })).map(({ name }) => name));
  for (const collection of chosen) await checkTarget(request, collection, existing);
  const collections: ImportedCollection[] = [];
  for (const collection of chosen) collections.push(await importCollection(request, dataset, collection, existing));
  return {
    collections,
    complete: collections.every(({ failed, comparison }) => failed.length === 0 && comparison?.equal !== false),
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

async function checkTarget(
  request: ImportRequest,
  collection: ManifestCollection,
  existing: ReadonlySet<string>,
): Promise<void> {
  const { target, mode, signal } = request;
  const name = request.as ?? collection.name;
  const place = { provider: target.provider, collection: name, operation: 'import' };
  if (mode === 'create' && existing.has(name)) {
    throw new VecportError('already-exists', `The collection '${name}' exists already; nothing was changed.`, {
      ...place,
      advice: 'Choose another name, or add to it with --mode append, or replace it with --mode replace --force.',
    });
  }
  if (mode !== 'append') return;
  if (!existing.has(name)) {
    throw new VecportError('not-found', `There is no collection '${name}' to append to.`, {
      ...place,
      advice: 'Leave --mode append away to create it.',
    });
  }
  const problems = whyNotInto(
    collection.description,
    await (await target.repository(name, { signal })).describe({ signal }),
  );
  if (problems.length === 0) return;
  throw new VecportError(
    'dimension-mismatch',
    `The dataset does not fit the collection '${name}'; nothing was written. ${problems.join(' ')}`,
    place,
  );
}

async function importCollection(
  request: ImportRequest,
  dataset: Dataset,
  collection: ManifestCollection,
  existing: ReadonlySet<string>,
): Promise<ImportedCollection> {
  const { target, mode, signal, onProgress } = request;
  const name = request.as ?? collection.name;
  if (mode === 'replace' && existing.has(name)) await target.drop(name, { signal });
  // Another provider's own settings mean nothing here.
  if (mode !== 'append') await target.create({ ...collection.description, name, native: undefined }, { signal });
  const repository = await target.repository(name, { signal });
  let done = 0;
  let bytes = 0;
  const receipts = await transfer({
    source: datasetSource(dataset, collection, request.batchSize),
    sink: repositorySink(repository),
    slices: datasetSlices(collection),
    partRows: Number.MAX_SAFE_INTEGER,
    checkpoint: noCheckpoint<WriteReceipt>(),
    parallel: request.parallel ?? 2,
    signal,
    onBatch: (batch) => {
      done += batch.ids.length;
      bytes += batchBytes(batch);
      onProgress?.({ phase: 'read', collection: collection.name, done, total: collection.counts.exported, bytes });
    },
  });
  const written = receipts.flat();
  const verify = request.verify === true && mode !== 'append';
  const readable = hasCapability(repository, 'exportAll');
  return {
    name: collection.name,
    target: name,
    accepted: written.reduce((sum, { accepted }) => sum + accepted, 0),
    failed: written.flatMap(({ failed }) => failed),
    comparison:
      verify && readable ? await compareWithRepository(collection, repository, { signal, onProgress }) : undefined,
    notVerified: verify && !readable ? repository.advise('exportAll').reason : undefined,
  };
}
