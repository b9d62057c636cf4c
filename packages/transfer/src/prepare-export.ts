import { type IVectorSearchRepository, parseJson, stringifyJson, VecportError } from '@vecport/abstractions';
import { PLAN_PATH, readText, writeText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type CollectionPlan, type ExportPlan, partRowsFor, partSchemaFor, sliceCountFor } from './export-plan.js';
import { planSlices, type Selection } from './repository-source.js';
import { sameJson } from './same-json.js';

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
    if (entry.path === 'manifest.json') return 'complete';
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
  const collections: CollectionPlan[] = [];
  for (const repository of request.repositories) collections.push(await planCollection(repository, request));
  const { id, tool, source, encoding } = request;
  return { planVersion: 1, id, tool, source, startedAt: new Date().toISOString(), encoding, collections };
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

/**
 * The pinned plan of an unfinished export, if it still is what is asked for.
 * @throws VecportError `invalid-argument` when the request differs from the plan, `corrupt-data`.
 */
export async function loadPlan(storage: Storage, request: PlanRequest): Promise<ExportPlan> {
  const plan = parseJson((await readText(storage, PLAN_PATH)) ?? 'null') as unknown as ExportPlan | null;
  if (plan?.planVersion !== 1 || !Array.isArray(plan.collections)) {
    throw new VecportError('corrupt-data', `${PLAN_PATH} in ${storage.url} is not a plan of this version.`, {
      advice: 'Remove the unfinished export and start again.',
    });
  }
  const [asked, pinned] = [termsOf(request), termsOfPlan(plan, request)];
  for (const term of Object.keys(asked) as (keyof Terms)[]) {
    if (sameJson(asked[term], pinned[term])) continue;
    throw new VecportError(
      'invalid-argument',
      `The unfinished export in ${storage.url} was started with another ${term}: ${stringifyJson(pinned[term])}, not ${stringifyJson(asked[term])}.`,
      { advice: 'Resume with the same options, or choose another folder.' },
    );
  }
  for (const [index, repository] of request.repositories.entries()) await checkSource(repository, plan, index, request);
  return plan;
}

/** What a resumed run must have in common with the plan. */
interface Terms {
  readonly source: readonly [provider: string, url: string | null];
  readonly collections: readonly string[];
  readonly selection: Selection;
  readonly encoding: ExportPlan['encoding'];
  /** `null` when the request leaves it to the plan. */
  readonly partRows: number | null;
}

function termsOf({ source, repositories, selection, encoding, partRows }: PlanRequest): Terms {
  return {
    source: [source.provider, source.url ?? null],
    collections: repositories.map(({ collection }) => collection),
    selection,
    encoding,
    partRows: partRows ?? null,
  };
}

function termsOfPlan({ source, collections, encoding }: ExportPlan, request: PlanRequest): Terms {
  const [first] = collections;
  return {
    source: [source.provider, source.url ?? null],
    collections: collections.map(({ name }) => name),
    selection: first?.selection ?? {},
    encoding,
    partRows: request.partRows === undefined ? null : (first?.partRows ?? null),
  };
}

async function checkSource(
  repository: IVectorSearchRepository,
  plan: ExportPlan,
  index: number,
  { signal }: PlanRequest,
): Promise<void> {
  const { vectors, idKinds } = await repository.describe({ signal });
  const planned = plan.collections[index]?.description;
  if (sameJson({ vectors, idKinds }, { vectors: planned?.vectors, idKinds: planned?.idKinds })) return;
  throw new VecportError(
    'source-changed',
    'The collection is no longer the one the unfinished export was planned for.',
    {
      provider: repository.provider,
      collection: repository.collection,
      operation: 'export',
      advice: 'Remove the unfinished export and start again.',
    },
  );
}
