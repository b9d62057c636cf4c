import { type IVectorSearchRepository, requireCapability } from '@vecport/abstractions';
import { type ContentDigest, type ManifestCollection, sumDigests } from '@vecport/dataset';
import { compareById, UNIT_TOLERANCE } from './compare-by-id.js';
import { type Comparison, compareWithRepository } from './compare-with-repository.js';
import { countPoints } from './count-points.js';
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
 * Compare what was accepted with what is read back. By content digest; where the target keeps the direction of vectors
 * only, or refused points, by reading the source once more and looking every point up. That a refused point is missing
 * is no difference, as long as it is among those that are known by their identifiers, the first 1,000.
 */
export async function verifyMigration(request: VerifyMigrationRequest): Promise<Comparison> {
  const { moved, transform } = request;
  const description = describedBy(request.collection.description, transform);
  const collection = { ...request.collection, description };
  const normalizes = moved.repositories[0]?.traits.normalizes ?? [];
  const normalized = new Set(
    Object.entries(description.vectors)
      .filter(
        ([, { metric, normalized: unit }]) => unit !== true && metric !== undefined && normalizes.includes(metric),
      )
      .map(([name]) => name),
  );
  if (normalized.size > 0 || moved.refused > 0) return compareUnits(request, normalized);
  const { signal, onProgress } = request;
  return compareWithRepository(asStored(collection, moved.digests), moved.repositories, { signal, onProgress });
}

async function compareUnits(
  {
    collection: { description },
    sources,
    moved,
    selection = {},
    transform,
    signal,
    onProgress,
  }: VerifyMigrationRequest,
  normalized: ReadonlySet<string>,
): Promise<Comparison> {
  const refused = new Set(moved.failed.map(({ id }) => id));
  const differences: string[] = [];
  let points = 0;
  let held: number | undefined = 0;
  for (const [at, target] of moved.repositories.entries()) {
    const source = requireCapability(sources[at] as IVectorSearchRepository, 'exportAll');
    const total = moved.digests[at]?.count;
    const pages = allPoints(source, selection, description, transform, signal);
    const report = await compareById(pages, target, { normalized, refused, signal, onProgress, total });
    points += report.points;
    differences.push(...report.differences);
    const late = target.traits.eventual?.includes('count') === true;
    const count = late ? undefined : await countPoints(target, undefined, signal);
    held = held === undefined || count === undefined ? undefined : held + count;
  }
  if (held !== undefined && held !== moved.accepted) {
    differences.push(`${moved.accepted} points were written, the collection has ${held}.`);
  }
  const { provider, collection } = moved.repositories[0] as IVectorSearchRepository;
  return {
    provider,
    collection,
    equal: differences.length === 0,
    differences,
    points,
    tolerance: normalized.size > 0 ? UNIT_TOLERANCE : undefined,
  };
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
