import type { Storage, StorageEntry, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { checkLockFile, checkNewFile, checkPath, checkPrefix, isLockName } from '../storage-path.js';
import { heldLocks } from './held-locks.js';
import { type ObjectContext, objectUrl } from './object-context.js';
import type { ObjectDriver } from './object-driver.js';
import { takeObjectLock } from './object-lock.js';
import { headObject, readObject, streamObject } from './object-reader.js';
import { objectWriter } from './object-writer.js';
import { createCaller, type RetryPolicy } from './retry.js';
import { createSlots } from './slots.js';

/** Parts under way at the same time, of all writers of a storage together. */
const PARTS_UNDER_WAY = 8;

/**
 * Files in a bucket, below a prefix; `base` is empty or ends in `/`. Touches no network.
 *
 * Beyond what {@link Storage} says:
 * - A file is an object of the same path below the prefix, visible whole and at once when it is committed; its size is
 *   then compared with what the store says. A writer keeps at most two parts and those under way in memory.
 * - A lock is an object that is written only where there is none, says who holds it, and is renewed. It is taken over
 *   when it was not renewed for a minute, by the store's clock, or when its process has ended on this computer. Once it
 *   was lost, `put`, `commit` and `delete` in its folder fail as `locked`.
 * - Objects whose names end in `/` and have no bytes are folders of other programs, and no files. Any other key that is
 *   no valid path is an error of `list`.
 */
export function objectStorage(driver: ObjectDriver, base: string, policy: RetryPolicy): Storage {
  const call = createCaller(policy, driver.explain);
  const slots = createSlots(PARTS_UNDER_WAY);
  return storageBelow({ driver, call, slots, locks: heldLocks(), timeoutMs: policy.timeoutMs }, base);
}

function storageBelow(context: ObjectContext, base: string): Storage {
  const { driver, call, locks } = context;
  const keyOf = (path: string) => checkKey(driver, base + path);
  return {
    kind: driver.kind,
    url: objectUrl(driver, base),
    async put(path, options = {}) {
      checkNewFile(path);
      const key = keyOf(path);
      options.signal?.throwIfAborted();
      await locks.assertHeld(key);
      return objectWriter(context, key, path, options);
    },
    async read(path, range, options = {}) {
      checkPath(path);
      return readObject(context, keyOf(path), range, options);
    },
    async *stream(path, options = {}) {
      checkPath(path);
      yield* streamObject(context, keyOf(path), options);
    },
    async head(path, options = {}) {
      checkPath(path);
      return headObject(context, keyOf(path), path, options);
    },
    async *list(prefix, options = {}) {
      checkPrefix(prefix);
      yield* listObjects(context, base, prefix, options);
    },
    async delete(path, { signal } = {}) {
      checkPath(path);
      const key = keyOf(path);
      await locks.assertHeld(key);
      const where = { action: 'delete', place: objectUrl(driver, key), signal };
      await call(where, async (given) => driver.delete(key, undefined, given));
    },
    async lock(path, options = {}) {
      checkLockFile(path);
      return takeObjectLock(context, keyOf(path), options);
    },
    async sweep(prefix, options = {}) {
      checkPrefix(prefix);
      return sweepUploads(context, base + prefix, options);
    },
    within(folder) {
      checkPath(folder);
      return storageBelow(context, `${base}${folder}/`);
    },
  };
}

async function* listObjects(
  { driver, call }: ObjectContext,
  base: string,
  prefix: string,
  { signal }: StorageOptions,
): AsyncGenerator<StorageEntry, void, undefined> {
  const where = { action: 'list', place: objectUrl(driver, base + prefix), signal };
  let next: string | undefined;
  do {
    const page = await call(where, async (given) => driver.list(base + prefix, next, given));
    for (const { key, size, modifiedAt } of page.objects) {
      signal?.throwIfAborted();
      if (key.endsWith('/') && size === 0) continue;
      if (isLockName(key.slice(key.lastIndexOf('/') + 1))) continue;
      yield { path: listedPath(driver, base, key), size, modifiedAt };
    }
    next = page.next;
  } while (next !== undefined);
}

function listedPath(driver: ObjectDriver, base: string, key: string): string {
  const path = key.slice(base.length);
  try {
    checkPath(path);
  } catch (error) {
    const shown = driver.url + key;
    throw new StorageError('invalid-path', `${shown} is no path of a file. Rename or remove it.`, shown, error);
  }
  return path;
}

async function sweepUploads(
  { driver, call }: ObjectContext,
  prefix: string,
  { signal }: StorageOptions,
): Promise<number> {
  signal?.throwIfAborted();
  const where = { action: 'look for unfinished uploads in', place: objectUrl(driver, prefix), signal };
  const abandoned = await call(where, async (given) => Array.fromAsync(driver.abandoned?.(prefix, given) ?? []));
  for (const { key, remove } of abandoned) {
    await call({ action: 'remove the unfinished', place: objectUrl(driver, key), signal }, remove);
  }
  return abandoned.length;
}

function checkKey(driver: ObjectDriver, key: string): string {
  if (Buffer.byteLength(key) <= driver.mostKeyBytes) return key;
  const shown = objectUrl(driver, key);
  const text = `The key of ${shown} is longer than the ${driver.mostKeyBytes} bytes that the store allows.`;
  throw new StorageError('invalid-path', text, shown);
}
