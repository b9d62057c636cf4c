import { VecportError } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { datasetIn, datasetName, exportId, isFolderOfDatasets } from './dataset-url.js';
import { usageError } from './usage-error.js';

/** Where an export goes. */
export interface DatasetPlace {
  /** As it can be typed after `--to`. */
  readonly url: string;
  readonly id: string;
  readonly storage: Storage;
}

/** What is exported, as far as a place depends on it. */
export interface PlaceRequest {
  readonly to: string;
  readonly resume: boolean;
  readonly provider: string;
  /** The store as its plan names it. */
  readonly source: string;
  readonly collections: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * The storage a dataset URL names. Its errors are VecportErrors.
 * @throws VecportError `invalid-argument` for an unknown scheme.
 */
export async function openDatasetStorage(url: string): Promise<Storage> {
  if (url.trim() === '') throw usageError('The URL of the dataset is empty.', 'Name a folder.');
  const [{ openStorage }, { fromStorageError, withVecportErrors }] = await Promise.all([
    import('@vecport/storage'),
    import('@vecport/dataset'),
  ]);
  try {
    return withVecportErrors(openStorage(url));
  } catch (error) {
    throw fromStorageError(error);
  }
}

/**
 * Where an export goes: the dataset `to` names; or, in a folder of datasets, a new one, and with
 * `resume` the newest unfinished export of the same collections.
 * @throws VecportError `not-found` when there is nothing to resume in the folder.
 */
export async function placeExport(request: PlaceRequest): Promise<DatasetPlace> {
  const { to, resume } = request;
  const storage = await openDatasetStorage(to);
  if (!isFolderOfDatasets(to)) return { url: to, id: datasetName(to), storage };
  const id = resume ? await unfinishedIn(storage, request) : await freeId(storage, request);
  return { url: datasetIn(to, id), id, storage: storage.within(id) };
}

async function unfinishedIn(storage: Storage, request: PlaceRequest): Promise<string> {
  const { findUnfinished } = await import('./find-unfinished.js');
  const found = await findUnfinished(storage, request);
  if (found !== undefined) return found;
  throw new VecportError(
    'not-found',
    `There is no unfinished export of ${request.collections.join(', ')} from ${request.source} in ${storage.url}.`,
    { advice: 'Omit --resume to start one.' },
  );
}

async function freeId(storage: Storage, { collections, signal }: PlaceRequest): Promise<string> {
  const startedAt = new Date();
  for (let attempt = 1; ; attempt++) {
    const id = exportId(collections, startedAt, attempt);
    if (await isEmpty(storage.within(id), signal)) return id;
  }
}

async function isEmpty(storage: Storage, signal: AbortSignal): Promise<boolean> {
  for await (const _entry of storage.list('', { signal })) return false;
  return true;
}
