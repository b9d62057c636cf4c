import { randomBytes } from 'node:crypto';
import type { StorageEntry, StorageOptions, StorageWriter } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { type ObjectContext, objectUrl } from './object-context.js';
import type { ObjectInfo } from './object-driver.js';
import { partBuffer } from './part-buffer.js';
import { partUploads } from './part-uploads.js';

/**
 * Start an object. A small one is kept in memory until `commit` and sent at once; a larger one is sent in parts, some of
 * them at the same time. `write` waits when too much is under way. `shown` is the path for its entry.
 */
export function objectWriter(
  context: ObjectContext,
  key: string,
  shown: string,
  { signal }: StorageOptions,
): StorageWriter {
  const { driver, call, locks } = context;
  const place = objectUrl(driver, key);
  const mark = randomBytes(16).toString('hex');
  const uploads = partUploads(context, { key, place, mark, signal });
  let buffer = partBuffer(driver.parts.size(0));
  let size = 0;
  let state: 'open' | 'failed' | 'committing' | 'ended' = 'open';
  let busy: Promise<unknown> = Promise.resolve();

  /** One step after the other, whatever the caller awaits; a failed step leaves only `abort`. */
  async function inTurn<T>(action: string, step: () => Promise<T>): Promise<T> {
    const turn = busy.then(async () => {
      if (state !== 'open') throw notOpen(place, action, state === 'ended');
      signal?.throwIfAborted();
      try {
        return await step();
      } catch (error) {
        if (state === 'open') state = 'failed';
        throw error;
      }
    });
    busy = turn.catch(() => undefined);
    return turn;
  }

  async function append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; ) {
      if (buffer.isFull) {
        await uploads.send(buffer.bytes());
        buffer = partBuffer(driver.parts.size(uploads.count));
      }
      at += buffer.take(at === 0 ? bytes : bytes.subarray(at));
    }
    size += bytes.byteLength;
  }

  async function publish(): Promise<void> {
    if (uploads.count > 0) return uploads.complete(buffer.bytes());
    await call({ action: 'write to', place, signal }, async (given) =>
      driver.put(key, buffer.bytes(), mark, undefined, given),
    );
  }

  return {
    async write(chunks) {
      await inTurn('write to', async () => {
        for (const chunk of chunks) await append(chunk);
      });
    },
    async commit() {
      return inTurn('finish writing', async () => {
        await locks.assertHeld(key);
        state = 'committing';
        await publish();
        const info = await call({ action: 'look at', place, signal }, async (given) => driver.head(key, given));
        const entry = checkPublished(info, { place, shown, size, mark });
        state = 'ended';
        buffer = partBuffer(0);
        return entry;
      });
    },
    async abort() {
      uploads.cancel();
      await busy;
      if (state === 'ended') return;
      const mayBeVisible = state === 'committing';
      state = 'ended';
      buffer = partBuffer(0);
      await uploads.abort();
      if (mayBeVisible) await removeOwn(context, key, mark);
    },
  };
}

interface Published {
  readonly place: string;
  readonly shown: string;
  readonly size: number;
  readonly mark: string;
}

/** The entry of what was published, if it is there as it was sent; another writer may have replaced it since. */
function checkPublished(info: ObjectInfo | undefined, { place, shown, size, mark }: Published): StorageEntry {
  if (info === undefined) {
    const text = `${place} was written, and is not there. Somebody may have deleted it at the same time: write it again.`;
    throw new StorageError('io', text, place);
  }
  const replaced = info.mark !== undefined && info.mark !== mark;
  if (info.size !== size && !replaced) {
    const text = `${place} has ${info.size} bytes, and ${size} were written. Write it again.`;
    throw new StorageError('io', text, place);
  }
  return { path: shown, size, modifiedAt: info.modifiedAt };
}

/** A commit whose answer was lost may have succeeded after all: then what it made visible goes again. */
async function removeOwn({ driver, call }: ObjectContext, key: string, mark: string): Promise<void> {
  const where = { action: 'remove the unfinished', place: objectUrl(driver, key), signal: undefined };
  const info = await call(where, async (signal) => driver.head(key, signal));
  if (info?.mark === mark) await call(where, async (signal) => driver.delete(key, info.version, signal));
}

function notOpen(place: string, action: string, ended: boolean): StorageError {
  const why = ended ? 'it was committed or aborted before' : 'an earlier write to it failed; abort it';
  return new StorageError('io', `Cannot ${action} ${place}: ${why}.`, place);
}
