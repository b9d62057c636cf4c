import type { Consistency, IVectorSearchRepository, VectorSpec } from '@vecport/abstractions';
import { batchBytes } from '@vecport/abstractions';
import { withVecportErrors } from '@vecport/dataset';
import { retrying } from './backoff.js';
import { withDeadline } from './deadline.js';
import { assumedRowBytes, type CollectionPlan, type ExportPlan, type UnitPlan } from './export-plan.js';
import { type ExportRequest, parallelOf, planRequestOf } from './export-request.js';
import { loadPlan } from './load-plan.js';
import { groupTenants, inspectTarget, makePlan, type TargetState } from './prepare-export.js';
import { isFilteredHere, sliceAsked } from './repository-source.js';

/** A page that was read to estimate by. */
export interface SamplePage {
  readonly points: number;
  /** Bytes of its columns. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** What is read by itself: a collection without tenants, or one tenant. */
export interface UnitPreview {
  readonly tenant?: string | undefined;
  /** Points the source counted; absent where it cannot count. */
  readonly points?: number | undefined;
  readonly slices: number;
  /** Absent where points are not known. A filter that is applied after reading leaves fewer. */
  readonly parts?: number | undefined;
  readonly consistency: Consistency;
}

/** One collection of a plan, with estimates. */
export interface CollectionPreview {
  readonly name: string;
  readonly vectors: Readonly<Record<string, VectorSpec>>;
  readonly partRows: number;
  readonly units: readonly UnitPreview[];
  /** Of all units, as long as the limit is not reached. */
  readonly points?: number | undefined;
  readonly slices: number;
  readonly parts?: number | undefined;
  /** What makes reading heavy, a sentence of the provider. */
  readonly readCost?: string | undefined;
  /** Absent where the collection is empty. */
  readonly sample?: SamplePage | undefined;
  /** Estimate of the bytes of all columns, before compression: from the sample, else from the dimensions. */
  readonly estimatedBytes?: number | undefined;
  /** Estimate of the time reading takes, from the sample and the slices read at the same time. */
  readonly estimatedMs?: number | undefined;
  /** Sentences without a full stop. */
  readonly warnings: readonly string[];
}

/** What an export would do. */
export interface ExportPreview {
  /** The plan that would be pinned, or the one that is. */
  readonly plan: ExportPlan;
  /** What is at the target. */
  readonly target: TargetState;
  readonly collections: readonly CollectionPreview[];
}

/**
 * Plan an export, or look at the plan of an unfinished one, without writing anything. Of each collection at most one
 * page is read, to estimate by. What the source holds for a new plan is given back.
 * @throws as `exportDataset` does before it reads.
 */
export async function previewExport(asked: ExportRequest): Promise<ExportPreview> {
  return withDeadline(asked.signal, asked.timeoutMs, async (signal) => {
    const request = { ...asked, signal };
    const storage = withVecportErrors(asked.storage);
    const target = await inspectTarget(storage, signal);
    const planRequest = planRequestOf(request);
    const pinned = target === 'unfinished' && request.resume === true;
    const plan = pinned ? await loadPlan(storage, planRequest) : await makePlan(planRequest);
    const groups = groupTenants(request.repositories);
    try {
      const collections: CollectionPreview[] = [];
      let room = request.limit;
      for (const [at, collection] of plan.collections.entries()) {
        const own = await previewCollection(collection, groups[at] ?? [], request, room);
        const preview = { ...own, warnings: [...own.warnings, ...lossesOf(plan, collection.name)] };
        collections.push(preview);
        if (room !== undefined) room = Math.max(0, room - (preview.points ?? 0));
      }
      return { plan, target, collections };
    } finally {
      if (!pinned) await releaseAll(plan, groups);
    }
  });
}

async function previewCollection(
  collection: CollectionPlan,
  repositories: readonly IVectorSearchRepository[],
  request: ExportRequest,
  room: number | undefined,
): Promise<CollectionPreview> {
  const { name, description, partRows, units: planned, selection } = collection;
  const units = planned.map((unit) => previewUnit(unit, partRows));
  const counted = sumKnown(units.map(({ points }) => points));
  const points = counted === undefined ? room : Math.min(counted, room ?? counted);
  const slices = units.reduce((sum, unit) => sum + unit.slices, 0);
  const sample = counted === 0 ? undefined : await readSample(collection, repositories, request);
  const rowBytes = sample === undefined ? assumedRowBytes(description) : sample.bytes / sample.points;
  const workers = room === undefined ? Math.max(1, Math.min(slices, parallelOf(request))) : 1;
  const rowMs = sample === undefined ? undefined : sample.milliseconds / sample.points / workers;
  const [first] = repositories;
  const filteredHere = first !== undefined && isFilteredHere(first, selection.filter);
  return {
    name,
    vectors: description.vectors,
    partRows,
    units,
    points,
    slices,
    parts: sumKnown(units.map(({ parts }) => parts)),
    readCost: first?.traits.readCost,
    sample,
    estimatedBytes: points === undefined ? undefined : Math.round(points * rowBytes),
    estimatedMs: points === undefined || rowMs === undefined ? undefined : Math.round(points * rowMs),
    warnings: filteredHere
      ? [`${first.provider} cannot filter a full read: every point is read, and filtered afterwards`]
      : [],
  };
}

/** What the layout of a plan does not keep of a collection, without the collection's name and full stop. */
function lossesOf({ losses = [] }: ExportPlan, name: string): readonly string[] {
  return losses
    .filter((loss) => loss.startsWith(`${name}: `))
    .map((loss) => loss.slice(name.length + 2).replace(/\.$/, ''));
}

function previewUnit({ tenant, expected, slices: { slices, consistency } }: UnitPlan, partRows: number): UnitPreview {
  const known = slices.every(({ points }) => points !== undefined);
  const parts = known
    ? slices.reduce((sum, { points = 0 }) => sum + Math.ceil(points / partRows), 0)
    : // Each slice ends in a part that is not full.
      expected && Math.max(slices.length, Math.ceil(expected / partRows));
  return { tenant, points: expected, slices: slices.length, parts, consistency };
}

/** The first page of the first unit that has points. */
async function readSample(
  { selection, units }: CollectionPlan,
  repositories: readonly IVectorSearchRepository[],
  request: ExportRequest,
): Promise<SamplePage | undefined> {
  const at = units.findIndex(({ expected }) => expected !== 0);
  const repository = repositories[at];
  const { signal, ids, batchSize, retries } = request;
  if (repository === undefined) return undefined;
  const read = async (): Promise<SamplePage | undefined> => {
    const begun = performance.now();
    if (ids !== undefined) return sampleOf(await repository.get(ids.slice(0, 100), { signal }), begun);
    const slice = units[at]?.slices.slices[0];
    const options = { slice: slice && sliceAsked(slice), batchSize, fields: selection.fields, signal };
    const filter = isFilteredHere(repository, selection.filter) ? undefined : selection.filter;
    for await (const batch of repository.exportAll?.({ ...options, filter }) ?? []) return sampleOf(batch, begun);
    return undefined;
  };
  return retrying(read, { retries }, signal);
}

function sampleOf(batch: Parameters<typeof batchBytes>[0], begun: number): SamplePage | undefined {
  const points = batch.ids.length;
  if (points === 0) return undefined;
  return { points, bytes: batchBytes(batch), milliseconds: performance.now() - begun };
}

async function releaseAll(plan: ExportPlan, groups: readonly (readonly IVectorSearchRepository[])[]): Promise<void> {
  for (const [at, { units, selection }] of plan.collections.entries()) {
    if (selection.ids !== undefined) continue;
    for (const [unit, { slices }] of units.entries()) {
      // What cannot be given back expires by itself.
      await groups[at]?.[unit]?.releaseSlices?.(slices).catch(() => undefined);
    }
  }
}

function sumKnown(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((sum, value) => (sum === undefined || value === undefined ? undefined : sum + value), 0);
}
