import { batchBytes, type IVectorSearchRepository } from '@vecport/abstractions';
import { type ContentDigest, type ManifestCollection, sumDigests } from '@vecport/dataset';
import { noCheckpoint } from './checkpoint.js';
import { whyNotInto } from './compare-descriptions.js';
import { digestSink } from './digest-sink.js';
import { partRowsFor, sliceCountFor } from './export-plan.js';
import type { ProgressListener } from './progress.js';
import { planSlices, repositorySource } from './repository-source.js';
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
  readonly digest: ContentDigest;
}

/** How a comparison is done. */
export interface CompareOptions {
  readonly parallel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Read the whole collection (what the stored one's filter and fields leave of it) and compare content digests. */
export async function compareWithRepository(
  stored: ManifestCollection,
  repository: IVectorSearchRepository,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { signal, onProgress } = options;
  const selection = stored.selection ?? {};
  const description = await repository.describe({ signal });
  const count = await repository.count(selection.filter, { signal });
  const { slices } = await planSlices(repository, sliceCountFor(count, partRowsFor(description)), selection, signal);
  let done = 0;
  let bytes = 0;
  const digests = await transfer({
    source: repositorySource(repository, selection),
    sink: digestSink(),
    slices,
    partRows: Number.MAX_SAFE_INTEGER,
    checkpoint: noCheckpoint<ContentDigest>(),
    parallel: options.parallel ?? 2,
    signal,
    onBatch: (batch) => {
      done += batch.ids.length;
      bytes += batchBytes(batch);
      onProgress?.({ phase: 'verify', collection: repository.collection, done, total: count, bytes });
    },
  });
  const digest = sumDigests(digests.flat());
  const differences = [...whyNotInto(stored.description, description), ...digestDifferences(stored.digest, digest)];
  return {
    provider: repository.provider,
    collection: repository.collection,
    equal: differences.length === 0,
    differences,
    points: done,
    digest,
  };
}

function digestDifferences(stored: ContentDigest, living: ContentDigest): string[] {
  const differences: string[] = [];
  if (stored.count !== living.count)
    differences.push(`The dataset has ${stored.count} points, the collection ${living.count}.`);
  else if (stored.ids !== living.ids) differences.push('The ids differ.');
  if (stored.vectors !== living.vectors) differences.push('The vectors differ.');
  if (stored.metadata !== living.metadata) differences.push('The metadata differs.');
  return differences;
}
