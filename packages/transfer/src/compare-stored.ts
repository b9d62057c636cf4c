import type { CollectionDescription, IVectorSearchRepository, VectorBatch, VectorId } from '@vecport/abstractions';
import type { ManifestCollection } from '@vecport/dataset';
import { retrying } from './backoff.js';
import { type CompareByIdOptions, compareById, UNIT_TOLERANCE } from './compare-by-id.js';
import { whyNotInto } from './compare-descriptions.js';
import { type CompareOptions, type Comparison, compareWithRepository } from './compare-with-repository.js';
import { countPoints } from './count-points.js';

/** A collection without tenants, or one tenant, and what is to be found in it. */
export interface StoredUnit {
  readonly repository: IVectorSearchRepository;
  /** The points once more, as they were stored. */
  points(): AsyncIterable<VectorBatch>;
  /** Points that were refused: that they are not there is no difference. */
  readonly refused?: ReadonlySet<VectorId> | undefined;
  /** Points that are there and were not stored, as they are in quarantine. */
  readonly quarantined?: number | undefined;
}

/** What was stored, and where it should be found. */
export interface CompareStoredRequest extends CompareOptions {
  /** With the digests of what was stored. */
  readonly stored: ManifestCollection;
  /** At least one. */
  readonly units: readonly StoredUnit[];
}

/**
 * Compare what was stored with what is in a living collection. By content digest; where the collection keeps the
 * direction of vectors only, or points were refused or are in quarantine, point by point: each is looked up by its id,
 * points are counted, and vectors may be apart by a tolerance that the comparison names.
 */
export async function compareStored(request: CompareStoredRequest): Promise<Comparison> {
  const { stored, units, ...options } = request;
  const normalized = normalizedVectors(stored.description, units[0]?.repository);
  const whole = units.every(({ refused, quarantined = 0 }) => (refused?.size ?? 0) === 0 && quarantined === 0);
  if (!whole || normalized.size > 0) return compareUnits(request, normalized);
  return compareWithRepository(
    stored,
    units.map(({ repository }) => repository),
    options,
  );
}

async function compareUnits(
  { stored, units, signal, onProgress }: CompareStoredRequest,
  normalized: ReadonlySet<string>,
): Promise<Comparison> {
  const { repository: first } = units[0] as StoredUnit;
  const differences = [...whyNotInto(stored.description, await first.describe({ signal }))];
  let points = 0;
  for (const unit of units) {
    const report = await compareUnit(stored, unit, { normalized, signal, onProgress });
    points += report.points;
    differences.push(...report.differences);
  }
  const found = new Set(units.map(({ repository }) => repository.tenant));
  for (const { name } of stored.tenants ?? [])
    if (!found.has(name)) differences.push(`The tenant '${name}' was not there to be compared.`);
  const { provider, collection } = first;
  const tolerance = normalized.size > 0 ? UNIT_TOLERANCE : undefined;
  return { provider, collection, equal: differences.length === 0, differences, points, tolerance };
}

async function compareUnit(
  stored: ManifestCollection,
  { repository, refused, quarantined = 0, ...unit }: StoredUnit,
  { normalized, signal, onProgress }: CompareByIdOptions,
): Promise<Pick<Comparison, 'points' | 'differences'>> {
  const { tenant } = repository;
  const { fields, excludeFields, filter } = stored.selection ?? {};
  const where = tenant === undefined ? '' : `Tenant '${tenant}': `;
  const own = tenant === undefined ? stored : stored.tenants?.find(({ name }) => name === tenant);
  if (own === undefined) return { points: 0, differences: [`${where}The dataset does not have it.`] };
  const total = own.counts.exported;
  const how = { normalized, refused, fields, excludeFields, total, signal, onProgress };
  const report = await compareById(unit.points(), repository, how);
  const { points } = report;
  const differences = report.differences.map((difference) => `${where}${difference}`);
  if (repository.traits.eventual?.includes('count') === true) return { points, differences };
  const held = await retrying(async () => countPoints(repository, filter, signal), {}, signal);
  const expected = points - report.refused + quarantined;
  if (held !== undefined && held !== expected)
    differences.push(`${where}${expected} points should be there, the collection has ${held}.`);
  return { points, differences };
}

/** The vectors whose length the collection does not keep, though what was stored has it. */
function normalizedVectors(
  { vectors }: CollectionDescription,
  repository: IVectorSearchRepository | undefined,
): ReadonlySet<string> {
  const normalizes = repository?.traits.normalizes ?? [];
  return new Set(
    Object.entries(vectors)
      .filter(
        ([, { metric, normalized: unit }]) => unit !== true && metric !== undefined && normalizes.includes(metric),
      )
      .map(([name]) => name),
  );
}
