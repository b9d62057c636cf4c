import {
  type IVectorSearchRepository,
  type JsonValue,
  parseJson,
  requireCapability,
  stringifyJson,
  VecportError,
  type WriteFailure,
} from '@vecport/abstractions';
import { sumDigests } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { Comparison } from './compare-with-repository.js';
import { judgeCompleteness } from './completeness.js';
import { countPoints } from './count-points.js';
import { foretellLosses, type Loss, type LossSide } from './foretell-losses.js';
import { type JobState, openJob } from './job-state.js';
import { type LoadedCollection, loadCollection } from './load-collections.js';
import {
  type MigratedCollectionPlan,
  type MigrationPlan,
  migrationPlanSchema,
  planMigration,
} from './migration-plan.js';
import { type CollectionOpener, openCollection } from './open-collection.js';
import { prepareTargets } from './prepare-targets.js';
import type { ProgressListener } from './progress.js';
import { repositorySource, type Selection } from './repository-source.js';
import type { TargetEvent, TargetMode, TargetStore } from './target-store.js';
import { verifyMigration } from './verify-migration.js';

/** The store a migration reads from; an `OpenStore` of core fits. */
export interface MigrationSource extends CollectionOpener, LossSide {
  /** As it may be shown. */
  readonly url: string;
}

/** What to move, and where to. */
export interface MigrateRequest {
  readonly source: MigrationSource;
  /** Names of collections. */
  readonly collections: readonly string[];
  /** Of divided collections, these tenants; all of them if not said. */
  readonly tenants?: readonly string[] | undefined;
  readonly target: TargetStore;
  /** The target collection's name; the source's if not said. Needs a single collection. */
  readonly as?: string | undefined;
  readonly mode: TargetMode;
  readonly selection?: Selection | undefined;
  /** Read the target back and compare every point. For `append` there is nothing to compare. */
  readonly verify?: boolean | undefined;
  /** Slices moved at the same time, 2 if not said. */
  readonly parallel?: number | undefined;
  /** Points a page and a write at most; the providers' own numbers if not said. */
  readonly batchSize?: number | undefined;
  /** A folder of this migration's own, where it remembers its plan and what is written; without one it cannot be resumed. */
  readonly state?: Storage | undefined;
  /** Go on with an unfinished migration of the same collections; without one, begin. */
  readonly resume?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly onTarget?: ((event: TargetEvent) => void) | undefined;
  /** Told before anything is changed, and may throw to stop: what the pair of stores cannot keep, by collection. */
  readonly onLosses?: ((losses: Readonly<Record<string, readonly Loss[]>>) => void) | undefined;
}

/** One migrated collection. */
export interface MigratedCollection {
  readonly name: string;
  readonly target: string;
  /** Points read from the source. */
  readonly read: number;
  readonly accepted: number;
  readonly refused: number;
  /** The first 1,000 refused points, each with its reason. */
  readonly failed: readonly WriteFailure[];
  readonly losses: readonly Loss[];
  readonly comparison?: Comparison | undefined;
  readonly notVerified?: string | undefined;
}

/** The outcome of a migration. */
export interface MigrationReport {
  readonly collections: readonly MigratedCollection[];
  /** Nothing was refused, and what was verified is equal. */
  readonly complete: boolean;
  readonly resumed: boolean;
  /** Each a sentence; a source that changed while it was read is one. */
  readonly warnings: readonly string[];
}

/**
 * Move collections from one store into another, page by page and without files. What the pair cannot keep is told
 * first, every target is checked and made before the first point is written, and at the end points are counted on both
 * sides. The plan is pinned before the first read; with a `state` folder an interrupted or killed migration goes on
 * where it was, as points are replaced by id.
 *
 * @throws VecportError as `importDataset` does, `incomplete` when the source gave fewer points than it has.
 */
export async function migrateCollections(request: MigrateRequest): Promise<MigrationReport> {
  checkNames(request);
  const repositories = await openSources(request);
  const job = await openJob({
    storage: request.state,
    resume: request.resume,
    plan: async () => asJson(await planMigration(repositories, request.selection ?? {}, request.signal)),
    terms: termsOf(request, repositories),
    signal: request.signal,
  });
  try {
    return await runMigration(request, repositories, parsePlan(job.plan), job);
  } finally {
    await job.release();
  }
}

function checkNames({ collections, as }: MigrateRequest): void {
  if (as === undefined || collections.length === 1) return;
  throw new VecportError('invalid-argument', `One name cannot stand for ${collections.length} collections.`, {
    advice: 'Move them one by one, or leave the new name out.',
  });
}

type Sources = readonly (readonly IVectorSearchRepository[])[];

async function openSources({ source, collections, tenants, signal }: MigrateRequest): Promise<Sources> {
  const groups: (readonly IVectorSearchRepository[])[] = [];
  for (const name of collections) {
    const group = await openCollection(source, name, { tenants, signal });
    for (const repository of group) requireCapability(repository, 'exportAll');
    groups.push(group);
  }
  return groups;
}

