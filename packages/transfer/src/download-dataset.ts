import { hash } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Dataset, MANIFEST_PATH, type PartEntry, withVecportErrors } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import type { RetryPolicy } from './backoff.js';
import { type ByteListener, type ByteTally, startByteTally } from './byte-progress.js';
import { type DatasetFile, datasetFiles } from './dataset-files.js';
import { type FetchFileRequest, fetchFile } from './fetch-file.js';
import { fileError } from './file-error.js';
import { publishFile, publishFolder, refuseTarget, temporaryFor, writeDurably } from './publish-download.js';
import { runParallel } from './run-parallel.js';
import { withLock } from './with-lock.js';

/** Files fetched at the same time. */
const PARALLEL_FILES = 4;
/** Requests at the same time if nobody says how many. */
const DEFAULT_PARALLEL = 8;

/** What to download, and to where. */
export interface DownloadRequest {
  /** A complete dataset; its storage is where it is fetched from. */
  readonly dataset: Dataset;
  /** This part of it alone, as one file; else all its files, as a folder. */
  readonly part?: PartEntry | undefined;
  /** The file or folder on disk. */
  readonly to: string;
  /** Replace what is there: a file, or a folder with a dataset. */
  readonly force?: boolean | undefined;
  /** Requests at the same time; 8 if not said. */
  readonly parallel?: number | undefined;
  /** Bytes of a request, which it has in memory; 8 MiB if not said. */
  readonly rangeBytes?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ByteListener | undefined;
}

/** A download that has ended. */
export interface DownloadReport {
  /** Where it is, as an absolute path. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  /** Bytes that an earlier, interrupted run had fetched. */
  readonly kept: number;
}

/**
 * Fetch a dataset, or one of its parts, to disk: in ranges, several at the same time, each file checked against the
 * manifest's SHA-256. What is not complete lies beside the target under a name that ends in `.partial`; a run that was
 * interrupted or killed goes on there. The target itself appears whole and at once; with `force`, a folder is for a moment
 * not there while it is exchanged.
 * @throws VecportError `already-exists` when something is at the target (with `force`: something that is no dataset),
 * `conflict` while another run downloads to it, `corrupt-data` when a file is not what the manifest says, what the storage
 * throws. The reason of the signal.
 */
export async function downloadDataset(request: DownloadRequest): Promise<DownloadReport> {
  const target = resolve(request.to);
  const { part, signal, force = false } = request;
  signal?.throwIfAborted();
  await refuseTarget(target, part === undefined, force);
  const beside = withVecportErrors(localStorage(dirname(target)));
  return withLock(beside, `.${basename(target)}.lock`, signal, async () => {
    try {
      return part === undefined ? await downloadAll(request, target) : await downloadPart(request, part, target);
    } catch (error) {
      throw fileError(error, target);
    }
  });
}

async function downloadPart(request: DownloadRequest, part: PartEntry, target: string): Promise<DownloadReport> {
  const temporary = await temporaryFor(target, part.sha256);
  const tally = startByteTally(part.bytes, request.onProgress);
  await fetchFile({
    ...fetchOptions(request, tally),
    path: part.path,
    size: part.bytes,
    sha256: part.sha256,
    to: temporary,
  });
  await publishFile(temporary, target, request.force === true);
  return { path: target, files: 1, bytes: part.bytes, kept: tally.kept };
}

async function downloadAll(request: DownloadRequest, target: string): Promise<DownloadReport> {
  const storage = withVecportErrors(request.dataset.storage);
  const { signal, parallel = DEFAULT_PARALLEL } = request;
  const manifest = await storage.read(MANIFEST_PATH, undefined, { signal });
  const files = await datasetFiles(storage, request.dataset.manifest, signal);
  const temporary = await temporaryFor(target, hash('sha256', manifest, 'hex'));
  const tally = startByteTally(
    files.reduce((sum, { size }) => sum + size, 0),
    request.onProgress,
  );
  const options = fetchOptions({ ...request, parallel: Math.max(1, Math.floor(parallel / PARALLEL_FILES)) }, tally);
  await runParallel(files.length, Math.min(PARALLEL_FILES, parallel), signal, async (index, joint) => {
    const file = files[index] as DatasetFile;
    await fetchInto(join(temporary, ...file.path.split('/')), file, { ...options, signal: joint }, tally);
  });
  await writeDurably(join(temporary, MANIFEST_PATH), manifest);
  await publishFolder(temporary, target, request.force === true);
  return { path: target, files: files.length + 1, bytes: tally.total + manifest.length, kept: tally.kept };
}

async function fetchInto(to: string, file: DatasetFile, options: FetchOptions, tally: ByteTally): Promise<void> {
  const found = await stat(to).catch(() => undefined);
  // It has its name, so an earlier run has checked it.
  if (found?.size === file.size && file.sha256 !== undefined) {
    tally.add(file.size, true);
    return;
  }
  await mkdir(dirname(to), { recursive: true });
  await fetchFile({ ...options, ...file, to: `${to}.partial` });
  await rename(`${to}.partial`, to);
}

type FetchOptions = Pick<FetchFileRequest, 'storage' | 'parallel' | 'rangeBytes' | 'retry' | 'signal' | 'onBytes'>;

function fetchOptions(
  { dataset, parallel, rangeBytes, retry, signal }: DownloadRequest,
  tally: ByteTally,
): FetchOptions {
  return { storage: withVecportErrors(dataset.storage), parallel, rangeBytes, retry, signal, onBytes: tally.add };
}
