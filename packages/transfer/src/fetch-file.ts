import { createHash, type Hash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import { VecportError } from '@vecport/abstractions';
import type { ByteRange, Storage } from '@vecport/storage';
import { type RetryPolicy, retrying } from './backoff.js';
import { fileError } from './file-error.js';

/** Bytes of a request: large enough that its latency does not count, small enough to be done again. */
const RANGE_BYTES = 8 * 1024 * 1024;
/** Requests of one file at the same time if nobody says how many. */
const DEFAULT_PARALLEL = 8;

/** Object stores try again by themselves. */
const NOT_AGAIN: RetryPolicy = { retries: 0 };

/** One file to be fetched. */
export interface FetchFileRequest {
  /** Throws VecportErrors. */
  readonly storage: Storage;
  readonly path: string;
  /** Its size in bytes, which is known. */
  readonly size: number;
  /** Its checksum, where it is known. */
  readonly sha256?: string | undefined;
  /** The file on disk. What it holds from an interrupted run is kept, if it turns out to be right. */
  readonly to: string;
  /** Requests at the same time, of 8 MiB each; as much is in memory. 8 if not said. */
  readonly parallel?: number | undefined;
  /** Bytes of a request. */
  readonly rangeBytes?: number | undefined;
  /** Not again if not said: object stores do it by themselves. */
  readonly retry?: RetryPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the bytes that were added, negative when those of an earlier run were wrong; `kept` for those an earlier run left. */
  readonly onBytes?: ((bytes: number, kept: boolean) => void) | undefined;
}

/**
 * Fetch a file in ranges, several at the same time, and write them in order, so that a run that was killed leaves the
 * beginning of the file and the next one goes on after it. The checksum is that of what is on disk. Durable when it
 * resolves.
 * @throws VecportError `corrupt-data` when size or checksum are others; the file on disk is empty then. `storage` when the
 * disk refuses. What the storage throws, after attempts at errors that may go away. The reason of the signal.
 */
export async function fetchFile(request: FetchFileRequest): Promise<void> {
  request.signal?.throwIfAborted();
  const { to, path, storage, sha256 } = request;
  const file = await onDisk(to, async () => open(to, constants.O_RDWR | constants.O_CREAT));
  try {
    const kept = await prefixOf(file, request);
    let sum = await fetchFrom(file, kept.length, kept.sum, request);
    if (sha256 !== undefined && sum !== sha256 && kept.length > 0) {
      // The beginning may be of another file, or not have reached the disk before the power went.
      request.onBytes?.(-request.size, false);
      sum = await fetchFrom(file, 0, createHash('sha256'), request);
    }
    if (sha256 !== undefined && sum !== sha256) {
      await file.truncate(0);
      throw new VecportError(
        'corrupt-data',
        `${path} in ${storage.url} is not what its manifest says: its SHA-256 is ${sum}.`,
        {
          advice: 'It was changed after it was written. Export again, or fetch another export.',
        },
      );
    }
    await onDisk(to, async () => file.sync());
  } finally {
    await file.close();
  }
}

/** What an earlier run left, summed up. A file without a checksum begins anew: nothing would show that it is wrong. */
async function prefixOf(
  file: FileHandle,
  { size, sha256, to, signal, onBytes }: FetchFileRequest,
): Promise<{ readonly length: number; readonly sum: Hash }> {
  const sum = createHash('sha256');
  const length = (await file.stat()).size;
  if (sha256 === undefined || length > size) return { length: 0, sum };
  const buffer = Buffer.allocUnsafe(Math.min(length, RANGE_BYTES));
  for (let at = 0; at < length; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await onDisk(to, async () => file.read(buffer, 0, Math.min(buffer.length, length - at), at));
    if (bytesRead === 0) throw new VecportError('storage', `${to} became shorter while it was read.`);
    sum.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  if (length > 0) onBytes?.(length, true);
  return { length, sum };
}

/** Fetch from a position to the end; gives the checksum of all. */
async function fetchFrom(file: FileHandle, start: number, sum: Hash, request: FetchFileRequest): Promise<string> {
  const { size, to, onBytes } = request;
  await onDisk(to, async () => file.truncate(start));
  let at = start;
  for await (const bytes of rangesInOrder(start, size, request)) {
    await onDisk(to, async () => writeAll(file, bytes, at));
    sum.update(bytes);
    at += bytes.length;
    onBytes?.(bytes.length, false);
  }
  return sum.digest('hex');
}

/** The bytes from `start` to `end` in order; the next requests are under way meanwhile. */
async function* rangesInOrder(
  start: number,
  end: number,
  { storage, path, parallel = DEFAULT_PARALLEL, rangeBytes = RANGE_BYTES, retry = NOT_AGAIN, signal }: FetchFileRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stop = new AbortController();
  const joint = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const pending: Promise<Uint8Array>[] = [];
  const ask = async (range: ByteRange): Promise<Uint8Array> =>
    retrying(async () => storage.read(path, range, { signal: joint }), retry, joint);
  let next = start;
  try {
    for (let at = start; at < end; at += rangeBytes) {
      for (; next < end && pending.length < parallel; next += rangeBytes) {
        const asked = ask({ start: next, end: Math.min(next + rangeBytes, end) });
        // Awaited in its turn; until then a failure must not count as unhandled.
        asked.catch(() => undefined);
        pending.push(asked);
      }
      yield (await pending.shift()) ?? new Uint8Array();
    }
  } finally {
    stop.abort();
    await Promise.allSettled(pending);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the system wrote no bytes and gave no reason');
    done += bytesWritten;
  }
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, path);
  }
}
