import { hasCapability, type JsonValue, VecportError, type WriteFailure } from '@vecport/abstractions';
import { type Dataset, type ManifestCollection, validateDataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { Comparison } from './compare-with-repository.js';
import { datasetSlices, datasetSource } from './dataset-source.js';
import { type JobState, openJob } from './job-state.js';
import { type LoadCollection, type LoadedCollection, loadCollection } from './load-collections.js';
import { prepareTargets } from './prepare-targets.js';
import type { ProgressListener } from './progress.js';
import type { TargetEvent, TargetMode, TargetStore } from './target-store.js';
import { verifyImport } from './verify-import.js';

/** What to import, and into what. */
export interface ImportRequest {
  readonly dataset: Dataset;
  readonly target: TargetStore;
  /** One collection of the dataset; all of them if not said. */
  readonly collection?: string | undefined;
  /** The target collection's name; the stored one if not said. Needs a single collection. */
  readonly as?: string | undefined;
  readonly mode: TargetMode;
  /** Read the target back and compare every point. For `append` there is nothing to compare. */
  readonly verify?: boolean | undefined;
  /** Parts imported at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  /** Points a write at most; as many as the provider takes, up to 64 MiB, if not said. Its limits apply besides. */
  readonly batchSize?: number | undefined;
  /** A folder of this import's own, where it remembers what is written; without one it cannot be resumed. */
  readonly state?: Storage | undefined;
  /** Go on with an unfinished import of the same dataset into the same target; without one, begin. */
  readonly resume?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Told after each change of the target but the points themselves. */
  readonly onTarget?: ((event: TargetEvent) => void) | undefined;
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
  /** It went on with what an earlier run had left. */
  readonly resumed: boolean;
}

/**
 * Write a dataset into a store. The whole dataset is validated, and every target checked, before the
 * first change: a damaged dataset, a target that exists, a wrong dimension, metric or model leave the
 * store as it was. All targets are made before the first point is written. With a `state` folder an import that was
 * interrupted or killed goes on where it was; without one it can be run again with `append`, because points are
 * replaced by id.
 *
 * @throws VecportError `corrupt-data` with the dataset's problems, `already-exists`, `not-found`,
 * `dimension-mismatch`, `not-supported` when the target cannot hold the collection, `conflict` when another run is
 * at the same work.
 */
export async function importDataset(request: ImportRequest): Promise<ImportReport> {
  const chosen = chooseCollections(request);
  await refuseDamaged(request);
  const job = await openJob({
    storage: request.state,
    resume: request.resume,
    terms: termsOf(request, chosen),
    // The parts of the dataset are the plan.
    plan: async () => null,
    signal: request.signal,
  });
  try {
    return await runImport(request, chosen, job);
  } finally {
    await job.release();
  }
}

async function runImport(
  request: ImportRequest,
  chosen: readonly ManifestCollection[],
  job: JobState,
): Promise<ImportReport> {
  const { target, mode, signal } = request;
  await prepareTargets({
    target,
    mode,
    job,
    signal,
    sourceProvider: request.dataset.manifest.source.provider,
    wanted: chosen.map(({ name, description, tenants }) => ({
      name: request.as ?? name,
      description,
      divided: tenants !== undefined || description.multiTenant === true,
    })),
    onTarget: request.onTarget,
  });
  const collections: ImportedCollection[] = [];
  for (const [index, collection] of chosen.entries()) {
    collections.push(await importCollection(request, collection, index, job));
  }
  await job.remove();
  return {
    collections,
    complete: collections.every(({ refused, comparison }) => refused === 0 && comparison?.equal !== false),
    resumed: job.resumed,
  };
}

/** What an import must have in common with the one it goes on with. */
function termsOf({ dataset, target, mode, as }: ImportRequest, chosen: readonly ManifestCollection[]) {
  return {
    work: 'import',
    dataset: [dataset.manifest.id, ...chosen.map(({ digest }) => digest.content)],
    target: [target.provider, target.url],
    collections: chosen.map(({ name }) => [name, as ?? name]),
    mode,
  } satisfies Record<string, JsonValue>;
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
  collection: ManifestCollection,
  index: number,
  job: JobState,
): Promise<ImportedCollection> {
  const { dataset, target, mode, parallel = 2, batchSize, signal, onProgress } = request;
  const name = request.as ?? collection.name;
  const loaded = await loadCollection(loadOf(dataset, collection, name), index, {
    target,
    job,
    parallel,
    batchSize,
    signal,
    onProgress,
  });
  const verify = request.verify === true && mode !== 'append';
  return {
    name: collection.name,
    target: name,
    accepted: loaded.accepted,
    refused: loaded.refused,
    failed: loaded.failed,
    ...(verify ? await verified(request, collection, loaded) : {}),
  };
}

function loadOf(dataset: Dataset, collection: ManifestCollection, target: string): LoadCollection {
  const tenants = collection.tenants?.map(({ name }) => name) ?? [undefined];
  return {
    name: collection.name,
    target,
    total: collection.counts.exported,
    units: tenants.map((tenant) => ({
      tenant,
      source: (rows) => datasetSource(dataset, collection, rows),
      slices: datasetSlices(collection, tenant),
    })),
  };
}

async function verified(
  { dataset, signal, onProgress }: ImportRequest,
  collection: ManifestCollection,
  { repositories }: LoadedCollection,
): Promise<Pick<ImportedCollection, 'comparison' | 'notVerified'>> {
  const absent = repositories.find((repository) => !hasCapability(repository, 'exportAll'));
  if (absent !== undefined) return { notVerified: absent.advise('exportAll').reason };
  return { comparison: await verifyImport(dataset, collection, repositories, { signal, onProgress }) };
}
