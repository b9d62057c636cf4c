import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDescription,
  type CollectionDriver,
  metadataText,
  type StoreDriver,
  type VectorBatch,
  type VectorRecord,
} from '@vecport/abstractions';
import { serverUrl } from '@vecport/testkit';
import { adapter } from '../../src/index.js';
import { type RawServer, rawServer } from './raw-server.js';

/** What tests on a real server work with. */
export interface TestStore {
  readonly store: StoreDriver;
  /** The same server without Vecport. */
  readonly raw: RawServer;
  /** A name that is dropped after the test. */
  newName(): string;
  /** Make a collection of vectors of two dimensions and open it. */
  create(change?: Partial<CollectionDescription>): Promise<CollectionDriver>;
}

let counter = 0;

/** An open store of a real server, for the tests of the block this is called in; what they make is dropped after each. */
export function useStore(server: string): TestStore {
  const made: string[] = [];
  const raw = rawServer(serverUrl(server));
  let opened: StoreDriver | undefined;
  const store = (): StoreDriver => {
    if (opened === undefined) throw new Error('The store is open in tests only.');
    return opened;
  };
  const newName = (): string => {
    counter += 1;
    const name = `Own_${process.pid}_${counter}`;
    made.push(name);
    return name;
  };
  beforeAll(async () => {
    opened = await adapter.open(adapter.parseUrl(serverUrl(server)).settings, {});
  });
  afterEach(async () => {
    for (const name of made.splice(0)) await raw.rest('DELETE', `/schema/${name}`);
  });
  afterAll(async () => opened?.close());
  return {
    get store() {
      return store();
    },
    raw,
    newName,
    create: async (change = {}) => {
      const name = newName();
      const spec = { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } as const;
      await store().create({ name, vectors: { default: spec }, idKinds: ['string'], ...change }, {});
      return store().collection(name, {});
    },
  };
}

/** The `n`-th uuid, in their order. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** One vector, written by whoever has it, with this index. */
export function named(vectorIndexType: string): Record<string, unknown> {
  return { default: { vectorizer: { none: {} }, vectorIndexType } };
}

/** Points with a vector of two dimensions, where they bring none. */
export function batch(points: readonly VectorRecord[]): VectorBatch {
  return batchFromRecords(points.map((point) => ({ embedding: Float32Array.of(1, 2), ...point })));
}

/** The metadata of a batch, row by row. */
export function texts(found: VectorBatch | undefined): (string | undefined)[] {
  return found === undefined ? [] : found.ids.map((_, row) => metadataText(found.metadata, row));
}

/** All batches of an export. */
export async function exported(collection: CollectionDriver, options = {}): Promise<VectorBatch[]> {
  const batches: VectorBatch[] = [];
  for await (const part of collection.exportAll?.(options) ?? []) batches.push(part);
  return batches;
}

/** The identifiers an export gives. */
export async function exportedIds(collection: CollectionDriver, options = {}): Promise<string[]> {
  return (await exported(collection, options)).flatMap(({ ids }) => [...ids]);
}
