import type { IVectorSearchRepository } from '@vecport/abstractions';
import { type Increment, type ManifestCollection, sumDigests } from '@vecport/dataset';
import type { SliceTally } from './checkpoint.js';
import { folderIn } from './dataset-sink.js';
import type { CollectionPlan, ExportPlan, PlannedSelection } from './export-plan.js';
import type { ExportRun } from './export-run.js';
import { type ExportedUnit, exportUnit } from './export-unit.js';
import { createProgressReporter } from './progress-reporter.js';
import { isFilteredHere } from './repository-source.js';
import { runParallel } from './run-parallel.js';
import { sumTallies } from './tally.js';

/** A collection as the manifest lists it, and what to tell about it. */
export interface ExportedCollection {
  readonly entry: ManifestCollection;
  readonly tally: SliceTally;
  readonly retries: number;
  /** Without the collection's name and full stop, as those below. */
  readonly warnings: readonly string[];
  /** What was read from its start again. */
  readonly restarted: readonly string[];
}

/** Which collection of a plan, and how many points it may have at most. */
export interface CollectionPlace {
  readonly index: number;
  readonly room?: number | undefined;
}

/**
 * Read one collection, with all of its tenants that were asked for, into parts and prove that nothing is
 * missing. `repositories` are those of the plan's units, in their order. Tenants are read side by side, the
 * slices of a collection without tenants likewise; with `room` one after the other.
 * @throws VecportError `incomplete` when points are missing or came twice.
 */
export async function exportCollection(
  repositories: readonly IVectorSearchRepository[],
  run: ExportRun,
  { index, room }: CollectionPlace,
): Promise<ExportedCollection> {
  const { name, units: planned, selection } = run.keeper.collectionAt({ collection: index });
  const expected = sumKnown(planned.map((unit) => unit.expected));
  const total = room === undefined ? expected : Math.min(room, expected ?? room);
  const reporter = createProgressReporter(name, total, run);
  const units: ExportedUnit[] = [];
  const alone = repositories.length === 1;
  let left = room;
  await run.telemetry.span('vecport.collection', { 'vecport.collection': name }, async (telemetry) =>
    runParallel(repositories.length, room === undefined ? run.parallel : 1, run.signal, async (unit, signal) => {
      units[unit] = await exportUnit({
        repository: repositories[unit] as IVectorSearchRepository,
        run: { ...run, telemetry },
        place: { collection: index, unit },
        parallel: alone ? run.parallel : 1,
        room: left,
        reporter,
        signal,
      });
      if (left !== undefined) left -= units[unit].tally.rows;
    }),
  );
  return {
    entry: entryOf(run.keeper.plan, run.keeper.collectionAt({ collection: index }), units),
    tally: sumTallies(units.map(({ tally }) => tally)),
    retries: reporter.retries,
    warnings: [...filterWarning(repositories, selection), ...unitTexts(planned, units, ({ warnings }) => warnings)],
    restarted: unitTexts(planned, units, ({ restarted }) => (restarted === undefined ? [] : [restarted])),
  };
}

function entryOf(plan: ExportPlan, collection: CollectionPlan, units: readonly ExportedUnit[]): ManifestCollection {
  const { name, description, selection } = collection;
  const reads = units.map(({ read }) => read);
  const divided = collection.units.some(({ tenant }) => tenant !== undefined);
  const [first] = reads;
  const missing = reads.reduce((sum, { counts }) => sum + (counts.missing ?? 0), 0);
  return {
    name,
    path: folderIn(plan, collection),
    description,
    consistency: reads.find(({ consistency }) => consistency !== first?.consistency)
      ? 'scan'
      : (first?.consistency ?? 'scan'),
    snapshot: divided ? undefined : first?.snapshot,
    changesSeenBy: reads.every(({ changesSeenBy }) => changesSeenBy === 'revision') ? 'revision' : 'counts',
    selection: isWhole(selection) ? undefined : selection,
    counts: {
      before: sumKnown(reads.map(({ counts }) => counts.before)),
      after: sumKnown(reads.map(({ counts }) => counts.after)),
      exported: reads.reduce((sum, { counts }) => sum + counts.exported, 0),
      quarantined: reads.reduce((sum, { counts }) => sum + counts.quarantined, 0),
      missing: missing === 0 ? undefined : missing,
    },
    digest: sumDigests(reads.map(({ digest }) => digest)),
    increment: divided ? sumIncrements(reads) : first?.increment,
    tenants: divided ? reads.map((read, at) => ({ name: collection.units[at]?.tenant ?? '', ...read })) : undefined,
    parts: units.flatMap(({ parts }) => parts),
  };
}

/** Of all tenants; each has the ids of what is gone from it. */
function sumIncrements(reads: readonly ExportedUnit['read'][]): Increment | undefined {
  const all = reads.flatMap(({ increment }) => increment ?? []);
  if (all.length === 0) return undefined;
  const sum = (key: 'changed' | 'added' | 'deleted'): number => all.reduce((total, one) => total + one[key], 0);
  return {
    changed: sum('changed'),
    added: sum('added'),
    deleted: sum('deleted'),
    whole: sumDigests(all.map(({ whole }) => whole)),
  };
}

function filterWarning(
  [repository]: readonly IVectorSearchRepository[],
  { filter }: PlannedSelection,
): readonly string[] {
  if (repository === undefined || !isFilteredHere(repository, filter)) return [];
  return [`${repository.provider} cannot filter a full read: every point was read, and filtered afterwards`];
}

function unitTexts(
  planned: CollectionPlan['units'],
  units: readonly ExportedUnit[],
  textsOf: (unit: ExportedUnit) => readonly string[],
): readonly string[] {
  return units.flatMap((unit, at) => {
    const tenant = planned[at]?.tenant;
    return textsOf(unit).map((text) => (tenant === undefined ? text : `tenant '${tenant}': ${text}`));
  });
}

function isWhole(selection: PlannedSelection): boolean {
  return Object.values(selection).every((part) => part === undefined);
}

function sumKnown(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((sum, value) => (sum === undefined || value === undefined ? undefined : sum + value), 0);
}
