import { constants, type FileHandle, open, stat } from 'node:fs/promises';
import { attempt, fsError, isAbsent } from './fs-error.js';
import { existingPath } from './local-folder.js';
import type { ByteRange, StorageEntry, StorageOptions } from './storage.js';
import { StorageError } from './storage-error.js';

/** Bytes a chunk of `stream` has, but for the last one. */
const CHUNK_BYTES = 1 << 20;
/** Bytes read between two looks at the signal. */
const STEP_BYTES = 1 << 26;
/** Links were resolved and checked before: one that appeared since is not followed. Absent on Windows. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** A range of a file, or all of it. */
export async function readFileRange(
  root: string,
  path: string,
  range: ByteRange | undefined,
  options: StorageOptions,
): Promise<Uint8Array> {
  const { signal } = options;
  return withFile(root, path, signal, async (handle, size, full) => {
    const { start, end } = checkRange(range ?? { start: 0, end: size }, size, full);
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(end - start).buffer);
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      signal?.throwIfAborted();
      await fill(handle, bytes.subarray(at, at + STEP_BYTES), start + at, full);
    }
    return bytes;
  });
}

/** A file in chunks, each with memory of its own. */
export async function* streamFile(root: string, path: string, options: StorageOptions): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  const { handle, size, full } = await openFile(root, path, signal);
  try {
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      signal?.throwIfAborted();
      const chunk = new Uint8Array(Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - at)).buffer);
      await attempt('read', full, async () => fill(handle, chunk, at, full));
      yield chunk;
    }
  } finally {
    await handle.close();
  }
}

/** What is known of a file without opening it; `shown` is the path for the entry. */
export async function headFile(
  root: string,
  path: string,
  shown: string,
  options: StorageOptions,
): Promise<StorageEntry | undefined> {
  options.signal?.throwIfAborted();
  try {
    const stats = await stat(await existingPath(root, path, 'look at'));
    return stats.isFile() ? { path: shown, size: stats.size, modifiedAt: stats.mtimeMs } : undefined;
  } catch (error) {
    if (isAbsent(error) || (error instanceof StorageError && error.code === 'not-found')) return undefined;
    throw fsError(error, 'look at', path);
  }
}

async function withFile<T>(
  root: string,
  path: string,
  signal: AbortSignal | undefined,
  use: (handle: FileHandle, size: number, full: string) => Promise<T>,
): Promise<T> {
  const { handle, size, full } = await openFile(root, path, signal);
  try {
    return await attempt('read', full, async () => use(handle, size, full), signal);
  } finally {
    await handle.close();
  }
}

async function openFile(
  root: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ handle: FileHandle; size: number; full: string }> {
  signal?.throwIfAborted();
  const full = await existingPath(root, path, 'read');
  const handle = await attempt('read', full, async () => open(full, READ_FLAGS));
  try {
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size, full };
    throw new StorageError('not-found', `Cannot read ${full}: it is not a file.`, full);
  } catch (error) {
    await handle.close();
    throw fsError(error, 'read', full);
  }
}

/** Fill a buffer from a position, or fail: a file that ends early is never passed on as a whole one. */
async function fill(handle: FileHandle, buffer: Uint8Array, position: number, full: string): Promise<void> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) {
      throw new StorageError('io', `${full} became shorter while it was read. Read it again.`, full);
    }
    done += bytesRead;
  }
}

function checkRange(range: ByteRange, size: number, full: string): ByteRange {
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= size) {
    return range;
  }
  throw new StorageError('io', `Cannot read bytes ${start} to ${end} of ${full}: it has ${size} bytes.`, full);
}
