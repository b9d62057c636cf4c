import { batchBytes, type IVectorSearchRepository, type VectorBatch } from '@vecport/abstractions';
import { type ManifestCollection, sumDigests } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { folderIn } from './dataset-sink.js';
import type { CollectionPlan, ExportPlan } from './export-plan.js';
import { type ExportedUnit, exportUnit } from './export-unit.js';
import type { ProgressListener } from './progress.js';
import { isFilteredHere, type Selection } from './repository-source.js';
import { runParallel } from './run-parallel.js';

/** How the work of an export is done; none of it changes what is written. */
export interface CollectionOptions {
  readonly parallel: number;
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** A collection as the manifest lists it, and what to tell about it. */
export interface ExportedCollection {
  readonly entry: ManifestCollection;
  /** Without the collection's name and full stop. */
  readonly warnings: readonly string[];
}

/**
 * Read one collection, with all of its tenants that were asked for, into parts and prove that nothing is
 * missing. `repositories` are those of the plan's units, in their order. Tenants are read side by side, the
 * slices of a collection without tenants likewise.
 * @throws VecportError `incomplete` when points are missing or came twice.
 */
export async function exportCollection(
  repositories: readonly IVectorSearchRepository[],
  storage: Storage,
  plan: ExportPlan,
  index: number,
  options: CollectionOptions,
): Promise<ExportedCollection> {
  const collection = plan.collections[index] as CollectionPlan;
  const onBatch = countBatches(collection, options.onProgress);
  const units: ExportedUnit[] = [];
  const alone = repositories.length === 1;
  await runParallel(repositories.length, options.parallel, options.signal, async (unit, signal) => {
    const parallel = alone ? options.parallel : 1;
    const repository = repositories[unit] as IVectorSearchRepository;
    const place = { plan, collection: index, unit };
    units[unit] = await exportUnit(repository, storage, place, { ...options, parallel, signal, onBatch });
  });
  return {
    entry: { ...entryOf(plan, collection, units) },
    warnings: [...filterWarning(repositories, collection.selection), ...unitWarnings(collection, units)],
  };
}

function countBatches(
  { name, units }: CollectionPlan,
  onProgress: ProgressListener | undefined,
): (batch: VectorBatch) => void {
  const total = sumKnown(units.map(({ expected }) => expected));
  let done = 0;
  let bytes = 0;
  return (batch) => {
    done += batch.ids.length;
    bytes += batchBytes(batch);
    onProgress?.({ phase: 'read', collection: name, done, total, bytes });
  };
}

function entryOf(plan: ExportPlan, collection: CollectionPlan, units: readonly ExportedUnit[]): ManifestCollection {
  const { name, description, selection } = collection;
  const reads = units.map(({ read }) => read);
  const divided = collection.units.some(({ tenant }) => tenant !== undefined);
  const [first] = reads;
  return {
    name,
    path: folderIn(plan, collection),
    description,
    consistency: reads.find(({ consistency }) => consistency !== first?.consistency)
      ? 'scan'
      : (first?.consistency ?? 'scan'),
    snapshot: divided ? undefined : first?.snapshot,
    selection: isWhole(selection) ? undefined : selection,
    counts: {
      before: sumKnown(reads.map(({ counts }) => counts.before)),
      after: sumKnown(reads.map(({ counts }) => counts.after)),
      exported: reads.reduce((sum, { counts }) => sum + counts.exported, 0),
      quarantined: reads.reduce((sum, { counts }) => sum + counts.quarantined, 0),
    },
    digest: sumDigests(reads.map(({ digest }) => digest)),
    tenants: divided ? reads.map((read, at) => ({ name: collection.units[at]?.tenant ?? '', ...read })) : undefined,
    parts: units.flatMap(({ parts }) => parts),
  };
}

function filterWarning([repository]: readonly IVectorSearchRepository[], { filter }: Selection): readonly string[] {
  if (repository === undefined || !isFilteredHere(repository, filter)) return [];
  return [`${repository.provider} cannot filter a full read: every point was read, and filtered afterwards`];
}

function unitWarnings(collection: CollectionPlan, units: readonly ExportedUnit[]): readonly string[] {
  return units.flatMap(({ warnings }, at) => {
    const tenant = collection.units[at]?.tenant;
    return warnings.map((warning) => (tenant === undefined ? warning : `tenant '${tenant}': ${warning}`));
  });
}

function isWhole({ filter, fields }: Selection): boolean {
  return filter === undefined && fields === undefined;
}

function sumKnown(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((sum, value) => (sum === undefined || value === undefined ? undefined : sum + value), 0);
}
