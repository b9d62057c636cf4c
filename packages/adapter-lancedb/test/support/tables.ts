import {
  batchFromRecords,
  type CollectionDescription,
  type CollectionDriver,
  type ExportBatch,
  type ExportOptions,
  type StoreDriver,
  type VectorRecord,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-lancedb';
import { tempFolder } from '@vecport/testkit';

/** A store in a folder of its own, and the folder. */
export async function newStore(): Promise<{ readonly store: StoreDriver; readonly path: string }> {
  const path = await tempFolder();
  return { path, store: await adapter.open({ path }, {}) };
}

/** A description with one vector of `dimension` floats. */
export function describes(
  name: string,
  dimension: number,
  more: Partial<CollectionDescription> = {},
): CollectionDescription {
  return {
    name,
    vectors: { default: { kind: 'dense', dimension, elementType: 'float32', metric: 'euclidean' } },
    idKinds: ['string'],
    fields: [],
    ...more,
  };
}

/** Make a collection and open its driver. */
export async function newCollection(store: StoreDriver, description: CollectionDescription): Promise<CollectionDriver> {
  await store.create(description, {});
  return store.collection(description.name, {});
}

/** Write points and expect all of them to be accepted. */
export async function write(collection: CollectionDriver, records: readonly VectorRecord[]): Promise<void> {
  const { accepted, failed } = await collection.upsertMany(batchFromRecords(records), {});
  if (accepted !== records.length) throw new Error(`Not written: ${JSON.stringify(failed)}`);
}

/** Points `from .. to`, whose vector begins with their number. */
export function points(from: number, to: number): VectorRecord[] {
  return Array.from({ length: to - from }, (_, at) => ({
    id: `p${from + at}`,
    embedding: Float32Array.of(from + at, 1),
    metadataText: `{"n":${from + at}}`,
  }));
}

/** The batches of an export. */
export async function exported(collection: CollectionDriver, options: ExportOptions = {}): Promise<ExportBatch[]> {
  const { exportAll } = collection;
  if (exportAll === undefined) throw new Error('exportAll is absent.');
  return Array.fromAsync(exportAll(options));
}

/** The ids of an export, in its order. */
export async function exportedIds(collection: CollectionDriver, options: ExportOptions = {}): Promise<string[]> {
  return (await exported(collection, options)).flatMap(({ ids }) => ids);
}
