import type { Capability, CapabilityAdvice, CollectionDriver, IVectorSearchRepository } from '@vecport/abstractions';
import { toBatch, writeMethods } from './write-methods.js';

/** What a repository says about itself. */
export interface RepositoryAbout {
  /** Adapter name. */
  readonly provider: string;
  readonly collection: string;
  readonly tenant?: string | undefined;
  /** Answers `repository.advise`; without it, the driver's own reason and no alternatives. */
  readonly advise?: ((capability: Capability) => CapabilityAdvice) | undefined;
}

/** The public shape around a driver and nothing else: no checks, no error context. */
export function driverRepository(driver: CollectionDriver, about: RepositoryAbout): IVectorSearchRepository {
  const exportAll = driver.exportAll?.bind(driver);
  const slices = driver.slices?.bind(driver);
  const releaseSlices = driver.releaseSlices?.bind(driver);
  const revision = driver.revision?.bind(driver);
  const bulkLoad = driver.bulkLoad?.bind(driver);
  return {
    provider: about.provider,
    collection: about.collection,
    tenant: about.tenant,
    traits: driver.traits,
    advise: about.advise ?? ((capability) => ({ reason: absenceReason(driver, capability), alternatives: [] })),
    describe: async (options = {}) => driver.describe(options),
    count: async (filter, options = {}) => driver.count(filter, options),
    get: async (ids, options = {}) => driver.get(ids, options),
    search: async (query, options = {}) => driver.search(query, options),
    ...writeMethods({
      upsertMany: async (points, options = {}) => driver.upsertMany(toBatch(points), options),
      deleteMany: async (ids, options = {}) => driver.deleteMany(ids, options),
    }),
    ...(exportAll && { exportAll: (options = {}) => exportAll(options) }),
    ...(slices && { slices: async (count, options = {}) => slices(count, options) }),
    ...(releaseSlices && { releaseSlices: async (plan, options = {}) => releaseSlices(plan, options) }),
    ...(revision && { revision: async (options = {}) => revision(options) }),
    ...(bulkLoad && { bulkLoad: async (options = {}) => bulkLoad(options) }),
  };
}

/** Why an optional method is absent at a driver, one sentence. */
export function absenceReason(driver: CollectionDriver, capability: Capability): string {
  return driver.absent?.[capability] ?? 'The adapter does not say why.';
}
