import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_BYTES, giveBlock, takeBlock } from './aligned-blocks.js';
import { errorCode } from './fs-error.js';

/** Writes a new file from its beginning to its end. One call after the other; errors are those of the file system. */
export interface FileAppender {
  /** The chunks may be used again when it resolves. */
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Every byte is on the disk when it resolves; gives the size and the time of the file. */
  sync(): Promise<{ readonly size: number; readonly mtimeMs: number }>;
  close(): Promise<void>;
}

/**
 * Make a file, which must not be there. Its whole blocks go to the disk from memory of ours (`O_DIRECT` of Linux), so that
 * they are not copied into the system's cache, which costs more than making them, fills it with what nobody reads, and
 * has to be waited for at the end anyhow. What is less than a block goes the usual way, and so does everything where the file
 * system cannot do it, or when as many other files are being written as there is memory for.
 */
export async function openAppender(path: string, openDirect: DirectOpener = openPastCache): Promise<FileAppender> {
  return createAppender(await open(path, 'wx'), async () => openDirect(path));
}

/** Opens a file that is there for writes that pass by the cache of the system; `undefined` where there are none. */
export type DirectOpener = (path: string) => Promise<DirectHandle | undefined>;

/** What is used of a `FileHandle`. */
export interface DirectHandle {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  close(): Promise<void>;
}

function createAppender(handle: FileHandle, openDirect: () => Promise<DirectHandle | undefined>): FileAppender {
  /** None once everything goes the usual way. */
  let block = takeBlock();
  let filled = 0;
  /** Bytes of the file so far, without those in the block. */
  let written = 0;
  let direct: DirectHandle | undefined;

  const writeUsual = async (chunks: readonly Uint8Array[]): Promise<void> => {
    written += await writeAll(handle, chunks, written);
  };

  /** Gives whether the file system took it. */
  const writeDirect = async (whole: Uint8Array): Promise<boolean> => {
    let bytesWritten: number;
    try {
      direct ??= await openDirect();
      if (direct === undefined) return false;
      ({ bytesWritten } = await direct.write(whole, 0, whole.length, written));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return false;
    }
    written += bytesWritten;
    // A disk that took a part of it says why when it is given the rest.
    await writeUsual([whole.subarray(bytesWritten)]);
    return true;
  };

  const endBlock = async (): Promise<void> => {
    if (block === undefined) return;
    const whole = block;
    if (filled === BLOCK_BYTES && (await writeDirect(whole))) {
      filled = 0;
      return;
    }
    await writeUsual([whole.subarray(0, filled)]);
    filled = 0;
    block = undefined;
    giveBlock(whole);
  };

  return {
    append: async (chunks) => {
      for (const [index, chunk] of chunks.entries()) {
        for (let at = 0; at < chunk.length; ) {
          if (block === undefined) {
            await writeUsual([chunk.subarray(at), ...chunks.slice(index + 1)]);
            return;
          }
          const count = Math.min(BLOCK_BYTES - filled, chunk.length - at);
          block.set(chunk.subarray(at, at + count), filled);
          at += count;
          filled += count;
          if (filled === BLOCK_BYTES) await endBlock();
        }
      }
    },
    sync: async () => {
      await endBlock();
      await handle.sync();
      return handle.stat();
    },
    close: async () => {
      if (block !== undefined) giveBlock(block);
      block = undefined;
      await Promise.all([direct?.close(), handle.close()]);
    },
  };
}

async function openPastCache(path: string): Promise<FileHandle | undefined> {
  return constants.O_DIRECT === undefined
    ? undefined
    : open(path, constants.O_WRONLY | constants.O_DIRECT | constants.O_NOFOLLOW);
}

/** Whether a file system says that it does not write in this way, which it says before it writes anything. */
function isRefusal(error: unknown): boolean {
  return ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error));
}

/** Write every byte: `writev` may write fewer than it was given. Gives how many there are. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<number> {
  let rest = chunks.filter((chunk) => chunk.byteLength > 0);
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, at);
    if (bytesWritten === 0) throw new Error('the system wrote no bytes and gave no reason');
    at += bytesWritten;
    rest = after(rest, bytesWritten);
  }
  return at - position;
}

/** The chunks without their first `count` bytes. */
function after(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  for (let size = chunks[0]?.byteLength ?? 0; index < chunks.length && left >= size; ) {
    left -= size;
    index += 1;
    size = chunks[index]?.byteLength ?? 0;
  }
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
