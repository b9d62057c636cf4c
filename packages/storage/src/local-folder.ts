import { type FileHandle, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { attempt, errorCode, fsError, isAbsent } from './fs-error.js';
import { StorageError } from './storage-error.js';

/**
 * Where a file of the storage is on disk, links resolved, as far as it exists. Links inside the root
 * may lead elsewhere inside it; one that leads out is refused. This guards against stray and planted
 * links, not against somebody who swaps folders between this check and the use.
 *
 * @throws StorageError `not-found`, or `forbidden` where a link leads out.
 */
export async function existingPath(root: string, path: string, action: string): Promise<string> {
  const full = join(root, path);
  try {
    return inside(await realpath(root), await realpath(full), full);
  } catch (error) {
    if (isAbsent(error)) throw missingFile(full, action, error);
    throw fsError(error, action, full);
  }
}

/** The folder of a file to be written, with all folders above it, made where missing and durable. */
export async function writableFolder(root: string, folder: string): Promise<string> {
  const full = join(root, folder);
  return attempt('make the folder', full, async () => {
    const realRoot = await makeFolder(root);
    // Checked part by part, so that nothing is made behind a link that leads out.
    let at = realRoot;
    for (const part of folder.split('/').filter((name) => name !== '')) {
      at = inside(realRoot, await makeFolder(join(at, part)), full);
    }
    return at;
  });
}

/** Make a folder and those above it; each is durable when this resolves. Gives it with links resolved. */
async function makeFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const parent = await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  await syncFolder(parent);
  return realpath(folder);
}

/**
 * Make the names in a folder durable; one that is gone has none. Windows has no such call; there the
 * rename itself has to do.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await openFolder(folder);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

async function openFolder(folder: string): Promise<FileHandle | undefined> {
  try {
    return await open(folder, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Make a new name durable: its folder and those above it up to the root, as another writer may have
 * made one of them a moment ago and not have synced it yet.
 */
export async function syncFoldersUpTo(root: string, folder: string): Promise<void> {
  const top = await realpath(root);
  let at = folder;
  await syncFolder(at);
  while (at !== top && dirname(at) !== at) {
    at = dirname(at);
    await syncFolder(at);
  }
}

function inside(realRoot: string, real: string, shown: string): string {
  const folder = realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`;
  if (real === realRoot || real.startsWith(folder)) return real;
  const text = `${shown} leads out of ${realRoot} by a symbolic link, which is not followed. Remove the link, or open the folder it leads to as a storage of its own.`;
  throw new StorageError('forbidden', text, shown);
}

function missingFile(full: string, action: string, cause: unknown): StorageError {
  return new StorageError('not-found', `Cannot ${action} ${full}: there is no such file. Check the path.`, full, cause);
}
