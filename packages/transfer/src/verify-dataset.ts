import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { type Dataset, type ManifestCollection, type ValidationReport, validateDataset } from '@vecport/dataset';
import { whyNotComparable } from './comparable.js';
import { compareStored, type StoredUnit } from './compare-stored.js';
import type { Comparison } from './compare-with-repository.js';
import type { ProgressListener } from './progress.js';
import {
  checkParity,
  compareSearches,
  type ParityOptions,
  type ParityUnit,
  type SearchParity,
} from './search-parity.js';

/** A collection, or each of its tenants. */
export type LivingCollection = IVectorSearchRepository | readonly IVectorSearchRepository[];

/** What to verify. */
export interface VerifyRequest {
  readonly dataset: Dataset;
  /** A living collection (with tenants: a repository for each) for each stored one to be compared, by stored name. */
  readonly against?: Readonly<Record<string, LivingCollection>> | undefined;
  /** Compare searches in the living collections with those that should be found in the dataset. */
  readonly searchParity?: ParityOptions | undefined;
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
  /** Present when searches were compared. */
  readonly parity?: SearchParity | undefined;
}

/**
 * Read the whole dataset again and check every checksum, count and digest; then compare it with
 * living collections. Differences are in the report, not thrown. Nothing is written.
 * @throws VecportError `not-supported` for a stored collection that is a choice of points or was transformed, and so
 * cannot be compared.
 */
export async function verifyDataset(request: VerifyRequest): Promise<VerifyReport> {
  const { dataset, parallel, searchParity, signal, onProgress } = request;
  if (searchParity !== undefined) checkParity(searchParity);
  const validation = await validateDataset(dataset, {
    signal,
    onProgress: ({ collection, rows, total, bytes }) =>
      onProgress?.({ phase: 'validate', collection, done: rows, total, bytes }),
  });
  const comparisons: Comparison[] = [];
  const searched: ParityUnit[] = [];
  for (const stored of dataset.manifest.collections) {
    const { against = {} } = request;
    const repository = Object.hasOwn(against, stored.name) ? against[stored.name] : undefined;
    if (repository === undefined) continue;
    refuseIncomparable(stored);
    searched.push(...parityUnits(request, stored, repository));
    const units = storedUnits(dataset, stored, repository, signal);
    comparisons.push(await compareStored({ stored, units, parallel, signal, onProgress }));
  }
  const parity = searchParity && (await compareSearches(searched, searchParity, signal));
  const equal = comparisons.every((comparison) => comparison.equal);
  return { ok: validation.ok && equal && parity?.ok !== false, validation, comparisons, parity };
}

function parityUnits(
  { dataset, signal }: VerifyRequest,
  stored: ManifestCollection,
  living: LivingCollection,
): readonly ParityUnit[] {
  return ('provider' in living ? [living] : living).map((target) => ({
    description: stored.description,
    points: () => dataset.read(stored, { tenant: target.tenant, signal }),
    target,
  }));
}

function storedUnits(
  dataset: Dataset,
  stored: ManifestCollection,
  living: LivingCollection,
  signal: AbortSignal | undefined,
): readonly StoredUnit[] {
  return ('provider' in living ? [living] : living).map((repository) => {
    const { tenant } = repository;
    const own = tenant === undefined ? stored : stored.tenants?.find(({ name }) => name === tenant);
    return {
      repository,
      points: () => dataset.read(stored, { tenant, signal }),
      quarantined: own?.counts.quarantined,
    };
  });
}

function refuseIncomparable(stored: ManifestCollection): void {
  const why = whyNotComparable(stored);
  if (why === undefined) return;
  throw new VecportError('not-supported', `The stored collection '${stored.name}' cannot be compared: ${why}.`, {
    collection: stored.name,
    advice: 'Verify the dataset alone.',
  });
}
