import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isVecportError, VecportError } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import {
  COLLECTIONS_FOLDER,
  type Dataset,
  exportMetadata,
  MANIFEST_PATH,
  openDataset,
  openDatasetChain,
} from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import {
  type Dispatch,
  exportDataset,
  type ImportReport,
  importDataset,
  openCollection,
  type TransferEvent,
} from '@vecport/transfer';
import type { Backends, DatasetAddress } from '../backends/backends.js';
import { encodingFor, layoutOf } from '../contract/formats.js';
import { mapValues } from '../map-values.js';
import { isStorageError } from '../problems/is-storage-error.js';
import { ProblemError } from '../problems/problem-error.js';
import { type StoreSet, unknownStore } from '../stores/store-pool.js';
import { serviceVersion } from '../version.js';
import type {
  ExportedClass,
  ExportTask,
  ImportedClass,
  ImportTask,
  JobRunner,
  RunContext,
  RunOutcome,
} from './job-runner.js';
import { whenUnlocked } from './when-unlocked.js';

/** Where imports remember how far they are, in the folder of a service. */
export const IMPORTS_FOLDER = 'imports';

/** What a runner in this process works with. */
export interface RunnerParts {
  readonly stores: StoreSet;
  readonly backends: Backends;
  /** A folder where imports remember how far they are; made if it is not there. */
  readonly folder: string;
  /**
   * Has others read the slices of an export, e.g. the workers of a cluster; nobody for `undefined`. Increments are not
   * asked about: they are read here.
   */
  readonly dispatch?: ((task: ExportTask, store: OpenStore) => Dispatch | undefined) | undefined;
}

/**
 * Runs jobs in this process, with the engine of `@vecport/transfer`. Each has a connection to its store of its own. The
 * lock of a dataset is waited for, ten seconds.
 */
export function createInProcessRunner(parts: RunnerParts): JobRunner {
  mkdirSync(parts.folder, { recursive: true, mode: 0o700 });
  return {
    runExport: async (task, context) =>
      guarded(parts, async () =>
        withStore(parts, task.store, context, async (s) =>
          whenUnlocked(context.signal, async () => runExport(parts, task, s, context)),
        ),
      ),
    runImport: async (task, context) =>
      guarded(parts, async () =>
        withStore(parts, task.store, context, async (s) =>
          whenUnlocked(context.signal, async () => runImport(parts, task, s, context)),
        ),
      ),
    removeDataset: async (address) => removeDataset(parts.backends, address),
  };
}

async function runExport(
  { backends, dispatch }: RunnerParts,
  task: ExportTask,
  store: OpenStore,
  { signal, onEvent }: RunContext,
): Promise<RunOutcome<ExportedClass>> {
  const { address, classes, request } = task;
  const storage = await backends.open(address);
  const repositories = [];
  for (const name of classes) repositories.push(...(await openCollection(store, name, { signal })));
  const report = await exportDataset({
    id: address.id,
    tool: { name: 'vecport', version: serviceVersion() },
    storage,
    repositories,
    source: { provider: store.provider, version: store.version, url: store.url },
    selection: { filter: request.filter, fields: request.properties },
    read: request.read,
    layout: layoutOf(request),
    encoding: encodingFor(request),
    parallel: request.parallel,
    collectionsAtOnce: request.parallel ?? availableParallelism(),
    since: request.since === undefined ? undefined : await openChain(backends, { ...address, id: request.since }),
    dispatch: request.since === undefined ? dispatch?.(task, store) : undefined,
    resume: true,
    signal,
    onEvent: (event) => tellExport(event, onEvent),
  });
  const { progress } = exportMetadata(report.manifest, storage);
  const done = mapValues(progress, ({ objectsExported, fileSizeBytes }) => ({
    objects: objectsExported,
    bytes: fileSizeBytes,
  }));
  return { classes: done, warnings: [...report.restarted, ...report.warnings] };
}

function tellExport(event: TransferEvent, tell: RunContext['onEvent']): void {
  if (event.type === 'plan') {
    const totals = event.plan.collections.map(({ name, units }): [string, number | undefined] => [
      name,
      totalOf(units),
    ]);
    tell({ type: 'plan', totals: Object.fromEntries(totals) });
  }
  if (event.type === 'progress') {
    tell({ type: 'progress', name: event.collection, objects: event.done, total: event.total });
  }
  // Files of other layouts are joined from parts, which were counted.
  if (event.type === 'part' && event.path.startsWith(`${COLLECTIONS_FOLDER}/`)) {
    tell({ type: 'file', name: event.collection, path: event.path, bytes: event.bytes });
  }
}