async function runMigration(
  request: MigrateRequest,
  sources: Sources,
  plan: MigrationPlan,
  job: JobState,
): Promise<MigrationReport> {
  const losses = plan.collections.map((collection, at) => lossesOf(request, collection, sources[at]));
  request.onLosses?.(Object.fromEntries(plan.collections.map(({ name }, at) => [name, losses[at] ?? []])));
  await prepareTargets({
    ...request,
    job,
    sourceProvider: request.source.provider,
    wanted: plan.collections.map(({ name, description, divided }) => ({
      name: request.as ?? name,
      description,
      divided,
    })),
  });
  const warnings: string[] = [];
  const collections: MigratedCollection[] = [];
  for (const [at, collection] of plan.collections.entries()) {
    const group = sources[at] ?? [];
    const moved = await moveCollection(request, collection, group, at, job);
    warnings.push(...(await judgeUnits(request, collection, group, moved)));
    collections.push({
      name: collection.name,
      target: request.as ?? collection.name,
      read: sumDigests(moved.digests).count,
      accepted: moved.accepted,
      refused: moved.refused,
      failed: moved.failed,
      losses: losses[at] ?? [],
      ...(await verified(request, collection, group, moved)),
    });
  }
  await job.remove();
  const complete = collections.every(({ refused, comparison }) => refused === 0 && comparison?.equal !== false);
  return { collections, complete, resumed: job.resumed, warnings };
}

function lossesOf(
  { source, target }: MigrateRequest,
  { description, divided }: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[] | undefined,
): readonly Loss[] {
  const traits = group?.[0]?.traits ?? source.traits;
  return foretellLosses(description, divided, { provider: source.provider, traits }, target);
}

async function moveCollection(
  request: MigrateRequest,
  collection: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  index: number,
  job: JobState,
): Promise<LoadedCollection> {
  const { target, parallel = 2, batchSize, signal, onProgress } = request;
  const units = collection.units.map((unit, at) => ({
    tenant: unit.tenant,
    slices: unit.slices.slices,
    source: () => repositorySource(group[at] as IVectorSearchRepository, request.selection, batchSize),
  }));
  const total = collection.units.reduce<number | undefined>(
    (sum, { expected }) => (sum === undefined || expected === undefined ? undefined : sum + expected),
    0,
  );
  const load = { name: collection.name, target: request.as ?? collection.name, units, total };
  return loadCollection(load, index, { target, job, parallel, batchSize, signal, onProgress });
}

/** Whether each unit was read whole. Gives warnings. @throws VecportError `incomplete`. */
async function judgeUnits(
  { selection, signal }: MigrateRequest,
  { name, units }: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  { digests }: LoadedCollection,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const [at, unit] of units.entries()) {
    const repository = group[at] as IVectorSearchRepository;
    const verdict = judgeCompleteness(
      {
        before: unit.expected,
        after: await countPoints(repository, selection?.filter, signal),
        exported: digests[at]?.count ?? 0,
        duplicates: 0,
        snapshotBefore: unit.slices.snapshot,
        snapshotAfter: await repository.revision?.({ signal }),
        countsLate: repository.traits.eventual?.includes('count'),
      },
      unit.slices.consistency === 'snapshot',
    );
    await repository.releaseSlices?.(unit.slices, { signal });
    if (verdict.problem !== undefined) {
      throw new VecportError('incomplete', `The migration is not complete: ${verdict.problem}.`, {
        provider: repository.provider,
        collection: name,
        operation: 'migrate',
        advice: 'Move it again, without writers if it happens again.',
      });
    }
    if (verdict.warning !== undefined) {
      warnings.push(`${name}${unit.tenant === undefined ? '' : `, tenant '${unit.tenant}'`}: ${verdict.warning}.`);
    }
  }
  return warnings;
}

async function verified(
  { verify, mode, selection, signal, onProgress }: MigrateRequest,
  collection: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  moved: LoadedCollection,
): Promise<Pick<MigratedCollection, 'comparison' | 'notVerified'>> {
  if (verify !== true || mode === 'append') return {};
  const absent = moved.repositories.find((repository) => repository.exportAll === undefined);
  if (absent !== undefined) return { notVerified: absent.advise('exportAll').reason };
  return { comparison: await verifyMigration({ collection, sources: group, moved, selection, signal, onProgress }) };
}

/** What a migration must have in common with the one it goes on with. */
function termsOf(request: MigrateRequest, sources: Sources): Readonly<Record<string, JsonValue>> {
  const { source, target, mode, as, selection = {} } = request;
  return {
    work: 'migration',
    source: [source.provider, source.url],
    target: [target.provider, target.url, as ?? null],
    mode,
    collections: request.collections.map((name, at) => [
      name,
      ...(sources[at] ?? []).flatMap(({ tenant }) => tenant ?? []),
    ]),
    selection: asJson(selection),
  };
}

function asJson(value: unknown): JsonValue {
  return parseJson(stringifyJson(value));
}

function parsePlan(value: JsonValue): MigrationPlan {
  const { data } = migrationPlanSchema.safeParse(value);
  if (data !== undefined) return data;
  throw new VecportError('corrupt-data', 'The plan of the unfinished migration is damaged, or of another version.', {
    advice: 'Remove the folder of the migration and start again.',
  });
}
