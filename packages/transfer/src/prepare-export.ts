import { type IVectorSearchRepository, stringifyJson, VecportError } from '@vecport/abstractions';
import { MANIFEST_PATH, PLAN_PATH, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type CollectionPlan, type ExportPlan, partRowsFor, partSchemaFor, sliceCountFor } from './export-plan.js';
import { planSlices, type Selection } from './repository-source.js';

/** Folder of the checkpoints of an unfinished export. */
export const STATE_FOLDER = 'state';

/** What an export is asked to do; becomes part of the plan. */
export interface PlanRequest {
  readonly id: string;
  readonly tool: ExportPlan['tool'];
  readonly source: ExportPlan['source'];
  readonly repositories: readonly IVectorSearchRepository[];
  readonly selection: Selection;
  readonly encoding: ExportPlan['encoding'];
  /** Rows of a part; from the dimensions if not said. */
  readonly partRows?: number | undefined;
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
  refuseTwins(request.repositories.map(({ collection }) => collection));
  const collections: CollectionPlan[] = [];
  for (const repository of request.repositories) collections.push(await planCollection(repository, request));
  const { id, tool, source, encoding } = request;
  return { planVersion: 1, id, tool, source, startedAt: new Date().toISOString(), encoding, collections };
}

function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin === undefined) return;
  throw new VecportError('invalid-argument', `The collection '${twin}' is named twice.`, { operation: 'export' });
}

async function planCollection(repository: IVectorSearchRepository, request: PlanRequest): Promise<CollectionPlan> {
  const { selection, signal } = request;
  const description = await repository.describe({ signal });
  const partRows = request.partRows ?? partRowsFor(description);
  const count = await repository.count(selection.filter, { signal });
  const slices = await planSlices(repository, sliceCountFor(count, partRows), selection, signal);
  return {
    name: repository.collection,
    description,
    schema: partSchemaFor(description, repository.traits.timestamps),
    selection,
    slices,
    partRows,
    expected:
      slices.slices.reduce<number | undefined>(
        (sum, { points }) => (sum === undefined || points === undefined ? undefined : sum + points),
        0,
      ) ?? count,
  };
}

/** Pin a plan beside the data. */
export async function savePlan(storage: Storage, plan: ExportPlan): Promise<void> {
  await writeText(storage, PLAN_PATH, `${stringifyJson(plan)}\n`);
}
