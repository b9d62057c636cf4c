import { type ExportBatch, type Slice, sliceBatch, VecportError } from '@vecport/abstractions';
import type { Dataset, ManifestCollection, PartEntry } from '@vecport/dataset';
import type { TransferSource } from './transfer-source.js';

/** The slices of a stored collection, or of one of its tenants: its parts. */
export function datasetSlices(collection: ManifestCollection, tenant?: string): readonly Slice[] {
  const parts = collection.parts.filter((part) => tenant === undefined || part.tenant === tenant);
  return parts.map(({ path, rows }) => ({ token: path, points: rows }));
}

/** A stored collection as a source. A cursor is the number of rows of the part that were given. */
export function datasetSource(dataset: Dataset, collection: ManifestCollection, batchSize = 1000): TransferSource {
  const parts = new Map(collection.parts.map((part) => [part.path, part]));
  return {
    read: ({ slice, after, signal }) => readRows(dataset, partOf(parts, slice), Number(after ?? 0), batchSize, signal),
  };
}

async function* readRows(
  dataset: Dataset,
  part: PartEntry,
  skip: number,
  batchSize: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportBatch, void, undefined> {
  let rows = 0;
  for await (const batch of dataset.readPart(part, { batchRows: batchSize, signal })) {
    const before = rows;
    rows += batch.ids.length;
    if (rows <= skip) continue;
    const rest = sliceBatch(batch, Math.max(0, skip - before), batch.ids.length);
    yield { ...rest, cursor: String(rows), progress: { exported: rows - skip, total: part.rows } };
  }
}

function partOf(parts: ReadonlyMap<string, PartEntry>, slice: Slice): PartEntry {
  const part = parts.get(slice.token);
  if (part === undefined) throw new VecportError('invalid-argument', `The dataset has no part '${slice.token}'.`);
  return part;
}
