import type { CollectionDescription, CollectionDriver, StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-qdrant';
import { type FakeQdrant, type QdrantFault, startFakeQdrant } from '@vecport/testkit';

/** Both ways to read and write points. */
export const TRANSPORTS = ['grpc', 'http'] as const;
export type TestTransport = (typeof TRANSPORTS)[number];

/** Run a test against a fake of its own. */
export async function withFake<T>(work: (fake: FakeQdrant) => Promise<T>): Promise<T> {
  const fake = await startFakeQdrant();
  try {
    return await work(fake);
  } finally {
    await fake.close();
  }
}

/** Open a store on a fake and close it after the work. */
export async function withStore<T>(
  { httpUrl, grpcPort }: FakeQdrant,
  transport: TestTransport,
  work: (store: StoreDriver) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const store = await adapter.open({ url: httpUrl, grpcPort: String(grpcPort), transport, ...settings }, {});
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A description with one dense vector of two floats that is kept as it is. */
export function smallDescription(name: string): CollectionDescription {
  return {
    name,
    vectors: { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'dot' } },
    idKinds: ['u64', 'i64', 'uuid', 'string'],
  };
}

/** A new collection with these integers as points. */
export async function filledCollection(store: StoreDriver, ids: readonly number[]): Promise<CollectionDriver> {
  await store.create(smallDescription('points'), {});
  const collection = await store.collection('points', {});
  await collection.upsertMany(
    {
      ids: ids.map(String),
      vectors: { default: { kind: 'dense', dimension: 2, values: Float32Array.from(ids.flatMap((id) => [id, 1])) } },
      metadata: {
        bytes: Buffer.from('{}'.repeat(ids.length)),
        offsets: Uint32Array.from({ length: ids.length + 1 }, (_, i) => i * 2),
      },
    },
    {},
  );
  return collection;
}

/** Identifiers of an export, in its order. */
export async function exportedIds(collection: CollectionDriver, batchSize: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const batch of collection.exportAll?.({ batchSize }) ?? []) ids.push(...batch.ids);
  return ids;
}

/** Something goes wrong with the n-th scroll, counted from 1 on; `undefined` where nothing does. */
export function faultAtScroll(fake: FakeQdrant, faultOf: (n: number) => QdrantFault | undefined): () => number {
  let scrolls = 0;
  fake.faults = ({ path }) => {
    if (!/scroll/i.test(path)) return undefined;
    scrolls += 1;
    return faultOf(scrolls);
  };
  return () => scrolls;
}
