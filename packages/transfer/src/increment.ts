import { selectRows, VecportError, type VectorBatch, type VectorId, type WriteFailure } from '@vecport/abstractions';
import {
  createDigest,
  createIdTable,
  type Dataset,
  type IdTable,
  type Increment,
  type ManifestCollection,
  type OpenPart,
  openPart,
  type PartEntry,
  tombstonesPath,
  wholeDigest,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { folderIn, tenantFolderIn } from './dataset-sink.js';
import type { CollectionPlan, ExportPlan } from './export-plan.js';
import { sameJson } from './same-json.js';
import type { RefusedRows, SourceBatch, TransferSource } from './transfer-source.js';

/** What a plan says about the dataset an increment is made against. */
export interface PlannedParent {
  readonly id: string;
  /** Content digest over all of its points. */
  readonly digest: string;
}

/** Which collection or tenant, and where its files go. */
export interface IncrementPlace {
  readonly storage: Storage;
  readonly plan: ExportPlan;
  readonly collection: CollectionPlan;
  readonly tenant?: string | undefined;
  readonly signal: AbortSignal;
}

/** Finds out what of one collection or tenant changed since its parent, in one read of all of it. */
export interface UnitIncrement {
  /** The points that are new or changed; of the others only the number remains. */
  source(all: TransferSource): TransferSource;
  /**
   * What changed, when all was read; the ids that are gone are written then.
   * @throws VecportError `incomplete` when points came twice, or the numbers do not add up.
   */
  finish(): Promise<Increment>;
}

/** What stands for a parent in a plan. */
export function plannedParent(parent: Dataset | undefined): PlannedParent | undefined {
  if (parent === undefined) return undefined;
  const { keyField } = parent.manifest;
  if (keyField !== undefined)
    throw refused('invalid-argument', `its points are named by their field '${keyField}', not by their ids`);
  return { id: parent.manifest.id, digest: wholeDigest(parent.manifest).content };
}

/**
 * Let a plan pass when what it reads can be held against a parent.
 * @throws VecportError `invalid-argument` for other collections or another choice of points, `source-changed` when a
 * collection has other vectors now.
 */
export function checkParent({ collections }: ExportPlan, { manifest }: Dataset): void {
  const names = collections.map(({ name }) => name);
  const known = manifest.collections.map(({ name }) => name);
  if (!sameJson(names.toSorted(), known.toSorted())) {
    throw refused('invalid-argument', `it holds ${known.join(', ')}, and ${names.join(', ')} are to be exported`);
  }
  for (const { name, selection, description } of collections) {
    const stored = manifest.collections.find((collection) => collection.name === name) as ManifestCollection;
    if (selection.limit !== undefined || selection.ids !== undefined) {
      throw refused('invalid-argument', 'a limit or a list of ids does not say what is gone');
    }
    if (!sameJson(selection, stored.selection ?? {})) {
      throw refused(
        'invalid-argument',
        `'${name}' was exported with another filter, other fields or another transform`,
      );
    }
    const units = collections.find((collection) => collection.name === name)?.units ?? [];
    if (units.some(({ tenant }) => tenant !== undefined) !== (stored.tenants !== undefined)) {
      throw refused('source-changed', `'${name}' is divided into tenants in one of the two only`);
    }
    if (!sameJson(description.vectors, stored.description.vectors)) {
      throw refused('source-changed', `'${name}' has other vectors now`);
    }
  }
}

function refused(code: 'invalid-argument' | 'source-changed', why: string): VecportError {
  return new VecportError(code, `The export cannot be an increment to this dataset: ${why}.`, {
    operation: 'export',
    advice: 'Export all of it, or ask for the same as the parent holds.',
  });
}

/** Read what the parent holds of a unit: 23 to 46 bytes are kept of each of its points. */
export async function beginIncrement(parent: Dataset, place: IncrementPlace): Promise<UnitIncrement> {
  const stored = parent.manifest.collections.find(({ name }) => name === place.collection.name);
  const known = createIdTable();
  const held = createCounter();
  for await (const batch of rowsOf(parent, stored, place)) {
    held.add(batch, (row, high, low) => known.put(batch.ids[row] ?? '', high, low));
  }
  return compareWith(known, held, parent, stored, place);
}

function compareWith(
  known: IdTable,
  held: RecordCounter,
  parent: Dataset,
  stored: ManifestCollection | undefined,
  place: IncrementPlace,
): UnitIncrement {
  const all = createCounter();
  let [changed, added, same, twice] = [0, 0, 0, 0];
  const isChanged = (id: VectorId, high: number, low: number): boolean => {
    const at = known.find(id);
    if (at < 0) {
      added++;
      return true;
    }
    const [wasHigh, wasLow] = [known.high(at), known.low(at)];
    if (wasHigh === 0 && wasLow === 0) twice++;
    else if (wasHigh === high && wasLow === low) same++;
    else changed++;
    // No record has two words of zero: the id was seen.
    known.set(at, 0, 0);
    return wasHigh !== high || wasLow !== low;
  };
  /** Refused points stay, so that they are told; to the increment they are gone. */
  const onlyChanged = (batch: SourceBatch): SourceBatch => {
    const refused = new Map(batch.refused);
    const carried = batch.ids.flatMap((_, row) => (refused.has(row) ? [] : row));
    const changes = new Set<number>();
    const at = (row: number): number => carried[row] ?? row;
    all.add(
      refused.size === 0 ? batch : selectRows(batch, carried),
      (row, high, low) => {
        if (isChanged(batch.ids[at(row)] ?? '', high, low)) changes.add(at(row));
      },
      (row, { code, reason }) => refused.set(at(row), { id: batch.ids[at(row)] ?? '', code, reason }),
    );
    return chooseRows(batch, changes, refused);
  };
  return {
    source: (inner) => ({ read: (options) => mapped(inner.read(options), onlyChanged) }),
    finish: async () => {
      if (twice > 0) throw doesNotAddUp(`${twice} points came more than once`);
      const deleted = held.count() - changed - same;
      const tombstones = deleted === 0 ? undefined : await writeTombstones(known, parent, stored, place);
      const gone = tombstones?.rows ?? 0;
      if (gone !== deleted) throw doesNotAddUp(`${deleted} points are gone, and ${gone} of their ids are known`);
      return { changed, added, deleted, tombstones, whole: all.value() };
    },
  };
}

/** The rows that changed or were refused. */
function chooseRows(batch: SourceBatch, changes: ReadonlySet<number>, refused: RefusedRows): SourceBatch {
  const rows = batch.ids.flatMap((_, row) => (changes.has(row) || refused.has(row) ? row : []));
  const { cursor, progress, missing, read = batch.ids.length } = batch;
  const kept = rows.length === batch.ids.length ? batch : selectRows(batch, rows);
  const own = new Map(rows.flatMap((row, to) => (refused.has(row) ? [[to, refused.get(row) as WriteFailure]] : [])));
  return { ...kept, cursor, progress, missing, read, refused: own };
}

async function* mapped(
  batches: AsyncIterable<SourceBatch>,
  change: (batch: SourceBatch) => SourceBatch,
): AsyncGenerator<SourceBatch, void, undefined> {
  for await (const batch of batches) yield change(batch);
}

/** The rows of the parent; none where it does not have the collection or tenant. */
async function* rowsOf(
  parent: Dataset,
  stored: ManifestCollection | undefined,
  { tenant, signal }: IncrementPlace,
  columns: 'all' | 'ids' = 'all',
) {
  if (stored !== undefined) yield* parent.read(stored, { tenant, signal, columns });
}

async function writeTombstones(
  known: IdTable,
  parent: Dataset,
  stored: ManifestCollection | undefined,
  place: IncrementPlace,
): Promise<PartEntry> {
  const part = await openTombstones(place);
  try {
    for await (const batch of rowsOf(parent, stored, place, 'ids')) {
      const rows = batch.ids.flatMap((id, row) => (isUnseen(known, id) ? row : []));
      if (rows.length > 0) await part.write(selectRows(batch, rows));
    }
    return await part.commit();
  } catch (error) {
    await part.abort();
    throw error;
  }
}

function isUnseen(known: IdTable, id: VectorId): boolean {
  const at = known.find(id);
  return known.high(at) !== 0 || known.low(at) !== 0;
}

async function openTombstones({ storage, plan, collection, tenant, signal }: IncrementPlace): Promise<OpenPart> {
  const folder = folderIn(plan, collection);
  const names = { collection: collection.name, folder, tenant, tenantFolder: tenantFolderIn(collection, tenant) };
  return openPart(storage, {
    ...names,
    slice: 0,
    index: 0,
    path: tombstonesPath({ ...names, encoding: plan.encoding }),
    schema: { vectors: {}, createdAt: false, updatedAt: false },
    encoding: plan.encoding,
    signal,
  });
}

type RecordCounter = ReturnType<typeof createCounter>;

/** A digest whose listener may be another one for each batch. */
function createCounter() {
  let listener: (row: number, high: number, low: number) => void = () => {};
  const digest = createDigest((row, high, low) => listener(row, high, low));
  return {
    add: (batch: VectorBatch, onRecord: typeof listener, onUnreadable?: Parameters<typeof digest.add>[1]): void => {
      listener = onRecord;
      digest.add(batch, onUnreadable);
    },
    value: () => digest.value(),
    count: () => digest.value().count,
  };
}

function doesNotAddUp(what: string): VecportError {
  return new VecportError('incomplete', `The increment is not complete: ${what}.`, {
    operation: 'export',
    advice: 'Export again without writers; if it stays, export all of it.',
  });
}
