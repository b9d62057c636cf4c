import { type IVectorSearchRepository, VecportError, type VectorBatch } from '@vecport/abstractions';
import {
  createIdSet,
  findPartDamage,
  type ManifestTenant,
  type PartEntry,
  partSchema,
  readPart,
  sumDigests,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type Checkpoint, fileCheckpoint } from './checkpoint.js';
import { judgeCompleteness } from './completeness.js';
import { countPoints } from './count-points.js';
import { datasetSink } from './dataset-sink.js';
import type { CollectionPlan, ExportPlan, UnitPlan } from './export-plan.js';
import { STATE_FOLDER } from './prepare-export.js';
import { repositorySource } from './repository-source.js';
import { transfer } from './transfer.js';

/** How a unit is read; none of it changes what is written. */
export interface RunOptions {
  /** Slices read at the same time. */
  readonly parallel: number;
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  onBatch(batch: VectorBatch): void;
}

/** What became of a unit: a collection without tenants, or one tenant. */
export interface ExportedUnit {
  readonly read: Omit<ManifestTenant, 'name'>;
  readonly parts: readonly PartEntry[];
  /** What to tell about it, one sentence without a full stop. */
  readonly warnings: readonly string[];
}

/** Which unit of a plan. */
export interface UnitPlace {
  readonly plan: ExportPlan;
  readonly collection: number;
  readonly unit: number;
}

/**
 * Read one unit into parts and prove that nothing is missing.
 * @throws VecportError `incomplete` when points are missing or came twice.
 */
export async function exportUnit(
  repository: IVectorSearchRepository,
  storage: Storage,
  place: UnitPlace,
  options: RunOptions,
): Promise<ExportedUnit> {
  const collection = place.plan.collections[place.collection] as CollectionPlan;
  const unit = collection.units[place.unit] as UnitPlan;
  const checkpoint = fileCheckpoint(storage, stateFolder(place), isPartEntry);
  const earlier = await earlierParts(checkpoint, unit);
  const ids = await createUniqueIds(storage, earlier, options.signal);
  const receipts = await transfer<PartEntry>({
    source: repositorySource(repository, collection.selection, options.batchSize),
    sink: datasetSink(storage, place.plan, collection, unit.tenant),
    slices: unit.slices.slices,
    partRows: collection.partRows,
    checkpoint,
    parallel: options.parallel,
    signal: options.signal,
    onBatch: (batch) => {
      ids.add(batch);
      options.onBatch(batch);
    },
  });
  const parts = receipts.flat();
  const exported = parts.reduce((sum, { rows }) => sum + rows, 0);
  const { warning, after } = await judge(repository, collection, unit, { exported, ids, signal: options.signal });
  // The slices are read; what the provider held for them is of no more use, and not giving it back harms nobody here.
  await repository.releaseSlices?.(unit.slices, { signal: options.signal });
  const { consistency, snapshot } = unit.slices;
  return {
    parts,
    warnings: warning === undefined ? [] : [warning],
    read: {
      consistency: earlier.length > 0 && consistency !== 'snapshot' ? 'scan' : consistency,
      snapshot,
      counts: { before: unit.expected, after, exported, quarantined: 0 },
      digest: sumDigests(parts.map(({ digest }) => digest)),
    },
  };
}

async function judge(
  repository: IVectorSearchRepository,
  { selection }: CollectionPlan,
  unit: UnitPlan,
  {
    exported,
    ids,
    signal,
  }: { readonly exported: number; readonly ids: UniqueIds; readonly signal: AbortSignal | undefined },
): Promise<{ readonly warning: string | undefined; readonly after: number | undefined }> {
  const after = await countPoints(repository, selection.filter, signal);
  const verdict = judgeCompleteness(
    {
      before: unit.expected,
      after,
      exported,
      duplicates: ids.duplicates(),
      snapshotBefore: unit.slices.snapshot,
      snapshotAfter: await repository.revision?.({ signal }),
      countsLate: repository.traits.eventual?.includes('count'),
    },
    unit.slices.consistency === 'snapshot',
  );
  if (verdict.problem !== undefined) throw incomplete(repository, verdict.problem, ids.examples());
  return { warning: verdict.warning, after };
}

function stateFolder({ collection, unit }: UnitPlace): string {
  return `${STATE_FOLDER}/${String(collection).padStart(3, '0')}-${String(unit).padStart(5, '0')}`;
}

async function earlierParts(checkpoint: Checkpoint<PartEntry>, unit: UnitPlan): Promise<readonly PartEntry[]> {
  const states = await Promise.all(unit.slices.slices.map(async (_, slice) => checkpoint.load(slice)));
  return states.flatMap((state) => state?.parts ?? []);
}

interface UniqueIds {
  add(batch: VectorBatch): void;
  duplicates(): number;
  /** Some of the ids that came more than once. */
  examples(): readonly string[];
}

/** Counts ids that come more than once, those of parts written by an earlier run included. */
async function createUniqueIds(
  storage: Storage,
  earlier: readonly PartEntry[],
  signal: AbortSignal | undefined,
): Promise<UniqueIds> {
  const seen = createIdSet();
  const examples: string[] = [];
  let duplicates = 0;
  const add = (batch: VectorBatch): void => {
    for (const id of batch.ids) {
      if (seen.add(id)) continue;
      duplicates++;
      if (examples.length < 5) examples.push(id);
    }
  };
  for (const part of earlier) {
    await refuseDamaged(storage, part, signal);
    for await (const batch of readPart(storage, part, { columns: 'ids', signal })) add(batch);
  }
  return { add, duplicates: () => duplicates, examples: () => examples };
}

function isPartEntry(value: unknown): value is PartEntry {
  return partSchema.safeParse(value).success;
}

/** What an earlier run wrote is vouched for again by the manifest, so its bytes are checked again. */
async function refuseDamaged(storage: Storage, part: PartEntry, signal: AbortSignal | undefined): Promise<void> {
  const damage = await findPartDamage(storage, part, signal);
  if (damage === undefined) return;
  const what = damage.code === 'missing-part' ? 'missing' : 'not as it was written';
  throw new VecportError(
    'corrupt-data',
    `The part ${part.path} of the unfinished export in ${storage.url} is ${what}.`,
    {
      operation: 'export',
      advice: 'Remove the unfinished export and start again.',
    },
  );
}

function incomplete(repository: IVectorSearchRepository, problem: string, examples: readonly string[]): VecportError {
  const which = examples.length > 0 ? ` (for example ${examples.map((id) => `'${id}'`).join(', ')})` : '';
  return new VecportError('incomplete', `The export is not complete: ${problem}${which}.`, {
    provider: repository.provider,
    collection: repository.collection,
    operation: 'export',
    advice:
      'The unfinished export was kept for inspection; remove it and export again, without writers if it happens again.',
  });
}
