import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attempt, errorCode, isAbsent } from './fs-error.js';
import { writableFolder } from './local-folder.js';
import { mayBeAlive, ownIdentity, type ProcessIdentity } from './process-identity.js';
import type { StorageLock, StorageOptions } from './storage.js';
import { StorageError } from './storage-error.js';
import { temporaryName } from './temporary-name.js';

/** What stands in a lock file, as JSON. */
interface Holder extends ProcessIdentity {
  /** When it was taken, ISO 8601. For people; nothing is decided by it. */
  readonly since: string;
  /** 16 hex digits, so that no two locks ever taken are the same. */
  readonly nonce: string;
}

/** Take the lock at `path`, which is checked already and relative to `root`. */
export async function takeLock(root: string, path: string, options: StorageOptions): Promise<StorageLock> {
  const { signal } = options;
  signal?.throwIfAborted();
  const cut = path.lastIndexOf('/');
  const folder = await writableFolder(root, path.slice(0, Math.max(cut, 0)));
  const file = join(folder, path.slice(cut + 1));
  const nonce = await attempt('lock', file, async () => take(file, file, signal), signal);
  return {
    async release() {
      await attempt('unlock', file, async () => {
        const holder = await readHolder(file);
        if (holder?.nonce === nonce) await rm(file, { force: true });
      });
    },
  };
}

/**
 * Put a file with our name at `file`, or throw `locked`. Gives its nonce. `shown` is the lock that it
 * is all about, for messages.
 */
async function take(file: string, shown: string, signal: AbortSignal | undefined): Promise<string> {
  const me: Holder = {
    ...(await ownIdentity()),
    since: new Date().toISOString(),
    nonce: randomBytes(8).toString('hex'),
  };
  const temporary = join(dirname(file), temporaryName('lock', me));
  try {
    await writeDurably(temporary, `${JSON.stringify(me)}\n`);
    while (!(await createExclusively(temporary, file))) {
      signal?.throwIfAborted();
      const holder = await readHolder(file);
      if (holder === undefined) continue;
      if (await mayBeAlive(holder)) throw heldBy(shown, holder);
      if (await replaceDead(file, holder.nonce, temporary, shown, signal)) break;
    }
    return me.nonce;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Put `temporary` in the place of a dead holder's file. Just unlinking that file would be a race: of
 * two takers that both found it dead, the slower one could remove the lock the faster one took
 * since. So a taker first takes a claim, whose name holds the dead holder's nonce, and looks again:
 * only who has the claim may replace a file with this nonce, so what it sees then stays true until
 * it has renamed. A claim is a lock like any other, and one whose taker died is replaced likewise.
 *
 * @returns false where the file had changed before the claim was taken.
 */
async function replaceDead(
  file: string,
  nonce: string,
  temporary: string,
  shown: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const claim = join(dirname(file), `.${basename(file)}.${nonce}.claim`);
  await take(claim, shown, signal);
  try {
    const now = await readHolder(file);
    if (now?.nonce !== nonce) return false;
    await rename(temporary, file);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

/** Give `file` the content of `temporary`, at once, unless there is one. */
async function createExclusively(temporary: string, file: string): Promise<boolean> {
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (!NO_HARD_LINKS.has(errorCode(error))) throw error;
  }
  try {
    // No less exclusive, but not at once: who reads in between finds no holder's name and keeps out.
    await copyFile(temporary, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** How file systems without hard links (FAT, some network disks) refuse one. */
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `undefined` where there is no such file. */
async function readHolder(file: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  return parseHolder(text) ?? refuseUnreadable(file);
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, started, since, nonce } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>;
    if (!Number.isSafeInteger(pid) || typeof pid !== 'number' || pid < 1) return undefined;
    if (typeof host !== 'string' || typeof started !== 'string' || typeof since !== 'string') return undefined;
    if (typeof nonce !== 'string' || !/^[0-9a-f]{16}$/.test(nonce)) return undefined;
    return { pid, host, started, since, nonce };
  } catch {
    return undefined;
  }
}

function refuseUnreadable(file: string): never {
  const advice = 'If nobody is working there, remove the file.';
  throw new StorageError('locked', `${file} is locked, and the lock does not say by whom. ${advice}`, file);
}

function heldBy(file: string, holder: Holder): StorageError {
  const who = `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  const advice = 'Wait until it is done; if that computer is gone for good, remove the file.';
  return new StorageError('locked', `${file} is locked by ${who}. ${advice}`, file);
}
