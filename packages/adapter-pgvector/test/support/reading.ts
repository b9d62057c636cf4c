import { expect } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDriver,
  type ErrorCode,
  type ExportBatch,
  type ExportOptions,
  isVecportError,
  metadataText,
  type VectorBatch,
  type VectorRecord,
  vectorAt,
  type WriteReport,
} from '@vecport/abstractions';

/** All batches of an export. */
export async function exported(
  collection: CollectionDriver,
  options: ExportOptions = { batchSize: 2 },
): Promise<readonly VectorBatch[]> {
  const batches: VectorBatch[] = [];
  for await (const batch of collection.exportAll?.(options) ?? []) batches.push(batch);
  return batches;
}

/** An export that is read batch by batch. */
export function iterate(collection: CollectionDriver, options: ExportOptions): AsyncIterator<ExportBatch> {
  const batches = collection.exportAll?.(options);
  if (batches === undefined) throw new Error('The collection has no exportAll.');
  return batches[Symbol.asyncIterator]();
}

/** The identifiers of an export. */
export async function exportedIds(collection: CollectionDriver, options?: ExportOptions): Promise<readonly string[]> {
  return (await exported(collection, options)).flatMap(({ ids }) => ids);
}

/** A point as tests compare it: identifier, dense vectors as arrays, metadata as text. */
export type Point = readonly [id: string, vectors: unknown, metadata: string | undefined];

/** The points of batches. */
export function points(batches: readonly VectorBatch[]): readonly Point[] {
  return batches.flatMap((batch) =>
    batch.ids.map((id, row): Point => {
      const vectors = Object.entries(batch.vectors).map(([name, column]) => {
        const value = vectorAt(column, row);
        return [name, value instanceof Float32Array ? [...value] : value];
      });
      return [id, Object.fromEntries(vectors), metadataText(batch.metadata, row)];
    }),
  );
}

/** Write records as a driver gets them. */
export async function write(collection: CollectionDriver, ...records: VectorRecord[]): Promise<WriteReport> {
  return collection.upsertMany(batchFromRecords(records), {});
}

/** The code a call fails with. */
export async function codeOf(call: () => Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (isVecportError(error)) return error.code;
    throw error;
  }
}

/** Expect a call to fail with a code. */
export async function expectCode(code: ErrorCode, call: () => Promise<unknown>): Promise<void> {
  expect(await codeOf(call)).toBe(code);
}
