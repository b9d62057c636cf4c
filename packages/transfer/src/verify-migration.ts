import { type IVectorSearchRepository, requireCapability } from '@vecport/abstractions';
import { type ContentDigest, type ManifestCollection, sumDigests } from '@vecport/dataset';
import { compareById, UNIT_TOLERANCE } from './compare-by-id.js';
import { type Comparison, compareWithRepository } from './compare-with-repository.js';
import { countPoints } from './count-points.js';
import type { LoadedCollection } from './load-collections.js';
import type { MigratedCollectionPlan } from './migration-plan.js';
import type { ProgressListener } from './progress.js';
import { planSlices, repositorySource, type Selection } from './repository-source.js';

/** What to compare. */
export interface VerifyMigrationRequest {
  readonly collection: MigratedCollectionPlan;
  /** Where it came from, unit by unit. */
  readonly sources: readonly IVectorSearchRepository[];
  /** Where it went, and the digests of what was written. */
  readonly moved: LoadedCollection;
  readonly selection?: Selection | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Compare what was written with what is read back. By content digest; where the target keeps the direction of vectors
 * only, by reading the source once more and looking every point up.
 */
export async function verifyMigration(request: VerifyMigrationRequest): Promise<Comparison> {
  const { collection, moved } = request;
  const normalizes = moved.repositories[0]?.traits.normalizes ?? [];
  const normalized = new Set(
    Object.entries(collection.description.vectors)
      .filter(
        ([, { metric, normalized: unit }]) => unit !== true && metric !== undefined && normalizes.includes(metric),
      )
      .map(([name]) => name),
  );
  if (normalized.size > 0) return compareUnits(request, normalized);
  const { signal, onProgress } = request;
  return compareWithRepository(asStored(collection, moved.digests), moved.repositories, { signal, onProgress });
}

async function compareUnits(
  { sources, moved, selection = {}, signal, onProgress }: VerifyMigrationRequest,
  normalized: ReadonlySet<string>,
): Promise<Comparison> {
  const differences: string[] = [];
  let points = 0;
  for (const [at, target] of moved.repositories.entries()) {
    const source = requireCapability(sources[at] as IVectorSearchRepository, 'exportAll');
    const total = moved.digests[at]?.count;
    for (const slice of (await planSlices(source, 1, selection, signal)).slices) {
      const pages = repositorySource(source, selection).read({ slice, signal });
      const report = await compareById(pages, target, { normalized, signal, onProgress, total });
      points += report.points;
      differences.push(...report.differences);
    }
    const count = await countPoints(target, undefined, signal);
    if (count !== undefined && count !== total && target.traits.eventual?.includes('count') !== true) {
      differences.push(`${total} points were written, the collection has ${count}.`);
    }
  }
  const { provider, collection } = moved.repositories[0] as IVectorSearchRepository;
  return { provider, collection, equal: differences.length === 0, differences, points, tolerance: UNIT_TOLERANCE };
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
