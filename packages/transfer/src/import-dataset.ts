import { hasCapability, type JsonValue, VecportError } from '@vecport/abstractions';
import { isSameDigest, type ManifestCollection, sumDigests, validateDataset } from '@vecport/dataset';
import { checkWhole, removeGone } from './apply-tombstones.js';
import { checkMetrics } from './check-metrics.js';
import { compareStored } from './compare-stored.js';
import { datasetSlices, datasetSource } from './dataset-source.js';
import { beginState, dispatchLoad } from './dispatch-load.js';
import type { ImportedCollection, ImportReport, ImportRequest } from './import-request.js';
import { type JobState, openJob } from './job-state.js';
import { type LoadCollection, type LoadedCollection, loadCollection } from './load-collections.js';
import { prepareTargets } from './prepare-targets.js';
import { defaultQuarantineFile, openQuarantine, type Quarantine } from './quarantine.js';
import { checkParity, compareSearches, type ParityUnit } from './search-parity.js';
import { asWritten, describedBy, transformedBy, transformedDataset } from './transformed-dataset.js';

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
  const chosen = chosenCollections(request);
  checkWhole(request.dataset, request.mode);
  if (request.dataset.foreign !== undefined && request.mode !== 'append') checkMetrics(chosen);
  if (request.searchParity !== undefined) checkParity(request.searchParity);
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
      description: describedBy(description, request.transform),
      divided: tenants !== undefined || description.multiTenant === true,
    })),
    onTarget: request.onTarget,
  });
  await beginState(request.state, job.resumed);
  await dispatchLoad({
    ...{ target, job, signal, dispatch: request.dispatch, state: request.state, onProgress: request.onProgress },
    bulk: mode !== 'append',
    collections: chosen.map((collection) => loadOf(request, collection, request.as ?? collection.name)),
  });
  const quarantine = request.state && (await openQuarantine(request.state, true));
  const collections: ImportedCollection[] = [];
  const searched: ParityUnit[] = [];
  for (const [index, collection] of chosen.entries()) {
    const { outcome, repositories } = await importCollection(request, collection, index, { job, quarantine });
    collections.push(outcome);
    searched.push(...parityUnits(request, collection, repositories));
  }
  const parity = request.searchParity && (await compareSearches(searched, request.searchParity, signal));
  const quarantined =
    request.state && (await quarantine?.collect(request.quarantine ?? defaultQuarantineFile(request.state)));
  await job.remove();
  await quarantine?.clear();
  const equal = collections.every(({ refused, comparison }) => refused === 0 && comparison?.equal !== false);
  return {
    collections,
    complete: equal && parity?.ok !== false,
    quarantine: quarantined,
    parity,
    resumed: job.resumed,
  };
}

/** What an import must have in common with the one it goes on with. */
function termsOf({ dataset, target, mode, as, transform }: ImportRequest, chosen: readonly ManifestCollection[]) {
  return {
    work: 'import',
    dataset: [dataset.manifest.id, ...chosen.map(({ digest }) => digest.content)],
    target: [target.provider, target.url],
    collections: chosen.map(({ name }) => [name, as ?? name]),
    mode,
    ...(transform && { transform: transform.sha256 }),
  } satisfies Record<string, JsonValue>;
}

/** The collections of the dataset that are imported, in their order. @throws VecportError when there are none. */
export function chosenCollections({
  dataset,
  collection,
  as,
}: Pick<ImportRequest, 'dataset' | 'collection' | 'as'>): readonly ManifestCollection[] {
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

interface ImportTools {
  readonly job: JobState;
  readonly quarantine: Quarantine | undefined;
}

async function importCollection(
  request: ImportRequest,
  collection: ManifestCollection,
  index: number,
  { job, quarantine }: ImportTools,
): Promise<Pick<LoadedCollection, 'repositories'> & { readonly outcome: ImportedCollection }> {
  const { dataset, target, mode, parallel = 2, batchSize, signal, onProgress } = request;
  const name = request.as ?? collection.name;
  const loaded = await loadCollection(loadOf(request, collection, name), index, {
    target,
    job,
    parallel,
    batchSize,
    bulk: mode !== 'append',
    quarantine,
    dispatched: request.dispatch !== undefined,
    signal,
    onProgress,
  });
  if (request.transform === undefined)
    await checkRead(collection, loaded, dataset.storage.url, async () => job.forget(index));
  const append = mode === 'append';
  const verify = request.verify === true && !append;
  const outcome: ImportedCollection = {
    name: collection.name,
    target: name,
    accepted: loaded.accepted,
    refused: loaded.refused,
    failed: loaded.failed,
    ...(append && { removed: await removeGone(dataset, collection, loaded.repositories, signal) }),
    ...(verify ? await verified(request, collection, loaded) : {}),
  };
  return { outcome, repositories: loaded.repositories };
}

/** What was checked before the first write must be what was written: files can change in between. */
async function checkRead(
  { name, digest }: ManifestCollection,
  { digests }: LoadedCollection,
  url: string,
  forget: () => Promise<void>,
): Promise<void> {
  if (isSameDigest(sumDigests(digests), digest)) return;
  await forget();
  throw new VecportError('corrupt-data', `The files of '${name}' in ${url} changed while they were imported.`, {
    operation: 'import',
    advice: 'Restore them from where they were copied; with --resume --verify all points are written again.',
  });
}

/** How a collection of the dataset is loaded. */
export function loadOf(
  { dataset, transform }: Pick<ImportRequest, 'dataset' | 'transform'>,
  collection: ManifestCollection,
  target: string,
): LoadCollection {
  const tenants = collection.tenants?.map(({ name }) => name) ?? [undefined];
  return {
    name: collection.name,
    target,
    total: collection.counts.exported,
    units: tenants.map((tenant) => ({
      tenant,
      source: (rows) => transformedBy(datasetSource(dataset, collection, rows), collection.description, transform),
      slices: datasetSlices(collection, tenant),
    })),
  };
}

async function verified(
  { dataset, transform, signal, onProgress }: ImportRequest,
  collection: ManifestCollection,
  { repositories, digests, refusedIds }: LoadedCollection,
): Promise<Pick<ImportedCollection, 'comparison' | 'notVerified'>> {
  const absent = repositories.find((repository) => !hasCapability(repository, 'exportAll'));
  if (absent !== undefined) return { notVerified: absent.advise('exportAll').reason };
  const source = transformedDataset(dataset, transform);
  const units = repositories.map((repository, at) => ({
    repository,
    points: () => source.read(collection, { tenant: repository.tenant, signal }),
    refused: refusedIds[at],
  }));
  // The target holds what was chosen for the dataset, and nothing else.
  const stored = { ...asWritten(collection, digests, transform), selection: undefined };
  return { comparison: await compareStored({ stored, units, signal, onProgress }) };
}

/** What is searched for: the points of the dataset as they were written. */
function parityUnits(
  { dataset, transform, signal }: ImportRequest,
  collection: ManifestCollection,
  repositories: LoadedCollection['repositories'],
): readonly ParityUnit[] {
  const source = transformedDataset(dataset, transform);
  return repositories.map((target) => ({
    description: describedBy(collection.description, transform),
    points: () => source.read(collection, { tenant: target.tenant, signal }),
    target,
  }));
}
