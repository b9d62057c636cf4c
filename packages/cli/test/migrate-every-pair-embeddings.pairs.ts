import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dataset, isSameDigest } from '@vecport/dataset';
import { importDataset, type MigratedCollection, migrateCollections } from '@vecport/transfer';
import {
  type Embeddings,
  embeddingsOf,
  exactRecall,
  ownRecall,
  type Query,
  queriesOf,
  readBack,
  unicodeDataset,
} from './support/embeddings.js';
import { closePlaces, openPlaces, type Place, type PlaceName, placeNames } from './support/every-provider.js';

const NAMES = placeNames(['lancedb', 'qdrant', 'pinecone', 'elastic-9', 'weaviate-1.39', 'milvus-lite-3', 'pgvector']);
/** Each pair once: what went there comes back, which is the pair the other way round. */
const PAIRS = NAMES.flatMap((from, at) => NAMES.slice(at + 1).map((to) => [from, to] as const));
const QUERIES = 5;
/** The share of neighbours an approximate index finds at the least; indexes are built anew each time, so it varies. */
const APPROXIMATE = 0.8;
/** Fakes, whose search is a slow loop: one query is enough to tell that they hold the vectors. */
const FAKES: readonly PlaceName[] = ['qdrant', 'pinecone'];
/** Places that compare all vectors whatever index a description names. */
const ALWAYS_EXACT: readonly PlaceName[] = ['lancedb', 'qdrant', 'pinecone'];

/** The embeddings loaded into a place without a migration. */
interface Direct {
  readonly place: Place;
  readonly collection: string;
  readonly exact: number;
  readonly digest: Embeddings['digest'];
}

let places: readonly Place[] = [];
let dataset: Dataset;
let original: Embeddings;
let queries: readonly Query[] = [];
let table: Readonly<Record<string, Readonly<Record<string, object>>>> = {};
const direct = new Map<PlaceName, Direct>();

beforeAll(async () => {
  const text = await readFile(new URL('./migrate-every-pair.losses.json', import.meta.url), 'utf8');
  table = JSON.parse(text) as typeof table;
  dataset = await unicodeDataset();
  original = await embeddingsOf(dataset);
  queries = queriesOf(original, QUERIES);
  places = await openPlaces(NAMES);
  for (const place of places) direct.set(place.name, await load(place));
}, 300_000);

afterAll(async () => {
  try {
    for (const { place, collection } of direct.values()) await place.store.drop(collection);
  } finally {
    await closePlaces(places);
  }
}, 120_000);

describe('5,000 real embeddings', () => {
  it.each(PAIRS)(
    '%s ⇄ %s: arrive and come back bit by bit, but for unit vectors, and are found',
    async (from, to) => {
      const [source, target] = [directIn(from), directIn(to)];
      const there = target.place.collectionName(`from ${from}`);
      const back = source.place.collectionName(`back from ${to}`);
      try {
        const arrived = await move(source.place, source.collection, source.digest, target, there);
        await move(target.place, there, arrived, source, back);
      } finally {
        await dropIfThere(target.place, there);
        await dropIfThere(source.place, back);
      }
    },
    300_000,
  );
});

async function load(place: Place): Promise<Direct> {
  const collection = place.collectionName('direct');
  const { complete } = await importDataset({
    dataset,
    target: place.store,
    as: collection,
    mode: 'create',
    verify: true,
  });
  expect(complete).toBe(true);
  const embeddings = await readBack(await place.store.repository(collection));
  return { place, collection, exact: exactRecall(embeddings, queries), digest: embeddings.digest };
}

/** Move a collection into a store and hold it against what was moved, and against what was loaded there directly. */
async function move(
  { name: from, store }: Place,
  collection: string,
  sent: Embeddings['digest'],
  { place: { name: to, store: target }, exact, collection: loaded }: Direct,
  as: string,
): Promise<Embeddings['digest']> {
  const report = await migrateCollections({
    source: store,
    collections: [collection],
    target,
    as,
    mode: 'create',
    verify: true,
  });
  expect(report).toMatchObject({ complete: true, warnings: [] });
  const [moved] = report.collections as [MigratedCollection];
  const losses = moved.losses.map(({ kind, subject }) => `${kind} ${subject}`);
  expect(losses).toEqual(tabled(`${from} → ${to}`));

  const repository = await target.repository(as);
  const arrived = await readBack(repository);
  expect(arrived.digest).toMatchObject({ count: sent.count, ids: sent.ids, metadata: sent.metadata });
  if (!losses.includes('changed vector:default')) expect(isSameDigest(arrived.digest, sent)).toBe(true);

  expect(exactRecall(arrived, queries)).toBe(exact);
  expect(exact).toBe(1);
  const { index } = (await repository.describe()).vectors['default'] ?? {};
  const isExact = ALWAYS_EXACT.includes(to) || index === undefined || index.type === 'flat';
  const own = await ownRecall(repository, FAKES.includes(to) ? queries.slice(0, 1) : queries);
  if (isExact) expect(own).toBe(1);
  else {
    const likeOwn = await ownRecall(await target.repository(loaded), queries);
    expect(Math.min(own, likeOwn)).toBeGreaterThanOrEqual(APPROXIMATE);
  }
  return arrived.digest;
}

/** The losses of a pair under cosine, as the golden corpus has them. */
function tabled(pair: string): readonly string[] {
  const [, losses = {}] = Object.entries(table[pair] ?? {}).find(([metrics]) => metrics.includes('cosine')) ?? [];
  return Object.keys(losses);
}

function directIn(name: PlaceName): Direct {
  const found = direct.get(name);
  if (found === undefined) throw new Error(`The embeddings are not in ${name}.`);
  return found;
}

async function dropIfThere({ store }: Place, collection: string): Promise<void> {
  const there = (await store.collections()).some(({ name }) => name === collection);
  if (there) await store.drop(collection);
}
