import { isVecportError, parseJson } from '@vecport/abstractions';
import { COLLECTIONS_FOLDER, MANIFEST_PATH, PLAN_PATH, readText, withVecportErrors } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { ExportPlan } from './export-plan.js';
import { joinedPaths } from './layout-paths.js';
import { LOCK_PATH } from './lock-path.js';
import { isExportPlan } from './plan-schema.js';
import { STATE_FOLDER } from './prepare-export.js';
import { withLock } from './with-lock.js';

/** What is cleaned, and how. */
export interface CleanRequest {
  /** The folder that is searched, with all below it. */
  readonly root: Storage;
  /** Only what has not changed for so many milliseconds. */
  readonly olderThanMs: number;
  /** Remove nothing: tell what would be removed. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An export that was not completed. */
export interface UnfinishedExport {
  /** Below the folder that was searched; empty for that one itself. */
  readonly folder: string;
  /** `removed` (in a dry run: would be), `recent`: it changed too short a time ago, `held`: a process is at work there. */
  readonly outcome: 'removed' | 'recent' | 'held';
  readonly files: number;
  readonly bytes: number;
  /** Last change of any of its files, in milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** What was found, and what became of it. */
export interface CleanReport {
  /** Files that dead writers left, or uploads they did not end. */
  readonly swept: number;
  readonly exports: readonly UnfinishedExport[];
}

/**
 * Remove what dead exports left in a folder and those below it: uploads that were not ended, and the files of exports that
 * have a plan and no manifest. A complete dataset, one whose lock is held, and files that are not an export's are left alone.
 * @throws VecportError what the storage throws; the reason of the signal.
 */
export async function cleanDatasets({ root, olderThanMs, dryRun = false, signal }: CleanRequest): Promise<CleanReport> {
  const storage = withVecportErrors(root);
  const before = Date.now() - olderThanMs;
  const exports: UnfinishedExport[] = [];
  let swept = 0;
  const step = { before, dryRun, signal, onSwept: (count: number) => (swept += count) };
  for (const folder of await unfinishedIn(storage, signal)) {
    signal?.throwIfAborted();
    exports.push(await cleanFolder(folder, storage, step));
  }
  // On disk, the name of a file that is being written says whether its writer lives. An upload says nothing of the kind:
  // one is removed only where the lock is ours.
  if (storage.kind === 'local' && !dryRun) swept += await storage.sweep('', { signal });
  return { swept, exports };
}

/** Folders that have a plan and no manifest. */
async function unfinishedIn(storage: Storage, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const planned = new Set<string>();
  const complete = new Set<string>();
  for await (const { path } of storage.list('', { signal })) {
    const cut = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, Math.max(0, cut - 1));
    if (path.slice(cut) === PLAN_PATH) planned.add(folder);
    if (path.slice(cut) === MANIFEST_PATH) complete.add(folder);
  }
  return [...planned].filter((folder) => !complete.has(folder)).toSorted();
}

interface CleanStep {
  /** Milliseconds since 1970. */
  readonly before: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  onSwept(count: number): void;
}

async function cleanFolder(folder: string, root: Storage, step: CleanStep): Promise<UnfinishedExport> {
  const { before, dryRun, signal, onSwept } = step;
  const storage = folder === '' ? root : root.within(folder);
  const found = await filesOf(storage, signal);
  const seen = { folder, files: found.paths.length, bytes: found.bytes, modifiedAt: found.modifiedAt };
  if (found.modifiedAt >= before) return { ...seen, outcome: 'recent' };
  if (dryRun) return { ...seen, outcome: 'removed' };
  try {
    return await withLock(storage, LOCK_PATH, signal, async () => {
      // Looked at again: another run may have been here before the lock was ours.
      const now = await filesOf(storage, signal);
      if (now.complete || now.modifiedAt >= before) return { ...seen, outcome: 'recent' };
      onSwept(await storage.sweep('', { signal }));
      for (const path of now.paths) await storage.delete(path, { signal });
      return { ...seen, outcome: 'removed' };
    });
  } catch (error) {
    if (isVecportError(error) && error.code === 'conflict') return { ...seen, outcome: 'held' };
    throw error;
  }
}

interface ExportFiles {
  /** Those that an export writes; its plan is the last, so that what is left after a failure is still known to be one. */
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly modifiedAt: number;
  readonly complete: boolean;
}

/** Where an export in another tool's layout puts files outside of our folders. */
async function joinedBy(storage: Storage, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const text = await readText(storage, PLAN_PATH, { signal });
  const plan = text === undefined ? undefined : parsedPlan(text);
  return plan === undefined ? new Set() : joinedPaths(plan);
}

/** `undefined` for a plan that is damaged or of another version. */
function parsedPlan(text: string): ExportPlan | undefined {
  try {
    const plan: unknown = parseJson(text);
    return isExportPlan(plan) ? plan : undefined;
  } catch (error) {
    if (isVecportError(error)) return undefined;
    throw error;
  }
}

async function filesOf(storage: Storage, signal: AbortSignal | undefined): Promise<ExportFiles> {
  const joined = await joinedBy(storage, signal);
  const paths: string[] = [];
  let complete = false;
  let bytes = 0;
  let modifiedAt = 0;
  for await (const entry of storage.list('', { signal })) {
    if (entry.path === MANIFEST_PATH) complete = true;
    const own =
      entry.path.startsWith(`${COLLECTIONS_FOLDER}/`) ||
      entry.path.startsWith(`${STATE_FOLDER}/`) ||
      joined.has(entry.path);
    if (own) paths.push(entry.path);
    if (!own && entry.path !== PLAN_PATH) continue;
    bytes += entry.size;
    modifiedAt = Math.max(modifiedAt, entry.modifiedAt);
  }
  return { paths: [...paths, PLAN_PATH], bytes, modifiedAt, complete };
}
