import { isVecportError } from '@vecport/abstractions';
import { type Dataset, MANIFEST_PATH, openDataset, PLAN_PATH, withVecportErrors } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { runParallel } from './run-parallel.js';

/** Manifests read at the same time. */
const PARALLEL = 8;

/** A folder with a dataset, or with an export that is not complete. */
export interface FoundDataset {
  /** The folder below the one that was searched; empty for that one itself. */
  readonly folder: string;
  /** When its manifest, or without one its plan, was written, in milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Absent where it is not complete, or its manifest cannot be read. */
  readonly dataset?: Dataset | undefined;
  /** Why its manifest cannot be read: it may be that of another program. */
  readonly problem?: string | undefined;
}

/** How datasets are looked for. */
export interface FindOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * All datasets and unfinished exports in a folder and those below it, the newest first: by the time their export ended,
 * those without such a time last. Lists every file, and reads every manifest.
 * @throws VecportError what the storage throws; a manifest that cannot be understood is a problem of its dataset.
 */
export async function findDatasets(root: Storage, { signal }: FindOptions = {}): Promise<readonly FoundDataset[]> {
  const storage = withVecportErrors(root);
  const folders = new Map<string, { readonly modifiedAt: number; readonly complete: boolean }>();
  for await (const { path, modifiedAt } of storage.list('', { signal })) {
    const cut = path.lastIndexOf('/') + 1;
    const name = path.slice(cut);
    const complete = name === MANIFEST_PATH;
    if (!complete && name !== PLAN_PATH) continue;
    const folder = path.slice(0, Math.max(0, cut - 1));
    if (complete || !folders.has(folder)) folders.set(folder, { modifiedAt, complete });
  }
  const found: FoundDataset[] = [];
  const entries = [...folders];
  await runParallel(entries.length, PARALLEL, signal, async (index, joint) => {
    const [folder, { modifiedAt, complete }] = entries[index] as (typeof entries)[number];
    const opened = complete ? await opening(folder === '' ? storage : storage.within(folder), joint) : {};
    found[index] = { folder, modifiedAt, ...opened };
  });
  return found.toSorted((a, b) => (rankOf(a) < rankOf(b) ? 1 : -1));
}

/** The newest complete dataset that holds a collection; of any collection if none is named. */
export function latestDataset(found: readonly FoundDataset[], collection?: string): FoundDataset | undefined {
  return found.find(
    ({ dataset }) =>
      dataset !== undefined &&
      (collection === undefined || dataset.manifest.collections.some(({ name }) => name === collection)),
  );
}

async function opening(storage: Storage, signal: AbortSignal): Promise<Pick<FoundDataset, 'dataset' | 'problem'>> {
  try {
    return { dataset: await openDataset(storage, { signal }) };
  } catch (error) {
    if (!isVecportError(error) || !OF_THE_MANIFEST.has(error.code)) throw error;
    return { problem: error.reason };
  }
}

/** Errors that say something about the manifest, and not about the storage. `not-found`: it was removed meanwhile. */
const OF_THE_MANIFEST: ReadonlySet<string> = new Set(['corrupt-data', 'not-supported', 'incomplete', 'not-found']);

function rankOf({ dataset, folder }: FoundDataset): string {
  return `${dataset?.manifest.completedAt ?? ''} ${folder}`;
}
