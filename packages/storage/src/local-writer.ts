import { lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileAppender, openAppender } from './file-appender.js';
import { attempt, fsError, isAbsent } from './fs-error.js';
import { syncFoldersUpTo, writableFolder } from './local-folder.js';
import { ownIdentity } from './process-identity.js';
import type { StorageOptions, StorageWriter } from './storage.js';
import { StorageError } from './storage-error.js';
import { temporaryName } from './temporary-name.js';

/** Start a file: `path` is checked already, and relative to `root`; `shown` is the path for its entry. */
export async function openWriter(
  root: string,
  path: string,
  shown: string,
  options: StorageOptions,
): Promise<StorageWriter> {
  const { signal } = options;
  signal?.throwIfAborted();
  const cut = path.lastIndexOf('/');
  const name = path.slice(cut + 1);
  const temporary = temporaryName(name, await ownIdentity());
  for (let attempts = 1; ; attempts++) {
    try {
      const folder = await writableFolder(root, path.slice(0, Math.max(cut, 0)));
      const target = join(folder, name);
      await refuseFolder(target);
      const file = { temporary: join(folder, temporary), target, folder, root, shown, signal };
      const appender = await attempt('write to', target, async () => openAppender(file.temporary));
      return createWriter({ ...file, appender });
    } catch (error) {
      // A `delete` elsewhere may have removed a folder because it was empty.
      const folderGone = error instanceof StorageError && error.code === 'not-found';
      if (!folderGone || attempts === 5) throw error;
    }
  }
}

interface OpenFile {
  readonly appender: FileAppender;
  readonly temporary: string;
  readonly target: string;
  readonly folder: string;
  readonly root: string;
  readonly shown: string;
  readonly signal: AbortSignal | undefined;
}

function createWriter(file: OpenFile): StorageWriter {
  const { appender, temporary, target, signal } = file;
  let state: 'open' | 'failed' | 'ended' = 'open';
  let busy: Promise<unknown> = Promise.resolve();

  /** One step after the other, whatever the caller awaits; a failed step leaves only `abort`. */
  async function inTurn<T>(action: string, step: () => Promise<T>): Promise<T> {
    const turn = busy.then(async () => {
      if (state !== 'open') throw notOpen(target, action, state);
      signal?.throwIfAborted();
      try {
        return await attempt(action, target, step, signal);
      } catch (error) {
        state = 'failed';
        throw error;
      }
    });
    busy = turn.catch(() => undefined);
    return turn;
  }

  return {
    async write(chunks) {
      await inTurn('write to', async () => appender.append(chunks));
    },
    async commit() {
      return inTurn('finish writing', async () => {
        const { size, mtimeMs } = await appender.sync();
        await appender.close();
        signal?.throwIfAborted();
        await rename(temporary, target);
        state = 'ended';
        await syncFoldersUpTo(file.root, file.folder);
        return { path: file.shown, size, modifiedAt: mtimeMs };
      });
    },
    async abort() {
      await busy;
      if (state === 'ended') return;
      state = 'ended';
      await attempt('remove the unfinished', target, async () => {
        await appender.close();
        await rm(temporary, { force: true });
      });
    },
  };
}

/** Found before the bytes are written, not after. */
async function refuseFolder(target: string): Promise<void> {
  try {
    if (!(await lstat(target)).isDirectory()) return;
  } catch (error) {
    if (isAbsent(error)) return;
    throw fsError(error, 'write to', target);
  }
  throw new StorageError('invalid-path', `Cannot write to ${target}: it is a folder. Choose another path.`, target);
}

function notOpen(target: string, action: string, state: string): StorageError {
  const why = state === 'ended' ? 'it was committed or aborted before' : 'an earlier write to it failed; abort it';
  return new StorageError('io', `Cannot ${action} ${target}: ${why}.`, target);
}
