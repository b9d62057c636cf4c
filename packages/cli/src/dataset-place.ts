import { schemeOf, VecportError } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { CommandContext } from './command-context.js';
import { datasetIn, datasetName, exportId, isFolderOfDatasets } from './dataset-url.js';
import type { UnfinishedQuery } from './find-unfinished.js';
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
}

/** Where variables are found that a place may need. */
export type PlaceContext = Pick<CommandContext, 'environment' | 'signal'>;

/**
 * The storage a dataset URL names, with the settings of the environment. Its errors are VecportErrors.
 * @throws VecportError `invalid-argument` for an unknown scheme.
 */
export async function openDatasetStorage(
  url: string,
  { environment }: Pick<CommandContext, 'environment'>,
): Promise<Storage> {
  if (url.trim() === '') throw usageError('The URL of the dataset is empty.', 'Name a folder.');
  const [{ openStorage }, { fromStorageError, withVecportErrors }] = await Promise.all([
    import('@vecport/storage'),
    import('@vecport/dataset'),
  ]);
  try {
    // Of a path, the environment says nothing.
    const scheme = schemeOf(url);
    const { variables } = scheme === undefined || scheme === 'file' ? { variables: {} } : await environment();
    return withVecportErrors(openStorage(url, { environment: variables }));
  } catch (error) {
    throw fromStorageError(error);
  }
}

/**
 * Where an export goes: the dataset `to` names; or, in a folder of datasets, a new one, and with
 * `resume` the newest unfinished export of the same collections.
 * @throws VecportError `not-found` when there is nothing to resume in the folder.
 */
export async function placeExport(request: PlaceRequest, context: PlaceContext): Promise<DatasetPlace> {
  const { to, resume } = request;
  const storage = await openDatasetStorage(to, context);
  if (!isFolderOfDatasets(to)) return { url: to, id: datasetName(to), storage };
  const { signal } = context;
  const id = resume ? await unfinishedIn(storage, { ...request, signal }) : await freeId(storage, request, signal);
  return { url: datasetIn(to, id), id, storage: storage.within(id) };
}

async function unfinishedIn(storage: Storage, request: UnfinishedQuery): Promise<string> {
  const { findUnfinished } = await import('./find-unfinished.js');
  const found = await findUnfinished(storage, request);
  if (found !== undefined) return found;
  throw new VecportError(
    'not-found',
    `There is no unfinished export of ${request.collections.join(', ')} from ${request.source} in ${storage.url}.`,
    { advice: 'Omit --resume to start one.' },
  );
}

async function freeId(storage: Storage, { collections }: PlaceRequest, signal: AbortSignal): Promise<string> {
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
