import { afterEach } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDriver,
  type ExportBatch,
  type ExportOptions,
  isVecportError,
  type Settings,
  type StoreDriver,
  type VecportError,
  type VectorBatch,
  type VectorRecord,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-pinecone';
import { type FakePinecone, type FakePineconeOptions, startFakePinecone } from '@vecport/testkit';

/** A running fake and a store opened on it; both are closed after the test. */
export interface Opened {
  readonly fake: FakePinecone;
  readonly store: StoreDriver;
}

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Run something after the test. */
export function afterTest(cleanUp: () => Promise<void>): void {
  cleanUps.push(cleanUp);
}

/** Start a fake. */
export async function startFake(options: FakePineconeOptions = {}): Promise<FakePinecone> {
  const fake = await startFakePinecone(options);
  afterTest(async () => fake.close());
  return fake;
}

/** Open a store on a fake, without a limit of requests. */
export async function openStore(fake: FakePinecone, settings: Settings = {}): Promise<StoreDriver> {
  const store = await adapter.open({ apiKey: fake.apiKey, host: fake.url, requestsPerSecond: '0', ...settings }, {});
  afterTest(async () => store.close());
  return store;
}

/** A fake and a store on it. */
export async function openFake(options: FakePineconeOptions = {}, settings: Settings = {}): Promise<Opened> {
  const fake = await startFake(options);
  return { fake, store: await openStore(fake, settings) };
}

/** A record of four dimensions, as the API takes it. */
export function record(
  n: number,
  metadata: object = { n },
): { readonly id: string; readonly values: number[]; readonly metadata: object } {
  return { id: recordId(n), values: [n + 1, 0.5, -n, 0.25], metadata };
}

/** Ids that ascend with `n`. */
export function recordId(n: number): string {
  return `r${String(n).padStart(5, '0')}`;
}

/** An index `books` of four dimensions with `count` records, and its collection. */
export async function seeded(
  count: number,
  options: FakePineconeOptions = {},
  settings: Settings = {},
): Promise<Opened & { readonly books: CollectionDriver }> {
  const opened = await openFake(options, settings);
  await opened.fake.createIndex({ name: 'books', dimension: 4 });
  opened.fake.seed(
    'books',
    Array.from({ length: count }, (_, n) => record(n)),
  );
  return { ...opened, books: await opened.store.collection('books', {}) };
}

/** All batches of an export. */
export async function exported(collection: CollectionDriver, options: ExportOptions = {}): Promise<ExportBatch[]> {
  const batches: ExportBatch[] = [];
  for await (const batch of collection.exportAll?.(options) ?? []) batches.push(batch);
  return batches;
}

/** The ids of batches. */
export function idsOf(batches: readonly VectorBatch[]): string[] {
  return batches.flatMap(({ ids }) => [...ids]);
}

/** The ids of the first `count` records. */
export function idsUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, n) => recordId(n));
}

/** The error of ours a call ends in. */
export async function failure(call: () => Promise<unknown>): Promise<VecportError> {
  try {
    await call();
  } catch (error) {
    if (isVecportError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

/** Write records. */
export async function write(collection: CollectionDriver, records: readonly VectorRecord[]) {
  return collection.upsertMany(batchFromRecords(records), {});
}
