import { join } from 'node:path';
import { isVecportError, VecportError } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import {
  type Dispatch,
  type ExportReport,
  exportDataset,
  type ProgressListener,
  type VerifyReport,
  verifyDataset,
} from '@vecport/transfer';
import type { Application } from '../application.js';
import { exportId } from './export-id.js';

/** Runs that begin in one second. */
const MAX_ATTEMPTS = 20;

/** An export that was read back and found equal to its collection. */
export interface VerifiedExport {
  /** The dataset's own folder. */
  readonly folder: string;
  readonly report: ExportReport;
  readonly verification: VerifyReport;
}

/** A collection and the store it is in. */
export interface ExportedSource extends Pick<Application, 'repository' | 'store'> {
  /** Who reads it into a folder; this process if not said. */
  readonly dispatch?: ((folder: string) => Dispatch) | undefined;
}

/**
 * Export the application's collection into a new dataset below `folder`, read it back, and compare it
 * with the collection.
 * @throws VecportError `incomplete` when the dataset is not equal to the collection.
 */
export async function exportAndVerify(
  source: ExportedSource,
  folder: string,
  signal: AbortSignal,
  onProgress?: ProgressListener,
): Promise<VerifiedExport> {
  const { repository } = source;
  const { report, path } = await exportToNewFolder(source, folder, signal, onProgress);
  const dataset = await openDataset(localStorage(path));
  const verification = await verifyDataset({
    dataset,
    against: { [repository.collection]: repository },
    signal,
    onProgress,
  });
  if (verification.ok) return { folder: path, report, verification };
  const differences = verification.comparisons.flatMap((comparison) => comparison.differences);
  const problems = verification.validation.problems.map(({ message }) => message);
  throw new VecportError(
    'incomplete',
    `The export in ${path} is not equal to the collection: ${[...problems, ...differences].join(' ')}`,
    {
      provider: repository.provider,
      collection: repository.collection,
      operation: 'verify',
      advice: 'Export it again while nothing writes to the collection.',
    },
  );
}

async function exportToNewFolder(
  { repository, store, dispatch }: ExportedSource,
  folder: string,
  signal: AbortSignal,
  onProgress?: ProgressListener,
): Promise<{ readonly report: ExportReport; readonly path: string }> {
  const startedAt = new Date();
  for (let attempt = 1; ; attempt++) {
    const id = exportId(repository.collection, startedAt, attempt);
    const path = join(folder, id);
    try {
      const report = await exportDataset({
        repositories: [repository],
        source: store,
        storage: localStorage(path),
        id,
        tool: { name: 'recs-admin', version: '0.1.0' },
        dispatch: dispatch?.(path),
        signal,
        onProgress,
      });
      return { report, path };
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isVecportError(error) || error.code !== 'already-exists') throw error;
    }
  }
}
