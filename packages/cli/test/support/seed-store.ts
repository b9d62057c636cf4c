import { type CollectionDescription, metadataFromTexts, type VectorBatch } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { createHost, type OpenStore } from '@vecport/core';

/** A collection as tests write it: point `n` has the id `id-<n>` and metadata with `n` and `lang`. */
export interface SeedRequest {
  readonly name: string;
  readonly points: number;
  readonly dimension: number;
  /** `cosine` if not said. */
  readonly metric?: 'cosine' | 'euclidean' | undefined;
  /** Another number gives other vectors. */
  readonly seed?: number | undefined;
}

const BATCH = 20_000;

/** Do something with the LanceDB store in a folder. */
export async function withStore<T>(path: string, work: (store: OpenStore) => Promise<T>): Promise<T> {
  const host = await createHost({ modules: [lancedb({ path })], discover: false, envFile: false, env: {} });
  try {
    return await work(await host.catalog.open('lancedb'));
  } finally {
    await host.close();
  }
}

/** Make collections in the LanceDB store in a folder. */
export async function seedStore(path: string, collections: readonly SeedRequest[]): Promise<void> {
  await withStore(path, async (store) => {
    for (const request of collections) {
      await store.create(descriptionOf(request));
      const repository = await store.repository(request.name);
      for (let start = 0; start < request.points; start += BATCH) {
        await repository.upsertMany(points(request, start, Math.min(request.points, start + BATCH)));
      }
    }
  });
}

/** Names of the collections of a store, with the number of their points. */
export async function countsIn(path: string): Promise<Readonly<Record<string, number>>> {
  return withStore(path, async (store) => {
    const counts: Record<string, number> = {};
    for (const { name } of await store.collections()) counts[name] = await (await store.repository(name)).count();
    return counts;
  });
}

function descriptionOf({ name, dimension, metric = 'cosine' }: SeedRequest): CollectionDescription {
  return {
    name,
    idKinds: ['string'],
    vectors: { default: { kind: 'dense', dimension, elementType: 'float32', metric } },
    fields: [
      { name: 'n', type: 'integer' },
      { name: 'lang', type: 'string' },
    ],
  };
}

function points({ dimension, seed = 0 }: SeedRequest, start: number, end: number): VectorBatch {
  const rows = Array.from({ length: end - start }, (_, row) => start + row);
  const values = new Float32Array(rows.length * dimension);
  for (let at = 0; at < values.length; at++) values[at] = Math.sin(start * dimension + at + seed * 7919);
  return {
    ids: rows.map((n) => `id-${n}`),
    vectors: { default: { kind: 'dense', dimension, values } },
    metadata: metadataFromTexts(rows.map((n) => `{"n":${n},"lang":"${n % 3 === 0 ? 'de' : 'en'}"}`)),
  };
}
