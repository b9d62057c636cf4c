import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deleteFile, listFiles, sweepFiles } from './local-listing.js';
import { takeLock } from './local-lock.js';
import { headFile, readFileRange, streamFile } from './local-reader.js';
import { openWriter } from './local-writer.js';
import type { Storage } from './storage.js';
import { StorageError } from './storage-error.js';
import { checkLockFile, checkNewFile, checkPath, checkPrefix } from './storage-path.js';

/**
 * Files in a folder on disk. The folder need not exist: `put` and `lock` make it.
 *
 * Beyond what {@link Storage} says:
 * - `put` writes beside the target under a name like `.part.123-….tmp` and syncs the file, renames
 *   it, and syncs the folders. Only one who can write the folder can put; the signal given to `put`
 *   also ends `write` and `commit`. A writer that failed must still be aborted.
 * - A file's name has at most 150 bytes; `lock` and names that end in `.lock` are for locks, and a
 *   lock must have one.
 * - Symbolic links that stay inside the root are followed by all but `list` and `sweep`, for which
 *   links are no files. One that leads out is refused as `forbidden`. The root itself may be a link.
 * - `delete` and `head` take a folder for what it is in a storage: no file.
 * - A lock is taken over when its process ended on this host, also when its pid is in use again
 *   (the latter on Linux only). Locks and temporary files of other hosts are left alone.
 *   Computers and containers that share a folder need host names of their own.
 */
export function localStorage(root: string): Storage {
  if (root === '' || root.includes('\0')) {
    throw new StorageError('invalid-path', `${JSON.stringify(root)} names no folder.`, root);
  }
  return storageBelow(resolve(root), '');
}

/** `base` is empty or ends in `/`. Links are judged against `root`, however deep the storage begins. */
function storageBelow(root: string, base: string): Storage {
  return {
    kind: 'local',
    url: pathToFileURL(join(root, base, '/')).href,
    async put(path, options = {}) {
      checkNewFile(path);
      return openWriter(root, base + path, path, options);
    },
    async read(path, range, options = {}) {
      checkPath(path);
      return readFileRange(root, base + path, range, options);
    },
    async *stream(path, options = {}) {
      checkPath(path);
      yield* streamFile(root, base + path, options);
    },
    async head(path, options = {}) {
      checkPath(path);
      return headFile(root, base + path, path, options);
    },
    async *list(prefix, options = {}) {
      checkPrefix(prefix);
      for await (const entry of listFiles(root, base + prefix, options)) {
        yield { ...entry, path: entry.path.slice(base.length) };
      }
    },
    async delete(path, options = {}) {
      checkPath(path);
      await deleteFile(root, base + path, options);
    },
    async lock(path, options = {}) {
      checkLockFile(path);
      return takeLock(root, base + path, options);
    },
    async sweep(prefix, options = {}) {
      checkPrefix(prefix);
      return sweepFiles(root, base + prefix, options);
    },
    within(folder) {
      checkPath(folder);
      return storageBelow(root, `${base}${folder}/`);
    },
  };
}
