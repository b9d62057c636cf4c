import { createHash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import { type Dataset, MANIFEST_PATH, PLAN_PATH, withVecportErrors } from '@vecport/dataset';
import type { Storage, StorageEntry } from '@vecport/storage';
import { type ByteListener, type ByteTally, startByteTally } from './byte-progress.js';
import { type DatasetFile, datasetFiles } from './dataset-files.js';
import { LOCK_PATH } from './lock-path.js';
import { runParallel } from './run-parallel.js';
import { withLock } from './with-lock.js';

/** Files copied at the same time if nobody says how many. */
const DEFAULT_PARALLEL = 2;

/** What to copy, and to where. */
export interface CopyRequest {
  /** A complete dataset. */
  readonly dataset: Dataset;
  /** The folder of the copy. */
  readonly target: Storage;
  /** Files at the same time; 2 if not said. */
  readonly parallel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ByteListener | undefined;
}

/** A copy that is complete. */
export interface CopyReport {
  readonly files: number;
  readonly bytes: number;
  /** Bytes that an earlier, interrupted run had copied. */
  readonly kept: number;
}

/**
 * Copy a dataset from one storage to another, file by file, each checked against the manifest's SHA-256 while it is read.
 * The manifest is written last, so that a copy is complete or none. The plan of its export, where the dataset still has
 * it, is written first and removed in the end: a copy that was interrupted looks like the unfinished export it is, and is
 * gone on with when it is copied again; what is there with the right size is not copied again.
 * @throws VecportError `already-exists` when something else is at the target, `conflict` while another process is at work
 * there, `corrupt-data` when a file is not what the manifest says, what the storages throw. The reason of the signal.
 */
export async function copyDataset(request: CopyRequest): Promise<CopyReport> {
  const { signal } = request;
  signal?.throwIfAborted();
  const source = withVecportErrors(request.dataset.storage);
  const target = withVecportErrors(request.target);
  return withLock(target, LOCK_PATH, signal, async () => copyInto(target, source, request));
}

async function copyInto(target: Storage, source: Storage, request: CopyRequest): Promise<CopyReport> {
  const { signal, parallel = DEFAULT_PARALLEL } = request;
  const manifest = await source.read(MANIFEST_PATH, undefined, { signal });
  const plan = await textOf(source, PLAN_PATH, signal);
  const present = await filesAt(target, { manifest, plan }, signal);
  const files = await datasetFiles(source, request.dataset.manifest, signal);
  const tally = startByteTally(
    files.reduce((sum, { size }) => sum + size, 0),
    request.onProgress,
  );
  const report = (): CopyReport => ({
    files: files.length + 1,
    bytes: tally.total + manifest.length,
    kept: tally.kept,
  });
  if (present.has(MANIFEST_PATH)) {
    tally.add(tally.total, true);
    return report();
  }
  if (plan !== undefined) await putWhole(target, PLAN_PATH, plan, signal);
  await target.sweep('', { signal });
  await runParallel(files.length, parallel, signal, async (index, joint) => {
    const file = files[index] as DatasetFile;
    if (present.get(file.path)?.size === file.size) tally.add(file.size, true);
    else await copyFile(source, target, { file, tally, signal: joint });
  });
  await putWhole(target, MANIFEST_PATH, manifest, signal);
  if (plan !== undefined) await target.delete(PLAN_PATH, { signal });
  return report();
}

interface Own {
  readonly manifest: Uint8Array;
  readonly plan: Uint8Array | undefined;
}

/** What an earlier copy of the same dataset left at the target. @throws VecportError `already-exists` for anything else. */
async function filesAt(
  target: Storage,
  own: Own,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, StorageEntry>> {
  const found = new Map<string, StorageEntry>();
  for await (const entry of target.list('', { signal })) found.set(entry.path, entry);
  if (found.size === 0) return found;
  const marker = found.has(MANIFEST_PATH) ? MANIFEST_PATH : PLAN_PATH;
  const expected = marker === MANIFEST_PATH ? own.manifest : own.plan;
  const there = await textOf(target, marker, signal);
  if (there !== undefined && expected !== undefined && Buffer.compare(there, expected) === 0) return found;
  throw new VecportError('already-exists', `${target.url} is not empty, and holds no copy of this dataset.`, {
    advice: 'Choose another place.',
  });
}

interface CopyStep {
  readonly file: DatasetFile;
  readonly tally: ByteTally;
  readonly signal: AbortSignal;
}

async function copyFile(source: Storage, target: Storage, { file, tally, signal }: CopyStep): Promise<void> {
  const { path, size, sha256 } = file;
  const sum = createHash('sha256');
  const writer = await target.put(path, { signal });
  try {
    let written = 0;
    for await (const chunk of source.stream(path, { signal })) {
      await writer.write([chunk]);
      sum.update(chunk);
      written += chunk.length;
      tally.add(chunk.length, false);
    }
    if (written !== size || (sha256 !== undefined && sum.digest('hex') !== sha256)) {
      throw new VecportError('corrupt-data', `${path} in ${source.url} is not what its manifest says.`, {
        advice: 'It was changed after it was written. Export again.',
      });
    }
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function putWhole(storage: Storage, path: string, bytes: Uint8Array, signal: AbortSignal | undefined) {
  const writer = await storage.put(path, { signal });
  try {
    await writer.write([bytes]);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function textOf(
  storage: Storage,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  return (await storage.head(path, { signal })) === undefined ? undefined : storage.read(path, undefined, { signal });
}
