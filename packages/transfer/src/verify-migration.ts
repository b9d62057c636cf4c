import type { IVectorSearchRepository } from '@vecport/abstractions';
import { type ContentDigest, type ManifestCollection, sumDigests } from '@vecport/dataset';
import { compareStored } from './compare-stored.js';
import type { Comparison } from './compare-with-repository.js';
import type { LoadedCollection } from './load-collections.js';
import type { MigratedCollectionPlan } from './migration-plan.js';
import type { ProgressListener } from './progress.js';
import type { Selection } from './repository-source.js';
import type { Transform } from './transform.js';
import { allPoints, describedBy } from './transformed-dataset.js';

/** What to compare. */
export interface VerifyMigrationRequest {
  readonly collection: MigratedCollectionPlan;
  /** Where it came from, unit by unit. */
  readonly sources: readonly IVectorSearchRepository[];
  /** Where it went, and the digests of what was written. */
  readonly moved: LoadedCollection;
  readonly selection?: Selection | undefined;
  readonly transform?: Transform | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Compare what was written with what is read back; see `compareStored`. Where points are compared one by one, the
 * source is read once more.
 */
export async function verifyMigration(request: VerifyMigrationRequest): Promise<Comparison> {
  const { collection, sources, moved, selection = {}, transform, signal, onProgress } = request;
  const description = describedBy(collection.description, transform);
  const units = moved.repositories.map((repository, at) => ({
    repository,
    refused: moved.refusedIds[at],
    points: () =>
      allPoints(sources[at] as IVectorSearchRepository, selection, collection.description, transform, signal),
  }));
  return compareStored({ stored: asStored({ ...collection, description }, moved.digests), units, signal, onProgress });
}

/** What was written, as a comparison wants it. */
function asStored(
  { name, description, units, divided }: MigratedCollectionPlan,
  digests: readonly ContentDigest[],
): ManifestCollection {
  const empty = sumDigests([]);
  const reads = units.map(({ tenant = '', slices }, at) => {
    const digest = digests[at] ?? empty;
    const counts = { exported: digest.count, quarantined: 0 };
    return { name: tenant, consistency: slices.consistency, counts, digest };
  });
  const digest = sumDigests(digests);
  return {
    name,
    path: '',
    description,
    consistency: 'scan',
    counts: { exported: digest.count, quarantined: 0 },
    digest,
    tenants: divided ? reads : undefined,
    parts: [],
  };
}
