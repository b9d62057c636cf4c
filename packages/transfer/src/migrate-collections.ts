import {
  type IVectorSearchRepository,
  isVecportError,
  type JsonValue,
  parseJson,
  requireCapability,
  stringifyJson,
  VecportError,
} from '@vecport/abstractions';
import { judgeCompleteness } from './completeness.js';
import { countPoints } from './count-points.js';
import { beginState, dispatchLoad } from './dispatch-load.js';
import { foretellLosses, type Loss } from './foretell-losses.js';
import { type JobState, openJob } from './job-state.js';
import { type LoadCollection, type LoadedCollection, loadCollection } from './load-collections.js';
import type { MigratedCollection, MigrateRequest, MigrationReport } from './migrate-request.js';
import {
  type MigratedCollectionPlan,
  type MigrationPlan,
  migrationPlanSchema,
  planCollection,
  planMigration,
} from './migration-plan.js';
import { openCollection } from './open-collection.js';
import { type PrepareRequest, prepareTargets } from './prepare-targets.js';
import { defaultQuarantineFile, openQuarantine, type Quarantine } from './quarantine.js';
import { refuseItself } from './refuse-itself.js';
import { repositorySource } from './repository-source.js';
import { retryingSource } from './retrying-source.js';
import { checkParity, compareSearches, type ParityUnit } from './search-parity.js';
import { allPoints, describedBy, transformedBy } from './transformed-dataset.js';
import { verifyMigration } from './verify-migration.js';

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
  if (request.searchParity !== undefined) checkParity(request.searchParity);
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
  await refuseItself(request, plan, job);
  await prepareTargets(targetsOf(request, plan, job));
  await beginState(request.state, job.resumed);
  await dispatchLoad({
    ...request,
    job,
    ...{ target: request.target, bulk: request.mode !== 'append', state: request.state, dispatch: request.dispatch },
    collections: plan.collections.map((collection, at) => loadOfMigration(request, collection, sources[at] ?? [])),
  });
  const quarantine = request.state && (await openQuarantine(request.state, true));
  const warnings: string[] = [];
  const collections: MigratedCollection[] = [];
  const searched: ParityUnit[] = [];
  let current = plan;
  for (const at of plan.collections.keys()) {
    const group = sources[at] ?? [];
    const { moved, restarted, ...after } = await moveOrRestart(request, current, group, at, { job, quarantine });
    current = after.plan;
    const collection = current.collections[at] as MigratedCollectionPlan;
    warnings.push(...restarted);
    searched.push(...parityUnits(request, collection, group, moved));
    warnings.push(...(await judgeUnits(request, collection, group, moved)));
    collections.push({
      name: collection.name,
      target: request.as ?? collection.name,
      read: moved.read.reduce((sum, points) => sum + points, 0),
      accepted: moved.accepted,
      refused: moved.refused,
      failed: moved.failed,
      losses: losses[at] ?? [],
      ...(await verified(request, collection, group, moved)),
    });
  }
  const parity = request.searchParity && (await compareSearches(searched, request.searchParity, request.signal));
  const quarantined =
    request.state && (await quarantine?.collect(request.quarantine ?? defaultQuarantineFile(request.state)));
  await job.remove();
  await quarantine?.clear();
  const equal = collections.every(({ refused, comparison }) => refused === 0 && comparison?.equal !== false);
  const complete = equal && parity?.ok !== false;
  return { collections, complete, quarantine: quarantined, parity, resumed: job.resumed, warnings };
}

function targetsOf(request: MigrateRequest, { collections }: MigrationPlan, job: JobState): PrepareRequest {
  return {
    ...request,
    job,
    sourceProvider: request.source.provider,
    wanted: collections.map(({ name, description, divided }) => ({
      name: request.as ?? name,
      description: describedBy(description, request.transform),
      divided,
    })),
  };
}

function lossesOf(
  { source, target, transform }: MigrateRequest,
  { description, divided }: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[] | undefined,
): readonly Loss[] {
  const traits = group?.[0]?.traits ?? source.traits;
  return foretellLosses(describedBy(description, transform), divided, { provider: source.provider, traits }, target);
}

interface MigrationTools {
  readonly job: JobState;
  readonly quarantine: Quarantine | undefined;
}

interface Moved {
  /** The plan it was moved by. */
  readonly plan: MigrationPlan;
  readonly moved: LoadedCollection;
  /** That it was read from its start again, a sentence; none when it was not. */
  readonly restarted: readonly string[];
}

/**
 * Move a collection; from its start again when this run goes on with one whose state at its start the provider holds
 * no more. What was written is dropped with its target then, except with `append`.
 */
