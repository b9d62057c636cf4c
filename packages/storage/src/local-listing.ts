import { readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { attempt, errorCode, fsError, isAbsent } from './fs-error.js';
import { existingPath, syncFolder } from './local-folder.js';
import type { StorageEntry, StorageOptions } from './storage.js';
import { StorageError } from './storage-error.js';
import { isLockName, isTemporaryName } from './storage-path.js';
import { parseTemporaryName, writerMayBeAlive } from './temporary-name.js';

/** Finished files whose path starts with `prefix`, by the bytes of their path. */
export async function* listFiles(
  root: string,
  prefix: string,
  options: StorageOptions,
): AsyncGenerator<StorageEntry, void, undefined> {
  for await (const { full, path, name } of walk(root, prefix, options.signal)) {
    if (!path.startsWith(prefix) || isLockName(name) || isTemporaryName(name)) continue;
    const entry = await entryOf(full, path);
    if (entry !== undefined) yield entry;
  }
}

/** Remove the temporary files of dead writers whose file would be under `prefix`. Gives their number. */
export async function sweepFiles(root: string, prefix: string, options: StorageOptions): Promise<number> {
  let removed = 0;
  for await (const { full, path, name } of walk(root, prefix, options.signal)) {
    const temporary = parseTemporaryName(name);
    if (temporary === undefined) continue;
    const target = path.slice(0, path.length - name.length) + temporary.target;
    if (!target.startsWith(prefix) || (await writerMayBeAlive(temporary))) continue;
    if (await attempt('remove', full, async () => removeIfThere(full))) removed += 1;
  }
  return removed;
}

/** Remove a file, durably; a link is removed itself, not what it leads to. */
export async function deleteFile(root: string, path: string, options: StorageOptions): Promise<void> {
  options.signal?.throwIfAborted();
  const cut = path.lastIndexOf('/');
  const folder = await existingFolder(root, path.slice(0, Math.max(cut, 0)), 'delete from');
  if (folder === undefined) return;
  const full = join(folder, path.slice(cut + 1));
  await attempt('delete', full, async () => {
    if (await removeIfThere(full)) await syncFolder(await pruneFolders(root, folder));
  });
}

/** Remove a folder that became empty, and those above it, up to the root. Gives the first that stays. */
async function pruneFolders(root: string, folder: string): Promise<string> {
  const top = await realpath(root);
  let at = folder;
  while (at !== top && (await isRemoved(at))) at = dirname(at);
  return at;
}

/** Only an empty folder can be removed; one that cannot be stays. */
async function isRemoved(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}

interface FoundFile {
  /** Where it is on disk. */
  readonly full: string;
  /** Relative to the root. */
  readonly path: string;
  readonly name: string;
}

/** Every file in the folder that `prefix` names and, of the folders in it, those that start with it. */
async function* walk(root: string, prefix: string, signal: AbortSignal | undefined): AsyncGenerator<FoundFile> {
  signal?.throwIfAborted();
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const folder = await existingFolder(root, start, 'list');
  if (folder !== undefined) yield* walkFolder(folder, start, prefix, signal);
}

async function* walkFolder(
  folder: string,
  base: string,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<FoundFile> {
  for (const { name, isFolder } of await readNames(folder)) {
    signal?.throwIfAborted();
    const path = `${base}${name}`;
    const full = join(folder, name);
    if (!isFolder) yield { full, path, name };
    else if (`${path}/`.startsWith(prefix)) yield* walkFolder(full, `${path}/`, prefix, signal);
  }
}

/** Files and folders, so that the paths below them come in the order of their bytes. Links are neither. */
async function readNames(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const found = await attempt('list', folder, async () => {
    try {
      return await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    } catch (error) {
      // Removed since its parent was read.
      if (isAbsent(error)) return [];
      throw error;
    }
  });
  return found
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ bytes: entry.name, isFolder: entry.isDirectory() }))
    .map(({ bytes, isFolder }) => ({ bytes, isFolder, key: isFolder ? Buffer.concat([bytes, SLASH]) : bytes }))
    .toSorted((left, right) => Buffer.compare(left.key, right.key))
    .map(({ bytes, isFolder }) => ({ name: decodeName(bytes, folder), isFolder }));
}

const SLASH = Buffer.from('/');

function decodeName(bytes: Buffer, folder: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const shown = `${folder}/${bytes.toString('latin1')}`;
    throw new StorageError('invalid-path', `The name of ${shown} is not UTF-8. Rename or remove it.`, shown, error);
  }
}

/** `undefined` where the file was removed since its folder was read. */
async function entryOf(full: string, path: string): Promise<StorageEntry | undefined> {
  try {
    const stats = await stat(full);
    return { path, size: stats.size, modifiedAt: stats.mtimeMs };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw fsError(error, 'look at', full);
  }
}

async function existingFolder(root: string, folder: string, action: string): Promise<string | undefined> {
  try {
    return await existingPath(root, folder, action);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Whether there was such a file. */
async function removeIfThere(full: string): Promise<boolean> {
  try {
    await rm(full);
    return true;
  } catch (error) {
    // Folders are no files: `rm` refuses them, and for a storage there is no file of that name.
    if (isAbsent(error) || errorCode(error) === 'ERR_FS_EISDIR') return false;
    throw error;
  }
}
