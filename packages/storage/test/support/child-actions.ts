import { mkdir, readdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openStorage, type Storage, StorageError } from '@vecport/storage';

/** What the tests run in a second process: `node child-actions.ts <action> <folder or URL> …`. */
const ACTIONS: Readonly<Record<string, (storage: Storage, folder: string, args: string[]) => Promise<void>>> = {
  /** Write so many MiB to the file, do not finish it, and wait to be killed. */
  async 'hold-put'(storage, _folder, [path = '', size = '1']) {
    const writer = await storage.put(path);
    await writer.write([new Uint8Array(Number(size) << 20)]);
    say('writing');
    await forever();
  },
  async 'hold-lock'(storage, _folder, [path = '']) {
    await storage.lock(path);
    say('locked');
    await forever();
  },
  /** Write pieces of 64 KiB until the disk refuses. */
  async 'put-until-refused'(storage, folder, [path = '']) {
    const writer = await storage.put(path);
    const pieces = Array.from({ length: 64 }, () => [new Uint8Array(1 << 16)]);
    const write = async (): Promise<StorageError> => {
      for (const piece of pieces) await writer.write(piece);
      throw new Error('Everything was written.');
    };
    const { code: refused, message: refusal } = await write().catch((error: unknown) => error as StorageError);
    const committed = await outcome(async () => writer.commit());
    await writer.abort();
    const files = await Array.fromAsync(storage.list(''));
    say({ refused, refusal, committed, files, left: await readdir(folder) });
  },
  /** Try everything as a user without rights: root drops them first. */
  async 'use-without-rights'(storage) {
    dropRights();
    say({
      put: await outcome(async () => storage.put('new')),
      putDeeper: await outcome(async () => storage.put('folder/new')),
      putInNewFolder: await outcome(async () => storage.put('new-folder/new')),
      lock: await outcome(async () => storage.lock('a.lock')),
      read: await outcome(async () => storage.read('secret')),
      delete: await outcome(async () => storage.delete('secret')),
    });
  },
  /**
   * Take the lock again and again, and leave it as if its holder had died, so that each round is a
   * takeover. Reports how often it had the lock and how often somebody else had it as well.
   */
  async 'race-for-lock'(storage, folder, [rounds = '']) {
    const seen = { taken: 0, shared: 0 };
    for (let round = 0; round < Number(rounds); round += 1) {
      if ((await outcome(async () => storage.lock('a.lock'))) !== 'done') continue;
      seen.taken += 1;
      if (!(await enterAlone(folder))) seen.shared += 1;
      await replaceByDeadLock(folder, `${process.pid}${round}`);
    }
    say(seen);
  },
};

/** Whether nobody else was in the critical section. */
async function enterAlone(folder: string): Promise<boolean> {
  try {
    await mkdir(join(folder, 'critical'));
  } catch {
    return false;
  }
  await new Promise((resolve) => setImmediate(resolve));
  await rmdir(join(folder, 'critical'));
  return true;
}

/** A lock of a process of this host that is gone: the same pid, started at another time. */
async function replaceByDeadLock(folder: string, unique: string): Promise<void> {
  const holder = { pid: process.pid, host: hostname(), started: 'ffffffff.1', since: 'then' };
  const text = JSON.stringify({ ...holder, nonce: unique.padStart(16, '0') });
  const temporary = join(folder, `dead-${unique}`);
  await writeFile(temporary, text);
  await rename(temporary, join(folder, 'a.lock'));
}

function dropRights(): void {
  const nobody = 65_534;
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}

/** `done`, or the code of the storage's error. */
async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'done';
  } catch (error) {
    if (error instanceof StorageError) return error.code;
    throw error;
  }
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function forever(): Promise<never> {
  // A timer keeps the process alive: a promise alone does not.
  setInterval(() => undefined, 1 << 30);
  return new Promise(() => undefined);
}

const [action = '', folder = '', ...args] = process.argv.slice(2);
await ACTIONS[action]?.(openStorage(folder), folder, args);
