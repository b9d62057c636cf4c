import {
  DEFAULT_VECTOR,
  matchesFilter,
  metadataFromTexts,
  metadataText,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { breakExport, breakWrites, type Damage } from './break-collection.js';

/** Metadata through a parser that rounds long integers and respells numbers. */
export const metadataReparsed = breakWrites((batch) => ({
  ...batch,
  metadata: metadataFromTexts(
    batch.ids.map((_, row) => {
      const text = metadataText(batch.metadata, row);
      return text === undefined ? undefined : JSON.stringify(JSON.parse(text));
    }),
  ),
}));

/** A point written again without metadata keeps its old metadata. */
export const metadataMerged: Damage = (driver) => ({
  ...driver,
  upsertMany: async (batch, options) => {
    const old = await driver.get(batch.ids, options);
    const kept = new Map(old.ids.map((id, row) => [id, metadataText(old.metadata, row)]));
    const texts = batch.ids.map((id, row) => metadataText(batch.metadata, row) ?? kept.get(id));
    return driver.upsertMany({ ...batch, metadata: metadataFromTexts(texts) }, options);
  },
});

/** Zeros where a point has no vector. */
export const zerosMadeUp: Damage = (driver) => ({
  ...driver,
  get: async (ids, options) => withoutMissing(await driver.get(ids, options)),
});

/** Points in the order of the store, not in the order asked. */
export const getInStorageOrder: Damage = (driver) => ({
  ...driver,
  get: async (ids, options) => driver.get(ids.toSorted(), options),
});

/** Counts in tens. */
export const countEstimated: Damage = (driver) => ({
  ...driver,
  count: async (filter, options) => Math.round((await driver.count(filter, options)) / 10) * 10,
});

/** The nearest are taken first, and filtered then. */
export const filteredAfterTopK: Damage = (driver) => ({
  ...driver,
  search: async ({ filter, ...query }, options) => {
    const found = await driver.search(query, options);
    return filter === undefined ? found : found.filter(({ metadata }) => matchesFilter(filter, metadata));
  },
});

/** One buffer for the floats of all batches. */
export const bufferReused = breakExport(async function* (readAll, options) {
  let shared = new Float32Array(0);
  for await (const batch of readAll(options)) {
    const column = batch.vectors[DEFAULT_VECTOR];
    if (column?.kind !== 'dense') {
      yield batch;
      continue;
    }
    if (shared.length < column.values.length) shared = new Float32Array(column.values.length);
    shared.set(column.values);
    const values = shared.subarray(0, column.values.length);
    yield { ...batch, vectors: { ...batch.vectors, [DEFAULT_VECTOR]: { ...column, values } } };
  }
});

/** All metadata, whatever fields were asked for. */
export const fieldsIgnored = breakExport((readAll, { fields: _fields, ...options }) => readAll(options));

/** Claims a snapshot and reads each page as it is now. */
export const snapshotNotKept: Damage = (driver) => {
  const exportAll = driver.exportAll?.bind(driver);
  if (exportAll === undefined) return driver;
  return {
    ...driver,
    exportAll: async function* (options) {
      for await (const batch of exportAll(options)) {
        const now = await driver.get(batch.ids, {});
        if (now.ids.length > 0) yield { ...batch, ...now };
      }
    },
  };
};

/** The last slice is forgotten. */
export const lastSliceLost: Damage = (driver) => {
  const slices = driver.slices?.bind(driver);
  if (slices === undefined) return driver;
  return {
    ...driver,
    slices: async (count, options) => {
      const plan = await slices(count, options);
      return plan.slices.length < 2 ? plan : { ...plan, slices: plan.slices.slice(0, -1) };
    },
  };
};

/** A slice is read as if it were the whole collection. */
export const slicesOverlap = breakExport((readAll, { slice: _slice, ...options }) => readAll(options));

function withoutMissing(batch: VectorBatch): VectorBatch {
  const filled = (column: VectorColumn): VectorColumn => ({ ...column, missing: undefined });
  return {
    ...batch,
    vectors: Object.fromEntries(Object.entries(batch.vectors).map(([name, column]) => [name, filled(column)])),
  };
}
