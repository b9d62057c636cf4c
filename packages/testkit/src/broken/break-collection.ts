import type { CollectionDriver, ExportBatch, ExportOptions, StoreDriver, VectorBatch } from '@vecport/abstractions';

/** A change to a collection. */
export type Damage = (driver: CollectionDriver) => CollectionDriver;

/** A full read of the undamaged collection. */
export type ReadAll = (options: ExportOptions) => AsyncIterable<ExportBatch>;

/** The store with every collection damaged. */
export function breakCollections(damage: Damage): (store: StoreDriver) => StoreDriver {
  return (store) => ({ ...store, collection: async (name, options) => damage(await store.collection(name, options)) });
}

/** Damage to full reads: `read` gets the undamaged one. A collection without exportAll stays as it is. */
export function breakExport(read: (readAll: ReadAll, options: ExportOptions) => AsyncIterable<ExportBatch>): Damage {
  return (driver) => {
    const readAll = driver.exportAll?.bind(driver);
    return readAll === undefined ? driver : { ...driver, exportAll: (options) => read(readAll, options) };
  };
}

/** Damage to what is written. */
export function breakWrites(change: (batch: VectorBatch) => VectorBatch): Damage {
  return (driver) => ({ ...driver, upsertMany: async (batch, options) => driver.upsertMany(change(batch), options) });
}
