import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Metric } from '@vecport/abstractions';
import { assertSame } from '@vecport/testkit';
import { type MigratedCollection, migrateCollections } from '@vecport/transfer';
import { closePlaces, openPlaces, type Place, type PlaceName, placeNames } from './support/every-provider.js';
import {
  changes,
  foretoldRecords,
  type HeldCorpus,
  heldPoints,
  loadGolden,
  namesOf,
  type ObservedLosses,
} from './support/golden-pairs.js';

const METRICS = ['cosine', 'dot', 'euclidean'] as const satisfies readonly Metric[];
/** It takes seconds to make a collection. */
const SLOW: readonly PlaceName[] = ['milvus-2.3'];
const NAMES = placeNames([
  'lancedb',
  'qdrant',
  'pinecone',
  'elastic-9',
  'weaviate-1.39',
  'milvus-lite-3',
  'milvus-2.3',
  'pgvector',
]);
const PAIRS = NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const));

/** By pair and by metrics: each foretold loss with the golden records that are lost by it. */
type LossTable = Readonly<Record<string, Readonly<Record<string, ObservedLosses>>>>;

const TABLE = new URL('./migrate-every-pair.losses.json', import.meta.url);
const isWritten = process.env['VECPORT_WRITE_GOLDEN'] === '1';
const seen: Record<string, Readonly<Record<string, ObservedLosses>>> = {};

let places: ReadonlyMap<PlaceName, Place> = new Map();
const corpora = new Map<PlaceName, ReadonlyMap<Metric, HeldCorpus>>();
let table: LossTable = {};

beforeAll(async () => {
  places = new Map((await openPlaces(NAMES)).map((place) => [place.name, place]));
  for (const place of places.values()) {
    const own = new Map<Metric, HeldCorpus>();
    corpora.set(place.name, own);
    for (const metric of metricsOf(place.name)) own.set(metric, await loadGolden(place, metric));
  }
  if (!isWritten) table = JSON.parse(await readFile(TABLE, 'utf8')) as LossTable;
}, 300_000);

afterAll(async () => {
  try {
    for (const { name, store } of places.values()) {
      for (const { collection } of corpora.get(name)?.values() ?? []) await store.drop(collection);
    }
  } finally {
    await closePlaces([...places.values()]);
  }
  if (isWritten) await writeTable(seen);
}, 120_000);

describe('the golden corpus, or what the first provider holds of it', () => {
  it.each(PAIRS)('%s → %s: loses what was foretold and nothing else, and comes back', async (from, to) => {
    const [source, target] = [placeAt(from), placeAt(to)];
    const observed: [Metric, ObservedLosses][] = [];
    for (const metric of metricsOf(from, to)) observed.push([metric, await thereAndBack(source, target, metric)]);
    const pair = `${from} → ${to}`;
    seen[pair] = groupMetrics(observed);
    if (isWritten) throw new Error('The losses were written to the table: check them.');
    assertSame(asLines(seen[pair]), asLines(table[pair] ?? {}), `the losses of ${pair} differ from the table`);
  });
});

function metricsOf(...names: readonly PlaceName[]): readonly Metric[] {
  return names.some((name) => SLOW.includes(name)) ? ['cosine'] : METRICS;
}

/** Move the corpus there, and what arrived back into another collection. */
async function thereAndBack(source: Place, target: Place, metric: Metric): Promise<ObservedLosses> {
  const corpus = corpusOf(source, metric);
  const there = target.collectionName(`from ${source.name}`);
  const back = source.collectionName(`back from ${target.name}`);
  try {
    const moved = await move(source, corpus.collection, target, there);
    const arrived = await heldPoints(await target.store.repository(there));
    const losses = checkLosses(moved, corpus, arrived, target);
    const unit = 'changed vector:default' in losses;
    expect(changes(corpus.points, arrived, unit)).toEqual([]);

    const returned = await move(target, there, source, back);
    expect(returned).toMatchObject({ accepted: arrived.size, refused: 0 });
    const restored = await heldPoints(await source.store.repository(back));
    expect([...restored.keys()].toSorted()).toEqual([...arrived.keys()].toSorted());
    expect(changes(corpus.points, restored, unit || 'changed vector:default' in lossesBySubject(returned))).toEqual([]);
    return losses;
  } finally {
    await dropIfThere(target, there);
    await dropIfThere(source, back);
  }
}

async function move(source: Place, collection: string, target: Place, as: string): Promise<MigratedCollection> {
  const request = { source: source.store, collections: [collection], target: target.store, as, verify: true } as const;
  const { collections, complete, warnings } = await migrateCollections({ ...request, mode: 'create' });
  const [moved] = collections as [MigratedCollection];
  expect(warnings).toEqual([]);
  // What was accepted is as it was written, also where points were refused.
  expect(moved.comparison).toMatchObject({ equal: true, differences: [] });
  expect(complete).toBe(moved.refused === 0);
  return moved;
}

/** Exactly the records that were foretold did not arrive. */
function checkLosses(
  moved: MigratedCollection,
  corpus: HeldCorpus,
  arrived: HeldCorpus['points'],
  target: Place,
): ObservedLosses {
  const missing = namesOf([...corpus.points.keys()].filter((id) => !arrived.has(id)));
  expect(namesOf(moved.failed.map(({ id }) => id)).toSorted()).toEqual(missing.toSorted());
  expect(moved).toMatchObject({ read: corpus.points.size, accepted: arrived.size, refused: missing.length });
  const foretold = Object.fromEntries(
    moved.losses.map((loss) => [
      `${loss.kind} ${loss.subject}`,
      foretoldRecords(loss, corpus, target.store.traits).toSorted(),
    ]),
  );
  expect([...new Set(Object.values(foretold).flat())].toSorted()).toEqual(missing.toSorted());
  return foretold;
}

function lossesBySubject({ losses }: MigratedCollection): Readonly<Record<string, true>> {
  return Object.fromEntries(losses.map(({ kind, subject }) => [`${kind} ${subject}`, true]));
}

/** Metrics under which the same is lost stand together. */
function groupMetrics(observed: readonly (readonly [Metric, ObservedLosses])[]): LossTable[string] {
  const groups = Map.groupBy(observed, ([, losses]) => JSON.stringify(losses));
  return Object.fromEntries(
    [...groups.values()].map((group) => [group.map(([metric]) => metric).join(', '), group[0]?.[1] ?? {}]),
  );
}

function asLines(losses: LossTable[string]): string[] {
  return Object.entries(losses).flatMap(([metrics, own]) =>
    Object.entries(own).map(([loss, records]) => `${metrics}: ${loss}: ${records.join('; ')}`),
  );
}

function placeAt(name: PlaceName): Place {
  const place = places.get(name);
  if (place === undefined) throw new Error(`${name} is not open.`);
  return place;
}

function corpusOf({ name }: Place, metric: Metric): HeldCorpus {
  const corpus = corpora.get(name)?.get(metric);
  if (corpus === undefined) throw new Error(`The corpus is not in ${name}.`);
  return corpus;
}

async function dropIfThere({ store }: Place, collection: string): Promise<void> {
  const there = (await store.collections()).some(({ name }) => name === collection);
  if (there) await store.drop(collection);
}

/** With a part of the servers, the pairs of the others stay in the table. */
async function writeTable(pairs: LossTable): Promise<void> {
  const old = JSON.parse(await readFile(TABLE, 'utf8').catch(() => '{}')) as LossTable;
  await writeFile(TABLE, `${JSON.stringify({ ...old, ...pairs }, undefined, 2)}\n`);
}
