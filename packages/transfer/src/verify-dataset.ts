import type { IVectorSearchRepository } from '@vecport/abstractions';
import { type Dataset, type ValidationReport, validateDataset } from '@vecport/dataset';
import { type Comparison, compareWithRepository } from './compare-with-repository.js';
import type { ProgressListener } from './progress.js';

/** A collection, or each of its tenants. */
export type LivingCollection = IVectorSearchRepository | readonly IVectorSearchRepository[];

/** What to verify. */
export interface VerifyRequest {
  readonly dataset: Dataset;
  /** A living collection (with tenants: a repository for each) for each stored one to be compared, by stored name. */
  readonly against?: Readonly<Record<string, LivingCollection>> | undefined;
  /** Slices of a living collection read at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** The outcome of a verification. */
export interface VerifyReport {
  /** The dataset is whole, and everything it was compared with is equal. */
  readonly ok: boolean;
  readonly validation: ValidationReport;
  /** In the order of the dataset's collections. */
  readonly comparisons: readonly Comparison[];
}

/**
 * Read the whole dataset again and check every checksum, count and digest; then compare it with
 * living collections. Differences are in the report, not thrown. Nothing is written.
 */
export async function verifyDataset(request: VerifyRequest): Promise<VerifyReport> {
  const { dataset, parallel, signal, onProgress } = request;
  const validation = await validateDataset(dataset, {
    signal,
    onProgress: ({ collection, rows, total, bytes }) =>
      onProgress?.({ phase: 'validate', collection, done: rows, total, bytes }),
  });
  const comparisons: Comparison[] = [];
  for (const stored of dataset.manifest.collections) {
    const { against = {} } = request;
    const repository = Object.hasOwn(against, stored.name) ? against[stored.name] : undefined;
    if (repository !== undefined)
      comparisons.push(await compareWithRepository(stored, repository, { parallel, signal, onProgress }));
  }
  return { ok: validation.ok && comparisons.every(({ equal }) => equal), validation, comparisons };
}
