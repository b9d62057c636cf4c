import type { IVectorSearchRepository, VectorBatch } from '@vecport/abstractions';
import type { Dataset, ManifestCollection } from '@vecport/dataset';
import { compareById, UNIT_TOLERANCE } from './compare-by-id.js';
import { whyNotInto } from './compare-descriptions.js';
import { type CompareOptions, type Comparison, compareWithRepository } from './compare-with-repository.js';
import { countPoints } from './count-points.js';

/**
 * Compare a stored collection with what was made of it. By content digest; where the target keeps the direction of
 * vectors only, point by point, vectors within a tolerance that the comparison names.
 */
export async function verifyImport(
  dataset: Dataset,
  stored: ManifestCollection,
  repositories: readonly IVectorSearchRepository[],
  options: CompareOptions,
): Promise<Comparison> {
  const normalized = normalizedVectors(stored, repositories);
  if (normalized.size === 0) return compareWithRepository(stored, repositories, options);
  const [first] = repositories as readonly [IVectorSearchRepository];
  const differences = [...whyNotInto(stored.description, await first.describe({ signal: options.signal }))];
  let points = 0;
  for (const repository of repositories) {
    const { tenant } = repository;
    const expected = tenant === undefined ? stored : stored.tenants?.find(({ name }) => name === tenant);
    const source: AsyncIterable<VectorBatch> = dataset.read(stored, { tenant, signal: options.signal });
    const report = await compareById(source, repository, {
      ...options,
      normalized,
      total: expected?.counts.exported,
    });
    points += report.points;
    differences.push(...report.differences);
    const count = await countPoints(repository, undefined, options.signal);
    if (count !== undefined && count !== report.points && repository.traits.eventual?.includes('count') !== true) {
      differences.push(`The dataset has ${report.points} points, the collection ${count}.`);
    }
  }
  return {
    provider: first.provider,
    collection: first.collection,
    equal: differences.length === 0,
    differences,
    points,
    tolerance: UNIT_TOLERANCE,
  };
}

/** The vectors whose length the target does not keep, though the source has it. */
function normalizedVectors(
  { description }: ManifestCollection,
  [repository]: readonly IVectorSearchRepository[],
): ReadonlySet<string> {
  const normalizes = repository?.traits.normalizes ?? [];
  return new Set(
    Object.entries(description.vectors)
      .filter(([, { metric }]) => metric !== undefined && normalizes.includes(metric))
      .map(([name]) => name),
  );
}
