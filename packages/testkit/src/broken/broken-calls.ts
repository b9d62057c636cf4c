import type { StoreDriver, VectorColumn, VectorId } from '@vecport/abstractions';
import { breakWrites, type Damage } from './break-collection.js';

/** Long integers as a double holds them, rounded to even. */
export const lowestBitLost: Damage = (driver) => ({
  ...driver,
  upsertMany: async (batch, options) => driver.upsertMany({ ...batch, ids: batch.ids.map(throughDouble) }, options),
  get: async (ids, options) => driver.get(ids.map(throughDouble), options),
  deleteMany: async (ids, options) => driver.deleteMany(ids.map(throughDouble), options),
});

/** Says that every point was accepted, whatever the store says. */
export const writeErrorSwallowed: Damage = (driver) => ({
  ...driver,
  upsertMany: async (batch, options) => {
    await driver.upsertMany(batch, options);
    return { accepted: batch.ids.length, failed: [] };
  },
});

/** Matches everything. */
export const filterIgnored: Damage = (driver) => {
  const exportAll = driver.exportAll?.bind(driver);
  return {
    ...driver,
    count: async (_filter, options) => driver.count(undefined, options),
    search: async ({ filter: _filter, ...query }, options) => driver.search(query, options),
    ...(exportAll && { exportAll: ({ filter: _filter, ...options }) => exportAll(options) }),
  };
};

/** Floats with four decimal digits. */
export const floatsRounded = breakWrites((batch) => ({
  ...batch,
  vectors: mapFloats(batch.vectors, (value) => Number(value.toPrecision(4))),
}));

/** −0 becomes 0. */
export const zeroSignLost = breakWrites((batch) => ({
  ...batch,
  vectors: mapFloats(batch.vectors, (value) => value + 0),
}));

/** Distances and similarities the wrong way round. */
export const scoreNegated: Damage = (driver) => ({
  ...driver,
  search: async (query, options) =>
    (await driver.search(query, options)).map((match) => ({ ...match, score: -match.score })),
});

/** Making a collection removes the one that exists. */
export function overwritesOnCreate(store: StoreDriver): StoreDriver {
  return {
    ...store,
    create: async (description, options) => {
      const listed = await store.collections(options);
      if (listed.some(({ name }) => name === description.name)) await store.drop(description.name, options);
      await store.create(description, options);
    },
  };
}

function throughDouble(id: VectorId): VectorId {
  return /^\d{16,20}$/.test(id) ? String(BigInt(Number(id))) : id;
}

function mapFloats(
  vectors: Readonly<Record<string, VectorColumn>>,
  change: (value: number) => number,
): Record<string, VectorColumn> {
  return Object.fromEntries(
    Object.entries(vectors).map(([name, column]) => [name, { ...column, values: column.values.map(change) }]),
  );
}
