import type { CollectionDescription, IVectorSearchRepository } from '@vecport/abstractions';
import { type ContentDigest, type Dataset, type ManifestCollection, sumDigests } from '@vecport/dataset';
import { datasetSlices, datasetSource } from './dataset-source.js';
import { partSchemaFor } from './export-plan.js';
import { carriedPoints } from './refused-rows.js';
import { planSlices, repositorySource, type Selection } from './repository-source.js';
import { retryingSource } from './retrying-source.js';
import type { SourceBatch, TransferSource } from './transfer-source.js';
import { type Transform, transformedSource } from './transform.js';

/** What a collection is after a transform. */
export function describedBy(
  description: CollectionDescription,
  transform: Transform | undefined,
): CollectionDescription {
  return transform?.describe?.(description) ?? description;
}

/** A source whose points went through a transform, where there is one. `description` is the one before it. */
export function transformedBy(
  source: TransferSource,
  description: CollectionDescription,
  transform: Transform | undefined,
): TransferSource {
  if (transform === undefined) return source;
  const schema = partSchemaFor(describedBy(description, transform));
  return transformedSource(source, transform, schema);
}

/** The points of a living collection, read once from its start, as a transform leaves them. */
export async function* allPoints(
  repository: IVectorSearchRepository,
  selection: Selection,
  description: CollectionDescription,
  transform: Transform | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceBatch, void, undefined> {
  const plan = await planSlices(repository, 1, selection, signal);
  const read = retryingSource(repositorySource(repository, selection), {});
  const source = transformedBy(read, description, transform);
  try {
    for (const slice of plan.slices)
      for await (const batch of source.read({ slice, signal })) yield carriedPoints(batch);
  } finally {
    await repository.releaseSlices?.(plan);
  }
}

/** A dataset that is read as a transform leaves it, for comparing with what was made of it. */
export function transformedDataset(dataset: Dataset, transform: Transform | undefined): Dataset {
  if (transform === undefined) return dataset;
  return {
    ...dataset,
    read: async function* (collection, { tenant, signal } = {}) {
      const source = transformedBy(datasetSource(dataset, collection), collection.description, transform);
      for (const slice of datasetSlices(collection, tenant))
        for await (const batch of source.read({ slice, signal })) yield carriedPoints(batch);
    },
  };
}

/** A stored collection as it was written: after a transform, with the digests of its units in their order. */
export function asWritten(
  collection: ManifestCollection,
  digests: readonly ContentDigest[],
  transform: Transform | undefined,
): ManifestCollection {
  if (transform === undefined) return collection;
  const { counts, tenants } = collection;
  const digest = sumDigests(digests);
  return {
    ...collection,
    description: describedBy(collection.description, transform),
    counts: { ...counts, exported: digest.count },
    digest,
    tenants: tenants?.map((tenant, at) => {
      const own = digests[at] ?? sumDigests([]);
      return { ...tenant, counts: { ...tenant.counts, exported: own.count }, digest: own };
    }),
  };
}