function totalOf(units: readonly { readonly expected?: number | undefined }[]): number | undefined {
  let total = 0;
  for (const { expected } of units) {
    if (expected === undefined) return undefined;
    total += expected;
  }
  return total;
}

async function runImport(
  { backends, folder }: RunnerParts,
  task: ImportTask,
  store: OpenStore,
  context: RunContext,
): Promise<RunOutcome<ImportedClass>> {
  const { address, classes, request } = task;
  const dataset =
    request.mode === 'append'
      ? await openDataset(await backends.open(address), { signal: context.signal })
      : await openChain(backends, address);
  const all = dataset.manifest.collections.map(({ name }) => name);
  // All at once, so that every target is made before the first object is written.
  const runs = classes.length === all.length ? [undefined] : classes;
  const reports: ImportReport[] = [];
  for (const [n, collection] of runs.entries()) {
    const report = await importDataset({
      dataset,
      target: store,
      collection,
      as: request.as,
      mode: request.mode ?? 'create',
      verify: request.verify,
      parallel: request.parallel,
      state: localStorage(join(folder, task.key, String(n))),
      resume: true,
      signal: context.signal,
      onProgress: ({ phase, collection: name, done, total }) => {
        const source = name === request.as ? (classes[0] ?? name) : name;
        if (phase === 'read') context.onEvent({ type: 'progress', name: source, objects: done, total });
      },
    });
    reports.push(report);
  }
  return importOutcome(reports);
}

function importOutcome(reports: readonly ImportReport[]): RunOutcome<ImportedClass> {
  const all = reports.flatMap(({ collections }) => collections);
  const refused = all.filter((each) => each.refused > 0);
  const unequal = all.filter(({ comparison }) => comparison?.equal === false);
  const failure = [
    ...refused.map((each) => `The target refused ${each.refused} objects of ${each.name}.`),
    ...unequal.map(({ name }) => `What was read back of ${name} is not what was written.`),
  ];
  return {
    classes: Object.fromEntries(all.map((each) => [each.name, { objects: each.accepted, refused: each.refused }])),
    warnings: all.flatMap(({ name, notVerified }) =>
      notVerified === undefined ? [] : [`${name} was not verified: ${notVerified}`],
    ),
    failure: failure.length === 0 ? undefined : failure.join(' '),
  };
}

/** A dataset with those it is an increment to, which lie beside it. */
async function openChain(backends: Backends, address: DatasetAddress): Promise<Dataset> {
  const datasets: Dataset[] = [];
  const seen = new Set<string>();
  for (let id: string | undefined = address.id; id !== undefined; id = datasets[0]?.manifest.parent?.id) {
    if (seen.has(id)) throw new VecportError('corrupt-data', `The export '${id}' is an increment to itself.`);
    seen.add(id);
    datasets.unshift(await openDataset(await backends.open({ ...address, id })));
  }
  return openDatasetChain(datasets);
}

/** Remove every file of a dataset, complete or not; it is not complete any more when the first is gone. */
export async function removeDataset(backends: Backends, address: DatasetAddress): Promise<void> {
  const storage = await backends.open(address);
  await storage.sweep('');
  await storage.delete(MANIFEST_PATH);
  const paths: string[] = [];
  for await (const { path } of storage.list('')) paths.push(path);
  for (const path of paths) await storage.delete(path);
}

async function withStore<T>(
  { stores }: RunnerParts,
  name: string,
  { signal }: RunContext,
  work: (store: OpenStore) => Promise<T>,
): Promise<T> {
  if (!stores.names.includes(name)) throw unknownStore(name);
  const store = await stores.open(name, { signal });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Says whether it was the backend that failed, and leaves out what clients must not see. */
async function guarded<T>({ backends }: RunnerParts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const ofStorage = isVecportError(error) && isStorageError(error.cause);
    if (ofStorage && error.code !== 'corrupt-data' && error.code !== 'not-found') {
      throw new ProblemError('write-to-backend-failed', `write to backend failed: ${backends.scrub(error.reason)}`, {
        cause: error,
      });
    }
    throw error;
  }
}
