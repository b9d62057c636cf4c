import {
  batchFromRecords,
  type CollectionDescription,
  type CollectionDriver,
  type ExportBatch,
  FILTER_OPERATORS,
  type StoreDriver,
  VecportError,
  type VectorBatch,
  type VectorTraits,
} from '@vecport/abstractions';

/** Traits with small limits. */
export const traits: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'snapshot',
  order: 'storage',
  idKinds: ['string'],
  maxIdBytes: 16,
  maxDimension: 8,
  vectorKinds: ['dense'],
  elementTypes: ['float32'],
  metrics: ['cosine'],
  normalizes: [],
  filterOperators: FILTER_OPERATORS,
  defaultBatchSize: 2,
  maxBatchSize: 10,
  maxWritePoints: 3,
  maxWriteBytes: 1000,
  maxTopK: 5,
});

/** A collection of two dimensional vectors. */
export const description: CollectionDescription = Object.freeze<CollectionDescription>({
  name: 'items',
  vectors: { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } },
  idKinds: ['string'],
});

/** A driver that writes down what it was asked. */
export interface FakeDriver extends CollectionDriver {
  readonly written: VectorBatch[];
  readonly deleted: string[][];
  readonly calls: string[];
  /** How many exports are open now. */
  openCursors(): number;
}

/** What a fake does differently. */
export type FakeOptions = Partial<CollectionDriver>;

export function fakeDriver(options: FakeOptions = {}): FakeDriver {
  const written: VectorBatch[] = [];
  const deleted: string[][] = [];
  const calls: string[] = [];
  let open = 0;
  return {
    written,
    deleted,
    calls,
    openCursors: () => open,
    traits,
    describe: async () => {
      calls.push('describe');
      return description;
    },
    count: async () => 7,
    upsertMany: async (batch) => {
      written.push(batch);
      return { accepted: batch.ids.length, failed: [] };
    },
    get: async (ids) => batchFromRecords(ids.map((id) => ({ id, embedding: Float32Array.of(1, 2) }))),
    deleteMany: async (ids) => {
      deleted.push([...ids]);
      return { accepted: ids.length, failed: [] };
    },
    search: async (query) => Array.from({ length: query.topK }, (_, i) => ({ id: `${i}`, score: 1 })),
    // Ignores the signal, so that tests of it test the layers.
    exportAll: async function* (): AsyncGenerator<ExportBatch> {
      open += 1;
      try {
        for (let i = 0; i < 3; i++) yield exportBatch(i);
      } finally {
        open -= 1;
      }
    },
    slices: async () => ({ slices: [{ token: 'all' }], consistency: 'snapshot' }),
    ...options,
  };
}

/** A driver without optional methods. */
export function limitedDriver(options: FakeOptions = {}): CollectionDriver {
  const { exportAll: _export, slices: _slices, ...driver } = fakeDriver();
  return { ...driver, absent: { exportAll: 'It has no way to read vectors back.' }, ...options };
}

/** A store of fakes by name. */
export interface FakeStore extends StoreDriver {
  closed(): number;
}

export function fakeStore(
  collections: Readonly<Record<string, CollectionDriver>>,
  options: Partial<StoreDriver> = {},
): FakeStore {
  let closed = 0;
  return {
    version: '1.2.3',
    traits,
    collections: async () => Object.keys(collections).map((name) => ({ name })),
    collection: async (name) => {
      const driver = collections[name];
      if (driver === undefined) throw new VecportError('not-found', `No ${name}.`);
      return driver;
    },
    create: async () => {},
    drop: async (name) => {
      throw new VecportError('not-found', `No ${name}.`);
    },
    close: async () => {
      closed += 1;
    },
    closed: () => closed,
    ...options,
  };
}

function exportBatch(index: number): ExportBatch {
  const ids = [`${index}a`, `${index}b`];
  const batch = batchFromRecords(ids.map((id) => ({ id, embedding: Float32Array.of(index, 1) })));
  return { ...batch, cursor: `${index}`, progress: { exported: (index + 1) * 2, total: 6 } };
}
