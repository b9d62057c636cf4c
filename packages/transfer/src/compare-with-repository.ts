import { batchBytes, type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { type ContentDigest, type ManifestCollection, sumDigests } from '@vecport/dataset';
import { noCheckpoint } from './checkpoint.js';
import { whyNotInto } from './compare-descriptions.js';
import { countPoints } from './count-points.js';
import { digestSink } from './digest-sink.js';
import { evenSliceCountFor } from './export-plan.js';
import type { ProgressListener } from './progress.js';
import { planSlices, repositorySource } from './repository-source.js';
import { retryingSource } from './retrying-source.js';
import { transfer } from './transfer.js';

/** A stored collection held against a living one. */
export interface Comparison {
  readonly provider: string;
  readonly collection: string;
  /** All points, vectors and metadata are the same, to the last bit. */
  readonly equal: boolean;
  /** What differs, one sentence each. */
  readonly differences: readonly string[];
  /** Points read. */
  readonly points: number;
  /** Of the living collection; absent where points were compared one by one. */
  readonly digest?: ContentDigest | undefined;
  /** How far numbers of vectors may be apart, where the collection keeps their direction only. */
  readonly tolerance?: number | undefined;
}

/** How a comparison is done. */
export interface CompareOptions {
  readonly parallel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Read the whole collection (what the stored one's filter and fields leave of it) and compare content digests.
 * A collection with tenants is given by a repository for each; what the dataset has not is a difference.
 */
export async function compareWithRepository(
  stored: ManifestCollection,
  given: IVectorSearchRepository | readonly IVectorSearchRepository[],
  options: CompareOptions = {},
): Promise<Comparison> {
  const repositories = 'provider' in given ? [given] : given;
  const [repository] = repositories;
  if (repository === undefined) throw new VecportError('invalid-argument', 'There is no collection to compare with.');
  const differences = [...whyNotInto(stored.description, await repository.describe({ signal: options.signal }))];
  const digests: ContentDigest[] = [];
  let points = 0;
  const found = new Set<string>();
  for (const part of repositories) {
    const digest = await digestOf(part, stored, options, points);
    digests.push(digest);
    points += digest.count;
    if (part.tenant !== undefined) found.add(part.tenant);
    const expected = part.tenant === undefined ? stored : stored.tenants?.find(({ name }) => name === part.tenant);
    differences.push(...digestDifferences(part.tenant, expected?.digest, digest));
  }
  for (const { name } of stored.tenants ?? [])
    if (!found.has(name)) differences.push(`The tenant '${name}' was not there to be compared.`);
  return {
    provider: repository.provider,
    collection: repository.collection,
    equal: differences.length === 0,
    differences,
    points,
    digest: sumDigests(digests),
  };
}

async function digestOf(
  repository: IVectorSearchRepository,
  stored: ManifestCollection,
  { signal, onProgress, parallel }: CompareOptions,
  before: number,
): Promise<ContentDigest> {
  const selection = stored.selection ?? {};
  const count = await countPoints(repository, selection.filter, signal);
  const plan = await planSlices(repository, evenSliceCountFor(count, stored.description), selection, signal);
  const total = count === undefined ? undefined : before + count;
  let done = before;
  let bytes = 0;
  try {
    const digests = await transfer({
      source: retryingSource(repositorySource(repository, selection), {}),
      sink: digestSink(),
      slices: plan.slices,
      partRows: Number.MAX_SAFE_INTEGER,
      checkpoint: noCheckpoint<ContentDigest>(),
      parallel: parallel ?? 2,
      signal,
      onBatch: (batch) => {
        done += batch.ids.length;
        bytes += batchBytes(batch);
        onProgress?.({ phase: 'verify', collection: repository.collection, done, total, bytes });
      },
    });
    return sumDigests(digests.flat());
  } finally {
    await repository.releaseSlices?.(plan);
  }
}

function digestDifferences(
  tenant: string | undefined,
  stored: ContentDigest | undefined,
  living: ContentDigest,
): string[] {
  const where = tenant === undefined ? '' : `Tenant '${tenant}': `;
  if (stored === undefined) return [`${where}The dataset does not have it.`];
  const differences: string[] = [];
  if (stored.count !== living.count)
    differences.push(`${where}The dataset has ${stored.count} points, the collection ${living.count}.`);
  else if (stored.ids !== living.ids) differences.push(`${where}The ids differ.`);
  if (stored.vectors !== living.vectors) differences.push(`${where}The vectors differ.`);
  if (stored.metadata !== living.metadata) differences.push(`${where}The metadata differs.`);
  return differences;
}
