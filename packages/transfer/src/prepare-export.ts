import {
  type CollectionDescription,
  type IVectorSearchRepository,
  stringifyJson,
  VecportError,
} from '@vecport/abstractions';
import { MANIFEST_PATH, PLAN_PATH, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { countPoints } from './count-points.js';
import {
  type CollectionPlan,
  type ExportPlan,
  evenSliceCountFor,
  type PlannedSelection,
  partRowsFor,
  partSchemaFor,
  type ReadMode,
  sliceCountFor,
  type UnitPlan,
} from './export-plan.js';
import { planIdSlices } from './id-list.js';
import type { PlannedParent } from './increment.js';
import { inPlannedLayout } from './plan-layouts.js';
import { planSlices } from './repository-source.js';

/** Folder of the checkpoints of an unfinished export. */
export const STATE_FOLDER = 'state';

/** What an export is asked to do; becomes part of the plan. */
export interface PlanRequest {
  readonly id: string;
  readonly tool: ExportPlan['tool'];
  readonly source: ExportPlan['source'];
  readonly repositories: readonly IVectorSearchRepository[];
  readonly selection: PlannedSelection;
  readonly parent?: PlannedParent | undefined;
  /** What a transform makes of a collection's description. */
  readonly describe?: ((description: CollectionDescription) => CollectionDescription) | undefined;
  readonly read?: ReadMode | undefined;
  readonly encoding: ExportPlan['encoding'];
  readonly layout?: ExportPlan['layout'];
  readonly keyField?: string | undefined;
  /** Rows of a part; from the dimensions if not said. */
  readonly partRows?: number | undefined;
  /** Bytes of the records of a part; by rows alone if not said. */
  readonly partBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is found at the place an export is to be written to. */
export type TargetState = 'empty' | 'unfinished' | 'complete';

/**
 * Look at the target of an export.
 * @throws VecportError `already-exists` when something else lies there.
 */
export async function inspectTarget(storage: Storage, signal: AbortSignal | undefined): Promise<TargetState> {
  const found: string[] = [];
  for await (const entry of storage.list('', { signal })) {
    if (entry.path === MANIFEST_PATH) return 'complete';
    found.push(entry.path);
  }
  if (found.includes(PLAN_PATH)) return 'unfinished';
  if (found.length === 0) return 'empty';
  throw new VecportError(
    'already-exists',
    `${storage.url} is not empty: it holds ${found[0]}, which is not part of an export.`,
    {
      advice: 'Choose a new folder.',
    },
  );
}

/** Ask the source what it is, and fix how it will be read. Reads no points and writes nothing. */
export async function makePlan(request: PlanRequest): Promise<ExportPlan> {
  const groups = groupTenants(request.repositories);
  const collections: CollectionPlan[] = [];
  for (const repositories of groups) collections.push(await planCollection(repositories, request));
  const { id, tool, source, parent, encoding, layout, keyField, read } = request;
  const startedAt = new Date().toISOString();
  const plan = { id, tool, source, parent, startedAt, encoding, layout, keyField, read, collections };
  return inPlannedLayout({ planVersion: 1, ...plan });
}

/**
 * The repositories by collection, in their order: one for a collection without tenants, else one a tenant.
 * @throws VecportError `invalid-argument` when one is there twice, or a collection with and without tenant.
 */
export function groupTenants(
  repositories: readonly IVectorSearchRepository[],
): readonly (readonly IVectorSearchRepository[])[] {
  const groups = [...Map.groupBy(repositories, ({ collection }) => collection).values()];
  for (const group of groups) {
    const tenants = group.map(({ tenant }) => tenant);
    const twin = tenants.find((tenant, at) => tenants.indexOf(tenant) !== at || (tenant === undefined && at > 0));
    const [{ collection } = { collection: '' }] = group;
    if (new Set(tenants).size === tenants.length && !(tenants.includes(undefined) && tenants.length > 1)) continue;
    const which = twin === undefined ? '' : `, tenant '${twin}'`;
    throw new VecportError('invalid-argument', `The collection '${collection}'${which} is named twice.`, {
      operation: 'export',
    });
  }
  return groups;
}

async function planCollection(
  repositories: readonly IVectorSearchRepository[],
  request: PlanRequest,
): Promise<CollectionPlan> {
  const { selection, signal, describe = (own) => own } = request;
  refuseSeveral(request);
  const repository = repositories[0] as IVectorSearchRepository;
  const description = describe(await repository.describe({ signal }));
  const { partBytes } = request;
  const partRows = request.partRows ?? partRowsFor(description, request);
  const isFree = request.partRows === undefined && partBytes === undefined && !saysRowGroups(request);
  const sliceCount = (points: number | undefined): number =>
    isFree ? evenSliceCountFor(points, description) : sliceCountFor(points, partRows);
  const units: UnitPlan[] = [];
  for (const part of repositories) units.push(await planUnit(part, { ...request, sliceCount, signal }));
  return {
    name: repository.collection,
    description,
    schema: partSchemaFor(description, repository.traits.timestamps),
    selection,
    partRows,
    partBytes,
    units,
  };
}

/** What the plan of a unit follows from. */
interface UnitRequest extends Pick<PlanRequest, 'selection' | 'read' | 'signal'> {
  /** How many slices so many points are worth. */
  sliceCount(points: number | undefined): number;
}

/** Whether the rows of row groups are said, which the end of a slice cuts short. */
function saysRowGroups({ encoding }: PlanRequest): boolean {
  return encoding.format === 'parquet' && encoding.rowGroupRows !== undefined;
}

/** Cut a unit into slices. @throws VecportError `not-supported` when it cannot be read. */
export async function planUnit(
  repository: IVectorSearchRepository,
  { selection, read, sliceCount, signal }: UnitRequest,
): Promise<UnitPlan> {
  const { tenant } = repository;
  const { ids, limit } = selection;
  if (ids !== undefined) {
    return { tenant, slices: planIdSlices(ids.count, sliceCount(ids.count)), expected: ids.count };
  }
  const revision = await repository.revision?.({ signal });
  const count = await countPoints(repository, selection.filter, signal);
  const wanted = count === undefined ? undefined : Math.min(count, limit ?? count);
  const slices = await planSlices(repository, sliceCount(wanted), selection, signal);
  const known = slices.slices.reduce<number | undefined>(
    (sum, { points }) => (sum === undefined || points === undefined ? undefined : sum + points),
    0,
  );
  // Points got by their ids are as they are then, whatever the ids were read from.
  const consistency = read === 'two-pass' ? 'scan' : slices.consistency;
  return { tenant, slices: { ...slices, consistency }, expected: known ?? count, revision };
}

/** A list of ids belongs to one collection, and to one of its tenants. */
function refuseSeveral({ repositories, selection: { ids, filter } }: PlanRequest): void {
  if (ids === undefined) return;
  const operation = 'export';
  if (filter !== undefined) {
    throw new VecportError('invalid-argument', 'A filter and a list of ids exclude each other.', { operation });
  }
  if (repositories.length === 1) return;
  throw new VecportError(
    'invalid-argument',
    `A list of ids belongs to one collection or tenant; ${repositories.length} are named.`,
    { operation, advice: 'Name one.' },
  );
}

/** Pin a plan beside the data. */
export async function savePlan(storage: Storage, plan: ExportPlan): Promise<void> {
  await writeText(storage, PLAN_PATH, `${stringifyJson(plan)}\n`);
}