async function moveOrRestart(
  request: MigrateRequest,
  plan: MigrationPlan,
  group: readonly IVectorSearchRepository[],
  index: number,
  tools: MigrationTools,
): Promise<Moved> {
  const { target, mode, signal } = request;
  const planned = plan.collections[index] as MigratedCollectionPlan;
  try {
    return { plan, moved: await moveCollection(request, planned, group, index, tools), restarted: [] };
  } catch (error) {
    if (!tools.job.resumed || request.dispatch !== undefined || !isVecportError(error) || error.code !== 'expired')
      throw error;
    // In this order: whoever dies in between finds a target that is gone, and makes it again.
    if (mode !== 'append') await target.drop(request.as ?? planned.name, { signal });
    await tools.job.forget(index);
    await tools.quarantine?.forget(index);
    const collection = await planCollection(group, request.selection ?? {}, signal);
    const again = { ...plan, collections: plan.collections.with(index, collection) };
    await tools.job.replacePlan(asJson(again));
    await prepareTargets(targetsOf(request, again, tools.job));
    const why = `the provider could not go on (${error.reason.replace(/\.$/, '')})`;
    const left = mode === 'append' ? '; points that are gone since then are still in the target' : '';
    return {
      plan: again,
      moved: await moveCollection(request, collection, group, index, tools),
      restarted: [`${collection.name}: it was read from its start again: ${why}${left}.`],
    };
  }
}

async function moveCollection(
  request: MigrateRequest,
  collection: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  index: number,
  { job, quarantine }: MigrationTools,
): Promise<LoadedCollection> {
  const { target, mode, parallel = 2, batchSize, signal, onProgress } = request;
  const load = loadOfMigration(request, collection, group);
  const [bulk, dispatched] = [mode !== 'append', request.dispatch !== undefined];
  return loadCollection(load, index, {
    ...{ target, job, quarantine, bulk, dispatched, parallel, batchSize, signal, onProgress },
  });
}

/** How a collection of a migration is moved: its units are read from `group`. */
export function loadOfMigration(
  request: Pick<MigrateRequest, 'selection' | 'batchSize' | 'transform' | 'as'>,
  collection: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
): LoadCollection {
  const { transform, batchSize } = request;
  const units = collection.units.map((unit, at) => ({
    tenant: unit.tenant,
    slices: unit.slices.slices,
    source: () =>
      transformedBy(
        retryingSource(repositorySource(group[at] as IVectorSearchRepository, request.selection, batchSize), {}),
        collection.description,
        transform,
      ),
  }));
  const total = collection.units.reduce<number | undefined>(
    (sum, { expected }) => (sum === undefined || expected === undefined ? undefined : sum + expected),
    0,
  );
  return { name: collection.name, target: request.as ?? collection.name, units, total };
}

/** Whether each unit was read whole. Gives warnings. @throws VecportError `incomplete`. */
async function judgeUnits(
  { selection, signal }: MigrateRequest,
  { name, units }: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  { read }: LoadedCollection,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const [at, unit] of units.entries()) {
    const repository = group[at] as IVectorSearchRepository;
    const verdict = judgeCompleteness(
      {
        before: unit.expected,
        after: await countPoints(repository, selection?.filter, signal),
        exported: read[at] ?? 0,
        duplicates: 0,
        revisionBefore: unit.revision,
        revisionAfter: await repository.revision?.({ signal }),
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

function parityUnits(
  { selection = {}, transform, signal }: MigrateRequest,
  { description }: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  { repositories }: LoadedCollection,
): readonly ParityUnit[] {
  return repositories.map((target, at) => {
    const source = group[at] as IVectorSearchRepository;
    return {
      description: describedBy(description, transform),
      points: () => allPoints(source, selection, description, transform, signal),
      source: transform === undefined ? source : undefined,
      filter: selection.filter,
      target,
    };
  });
}

async function verified(
  { verify, mode, selection, transform, signal, onProgress }: MigrateRequest,
  collection: MigratedCollectionPlan,
  group: readonly IVectorSearchRepository[],
  moved: LoadedCollection,
): Promise<Pick<MigratedCollection, 'comparison' | 'notVerified'>> {
  if (verify !== true || mode === 'append') return {};
  const absent = moved.repositories.find((repository) => repository.exportAll === undefined);
  if (absent !== undefined) return { notVerified: absent.advise('exportAll').reason };
  const request = { collection, sources: group, moved, selection, transform, signal, onProgress };
  return { comparison: await verifyMigration(request) };
}

/** What a migration must have in common with the one it goes on with. */
function termsOf(request: MigrateRequest, sources: Sources): Readonly<Record<string, JsonValue>> {
  const { source, target, mode, as, transform, selection = {} } = request;
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
    ...(transform && { transform: transform.sha256 }),
  };
}

function asJson(value: unknown): JsonValue {
  return parseJson(stringifyJson(value));
}

/** A migration's plan as it was saved. @throws VecportError `corrupt-data` when it is none. */
export function parsePlan(value: JsonValue): MigrationPlan {
  const { data } = migrationPlanSchema.safeParse(value);
  if (data !== undefined) return data;
  throw new VecportError('corrupt-data', 'The plan of the unfinished migration is damaged, or of another version.', {
    advice: 'Remove the folder of the migration and start again.',
  });
}
