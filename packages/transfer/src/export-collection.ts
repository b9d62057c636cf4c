import { batchBytes, type IVectorSearchRepository, VecportError, type VectorBatch } from '@vecport/abstractions';
import {
  createIdSet,
  findPartDamage,
  type ManifestCollection,
  type PartEntry,
  partSchema,
  readPart,
  sumDigests,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type Checkpoint, fileCheckpoint } from './checkpoint.js';
import { judgeCompleteness } from './completeness.js';
import { datasetSink, folderIn } from './dataset-sink.js';
import type { CollectionPlan, ExportPlan } from './export-plan.js';
import { STATE_FOLDER } from './prepare-export.js';
import type { ProgressListener } from './progress.js';
import { planSlices, repositorySource, type Selection } from './repository-source.js';
import { transfer } from './transfer.js';

/** How the work of an export is done; none of it changes what is written. */
export interface RunOptions {
  readonly parallel: number;
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** A collection as the manifest lists it, and what to tell about it. */
export interface ExportedCollection {
  readonly entry: ManifestCollection;
  readonly warning?: string | undefined;
}

/**
 * Read one collection into parts and prove that nothing is missing.
 * @throws VecportError `incomplete` when points are missing or came twice.
 */
export async function exportCollection(
  repository: IVectorSearchRepository,
  storage: Storage,
  plan: ExportPlan,
  index: number,
  options: RunOptions,
): Promise<ExportedCollection> {
  const collection = plan.collections[index] as CollectionPlan;
  const folder = `${STATE_FOLDER}/${String(index).padStart(3, '0')}`;
  const checkpoint = fileCheckpoint(storage, folder, isPartEntry);
  const earlier = await earlierParts(checkpoint, collection);
  const ids = await createUniqueIds(storage, earlier, options.signal);
  let done = earlier.reduce((sum, { rows }) => sum + rows, 0);
  let bytes = 0;
  const receipts = await transfer<PartEntry>({
    source: repositorySource(repository, collection.selection, options.batchSize),
    sink: datasetSink(storage, plan, collection),
    slices: collection.slices.slices,
    partRows: collection.partRows,
    checkpoint,
    parallel: options.parallel,
    signal: options.signal,
    onBatch: (batch) => {
      ids.add(batch);
      done += batch.ids.length;
      bytes += batchBytes(batch);
      options.onProgress?.({ phase: 'read', collection: collection.name, done, total: collection.expected, bytes });
    },
  });
  const parts = receipts.flat();
  const exported = parts.reduce((sum, { rows }) => sum + rows, 0);
  const after = await repository.count(collection.selection.filter, { signal: options.signal });
  const now = await planSlices(repository, 1, collection.selection, options.signal);
  const pinned = collection.slices.consistency === 'snapshot';
  const verdict = judgeCompleteness(
    {
      before: collection.expected,
      after,
      exported,
      duplicates: ids.duplicates(),
      snapshotBefore: collection.slices.snapshot,
      snapshotAfter: now.snapshot,
    },
    pinned,
  );
  if (verdict.problem !== undefined) throw incomplete(repository, verdict.problem, ids.examples());
  return {
    warning: verdict.warning,
    entry: {
      name: collection.name,
      path: folderIn(plan, collection),
      description: collection.description,
      consistency: earlier.length > 0 && !pinned ? 'scan' : collection.slices.consistency,
      snapshot: collection.slices.snapshot,
      selection: isWhole(collection.selection) ? undefined : collection.selection,
      counts: { before: collection.expected, after, exported, quarantined: 0 },
      digest: sumDigests(parts.map(({ digest }) => digest)),
      parts,
    },
  };
}

function isWhole({ filter, fields }: Selection): boolean {
  return filter === undefined && fields === undefined;
}

async function earlierParts(
  checkpoint: Checkpoint<PartEntry>,
  collection: CollectionPlan,
): Promise<readonly PartEntry[]> {
  const states = await Promise.all(collection.slices.slices.map(async (_, slice) => checkpoint.load(slice)));
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
