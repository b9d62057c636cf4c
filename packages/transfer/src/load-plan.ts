import { type IVectorSearchRepository, parseJson, stringifyJson, VecportError } from '@vecport/abstractions';
import { type Manifest, type ManifestCollection, PLAN_PATH, readText } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { CollectionPlan, ExportPlan, PlannedSelection } from './export-plan.js';
import { isExportPlan } from './plan-schema.js';
import { groupTenants, type PlanRequest } from './prepare-export.js';
import { sameJson } from './same-json.js';

/**
 * The pinned plan of an unfinished export, if it still is what is asked for.
 * @throws VecportError `invalid-argument` when the request differs from the plan, `source-changed`,
 * `corrupt-data` when the plan is damaged or of another version.
 */
export async function loadPlan(storage: Storage, request: PlanRequest): Promise<ExportPlan> {
  const plan = parsePlan(await readText(storage, PLAN_PATH), storage.url);
  const selections = plan.collections.map(({ selection }) => selection);
  const difference =
    differenceOf(termsOf(request), { ...termsOfExport(plan), selections }) ??
    partSizeDifference(plan, request) ??
    readDifference(plan, request);
  if (difference !== undefined) {
    throw new VecportError(
      'invalid-argument',
      `The unfinished export in ${storage.url} was started with another ${difference}.`,
      { advice: 'Resume with the same options, or choose another folder.' },
    );
  }
  for (const [index, [repository]] of groupTenants(request.repositories).entries())
    if (repository !== undefined) await checkSource(repository, plan, index, request);
  return plan;
}

/**
 * Let a resumed request pass that finds a complete dataset only when that is what it would have made.
 * @throws VecportError `already-exists` when the dataset is one of something else.
 */
export function checkCompleted(manifest: Manifest, request: PlanRequest, url: string): void {
  const selections = manifest.collections.map(({ selection = {} }) => selection);
  const difference = differenceOf(termsOf(request), { ...termsOfExport(manifest), selections });
  if (difference === undefined) return;
  throw new VecportError('already-exists', `${url} holds a complete dataset with another ${difference}.`, {
    advice: 'Choose another folder.',
  });
}

/** A plan as it was saved. @throws VecportError `corrupt-data` when it is damaged or of another version. */
export function parsePlan(text: string | undefined, url: string): ExportPlan {
  const advice = 'Remove the unfinished export and start again.';
  let plan: unknown;
  try {
    plan = parseJson(text ?? 'null');
  } catch (cause) {
    throw new VecportError('corrupt-data', `${PLAN_PATH} in ${url} is not JSON.`, { advice, cause });
  }
  if (isExportPlan(plan)) return plan;
  throw new VecportError('corrupt-data', `${PLAN_PATH} in ${url} is not a plan of this version, or it is damaged.`, {
    advice,
  });
}

/** What a resumed run must have in common with what is there. */
interface Terms {
  readonly source: readonly [provider: string, url: string | null];
  /** `<collection>`, or `<collection>#<tenant>` for each of its tenants. */
  readonly collections: readonly string[];
  readonly selections: readonly PlannedSelection[];
  readonly encoding: ExportPlan['encoding'];
  readonly parent: ExportPlan['parent'] | null;
  /** With the key field. */
  readonly layout: readonly [layout: string, keyField: string | null];
}

function termsOf({ source, repositories, selection, encoding, parent, layout, keyField }: PlanRequest): Terms {
  return {
    source: [source.provider, source.url ?? null],
    collections: groupTenants(repositories).flatMap((group) =>
      group.map(({ collection, tenant }) => placeName(collection, tenant)),
    ),
    selections: groupTenants(repositories).map(() => selection),
    encoding,
    parent: parent ?? null,
    layout: [layout ?? 'native', keyField ?? null],
  };
}

function termsOfExport({
  source,
  collections,
  encoding,
  parent,
  layout,
  keyField,
}: Pick<ExportPlan | Manifest, 'source' | 'collections' | 'encoding' | 'parent' | 'layout' | 'keyField'>): Omit<
  Terms,
  'selections'
> {
  return {
    source: [source.provider, source.url ?? null],
    collections: collections.flatMap((collection) =>
      tenantsOf(collection).map((tenant) => placeName(collection.name, tenant)),
    ),
    encoding,
    parent: parent ?? null,
    layout: [layout ?? 'native', keyField ?? null],
  };
}

function tenantsOf(collection: CollectionPlan | ManifestCollection): readonly (string | undefined)[] {
  if ('units' in collection) return collection.units.map(({ tenant }) => tenant);
  return collection.tenants?.map(({ name }) => name) ?? [undefined];
}

function placeName(collection: string, tenant: string | undefined): string {
  return tenant === undefined ? collection : `${collection}#${tenant}`;
}

/** The first term that differs, with both values; `undefined` when they are the same. */
function differenceOf(asked: Terms, found: Terms): string | undefined {
  for (const term of ['source', 'collections', 'selections', 'encoding', 'parent', 'layout'] as const) {
    if (sameJson(asked[term], found[term])) continue;
    if (term === 'selections') return selectionDifference(asked.selections, found.selections);
    return `${term}: ${stringifyJson(found[term])}, not ${stringifyJson(asked[term])}`;
  }
  return undefined;
}

/** What of a selection differs: all collections of a request have the same. */
function selectionDifference(
  [asked = {}]: readonly PlannedSelection[],
  [found = {}]: readonly PlannedSelection[],
): string {
  const names = [...new Set([...Object.keys(asked), ...Object.keys(found)])] as (keyof PlannedSelection)[];
  const differing = names.filter((name) => !sameJson(asked[name] ?? null, found[name] ?? null));
  const shown = (selection: PlannedSelection, name: keyof PlannedSelection): string =>
    selection[name] === undefined ? 'nothing' : stringifyJson(selection[name]);
  return `selection: ${differing.map((name) => `${name} ${shown(found, name)}, not ${shown(asked, name)}`).join('; ')}`;
}

function partSizeDifference({ collections }: ExportPlan, { partRows, partBytes }: PlanRequest): string | undefined {
  const otherRows = collections.find((collection) => partRows !== undefined && collection.partRows !== partRows);
  if (otherRows !== undefined) return `partRows: ${otherRows.partRows}, not ${partRows}`;
  const otherBytes = collections.find((collection) => collection.partBytes !== partBytes);
  return otherBytes && `partBytes: ${otherBytes.partBytes ?? 'none'}, not ${partBytes ?? 'none'}`;
}

function readDifference(
  { read: found = 'scan' }: ExportPlan,
  { read: asked = 'scan' }: PlanRequest,
): string | undefined {
  return found === asked ? undefined : `read: ${found}, not ${asked}`;
}

async function checkSource(
  repository: IVectorSearchRepository,
  plan: ExportPlan,
  index: number,
  { signal, describe = (description) => description }: PlanRequest,
): Promise<void> {
  const { vectors, idKinds: own } = describe(await repository.describe({ signal }));
  const idKinds = plan.keyField === undefined ? own : ['string'];
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
