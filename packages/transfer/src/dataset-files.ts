import { VecportError } from '@vecport/abstractions';
import { dataPaths, isDataPath, MANIFEST_PATH, type Manifest, PLAN_PATH, tombstoneParts } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { STATE_FOLDER } from './prepare-export.js';

/** A file of a dataset. */
export interface DatasetFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** As the manifest has it; absent for the small files that it does not name. */
  readonly sha256?: string | undefined;
}

/**
 * The files of a complete dataset but its manifest: those that are named in there, and the small ones beside them, without
 * what an export worked with.
 * @throws VecportError `corrupt-data` when one that is named is not there, or has another size.
 */
export async function datasetFiles(
  storage: Storage,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<readonly DatasetFile[]> {
  const parts = manifest.collections.flatMap((collection) => [...collection.parts, ...tombstoneParts(collection)]);
  const named = new Set(dataPaths(manifest));
  const others: DatasetFile[] = [];
  const sizes = new Map<string, number>();
  for await (const { path, size } of storage.list('', { signal })) {
    sizes.set(path, size);
    // A data file that is not named belongs to another export.
    if (!named.has(path) && !isDataPath(path) && !isWorking(path)) others.push({ path, size });
  }
  for (const { path, bytes } of parts) {
    if (sizes.get(path) === bytes) continue;
    const what = sizes.has(path) ? `has ${sizes.get(path)} bytes and not ${bytes}` : 'is missing';
    throw new VecportError('corrupt-data', `The dataset in ${storage.url} is damaged: ${path} ${what}.`, {
      advice: 'Export again, or take another export.',
    });
  }
  return [...parts.map(({ path, bytes, sha256 }) => ({ path, size: bytes, sha256 })), ...others];
}

function isWorking(path: string): boolean {
  return path === MANIFEST_PATH || path === PLAN_PATH || path.startsWith(`${STATE_FOLDER}/`);
}
