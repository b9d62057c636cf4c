import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDescription,
  type Consistency,
  type ExportOptions,
  type IVectorSearchRepository,
  requireCapability,
  type VectorRecord,
} from '@vecport/abstractions';
import { createDigest, type Dataset, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { eventually, fingerprints, memoryRepositories, randomPoints, tempFolder } from '@vecport/testkit';
import { exportDataset, migrateCollections } from '@vecport/transfer';
import { closePlaces, openPlaces, type Place, type PlaceName, placeNames } from './support/every-provider.js';

/** What a full read of a place sees while others write. */
const CONSISTENCY = {
  lancedb: 'snapshot',
  'elastic-9': 'point-in-time',
  pgvector: 'point-in-time',
  qdrant: 'scan',
  pinecone: 'scan',
  'weaviate-1.39': 'scan',
  'milvus-lite-3': 'scan',
  'milvus-2.3': 'scan',
} as const satisfies Readonly<Record<PlaceName, Consistency>>;

const NAMES = placeNames(Object.keys(CONSISTENCY) as PlaceName[]);
const POINTS = 3000;
const ADDED = 50;
const REMOVED = 20;
const PAGE = 500;
const written = randomPoints(31, POINTS, 8);
const added = randomPoints(32, ADDED, 8).map((point) => ({ ...point, id: `new-${point.id}` }));

let places: ReadonlyMap<PlaceName, Place> = new Map();

beforeAll(async () => {
  places = new Map((await openPlaces(NAMES)).map((place) => [place.name, place]));
}, 120_000);

afterAll(async () => closePlaces([...places.values()]), 60_000);

describe.each(NAMES)('a collection in %s that changes while it is read', (name) => {
  it(`is exported as ${CONSISTENCY[name] === 'scan' ? 'its pages are read' : 'it was at the start'}, with a warning that has numbers`, async () => {
    await withCollection(place(name), async (repository) => {
      const changes = createChanges(repository);
      const storage = localStorage(await tempFolder());
      const { manifest, warnings } = await exportDataset({
        id: 'changing',
        tool: { name: 'export-changing-source', version: '0' },
        source: { provider: repository.provider },
        repositories: [changes.repository],
        batchSize: PAGE,
        parallel: 1,
        storage,
      });
      expect(changes.removed()).toHaveLength(REMOVED);
      const [collection] = manifest.collections;
      expect(collection).toMatchObject({ consistency: CONSISTENCY[name], counts: { before: POINTS } });
      expect(warnings).toEqual([warningOf(name, collection?.counts.exported)]);
      const dataset = await openDataset(storage);
      if (CONSISTENCY[name] !== 'scan') expect(collection?.digest).toEqual(digestOf(written));
      else expect(await wrongPoints(dataset, changes.removed())).toEqual([]);
    });
  }, 300_000);

  it('is migrated with the same warning', async () => {
    await withCollection(place(name), async (repository) => {
      const changes = createChanges(repository);
      const { store } = place(name);
      const { warnings, collections } = await migrateCollections({
        source: { ...store, repository: async () => changes.repository },
        collections: [repository.collection],
        target: memoryRepositories(),
        mode: 'create',
        batchSize: PAGE,
        parallel: 1,
      });
      const [{ read } = { read: 0 }] = collections;
      expect(warnings).toEqual([`${repository.collection}: ${warningText(name, read)}.`]);
      if (CONSISTENCY[name] !== 'scan') expect(read).toBe(POINTS);
    });
  }, 300_000);
});

interface Changes {
  /** The collection, which changes after the first page of a full read. */
  readonly repository: IVectorSearchRepository;
  /** The points that were removed. */
  removed(): readonly string[];
}

/** Points are added, and as many as {@link REMOVED} of those that were read already are removed. */
function createChanges(repository: IVectorSearchRepository): Changes {
  const exporter = requireCapability(repository, 'exportAll');
  const removed: string[] = [];
  const changing = async function* (options?: ExportOptions) {
    for await (const batch of exporter.exportAll(options)) {
      yield batch;
      if (removed.length > 0) continue;
      removed.push(...batch.ids.slice(0, REMOVED));
      expect((await repository.deleteMany(removed)).failed).toEqual([]);
      expect(await repository.upsertMany(added)).toMatchObject({ accepted: ADDED });
      await counted(repository, POINTS + ADDED - REMOVED);
    }
  };
  return { repository: { ...repository, exportAll: changing }, removed: () => removed };
}

async function withCollection(
  { store, collectionName }: Place,
  work: (repository: IVectorSearchRepository) => Promise<void>,
): Promise<void> {
  const description = describedAs(collectionName('changing'));
  await store.create(description);
  try {
    const repository = await store.repository(description.name);
    expect(await repository.upsertMany(written)).toMatchObject({ accepted: POINTS, failed: [] });
    await counted(repository, POINTS);
    await work(repository);
  } finally {
    await store.drop(description.name);
  }
}

async function counted(repository: IVectorSearchRepository, count: number): Promise<void> {
  await eventually(`${count} points are counted`, async () => (await repository.count()) === count, {
    timeout: 60_000,
  });
}

function describedAs(name: string): CollectionDescription {
  const vector = { kind: 'dense', dimension: 8, elementType: 'float32', metric: 'euclidean' } as const;
  return { name, vectors: { default: vector }, idKinds: ['string'] };
}

function place(name: PlaceName): Place {
  const found = places.get(name);
  if (found === undefined) throw new Error(`${name} is not open.`);
  return found;
}

/** Numbers of before and after and of what was read are in it; where counts may be late, that as well. */
function warningText(name: PlaceName, read: number): string {
  const after = POINTS + ADDED - REMOVED;
  return name === 'pinecone'
    ? `the source counted ${POINTS} points before and ${after} after, and gave ${read}; its counts may be late`
    : `the source changed while it was read: ${POINTS} points before, ${after} after, ${read} exported`;
}

function warningOf(name: PlaceName, exported = 0): unknown {
  return expect.stringContaining(warningText(name, exported));
}

function digestOf(records: readonly VectorRecord[]) {
  const digest = createDigest();
  digest.add(batchFromRecords(records));
  return digest.value();
}

/** Points of the dataset that were never written so, or come twice, and points that were there all the time and are missing. */
async function wrongPoints(dataset: Dataset, removed: readonly string[]): Promise<readonly string[]> {
  const known = new Set(fingerprints(batchFromRecords([...written, ...added])));
  const seen = new Set<string>();
  const wrong: string[] = [];
  for await (const batch of dataset.read(dataset.collection())) {
    fingerprints(batch).forEach((print, row) => {
      const id = batch.ids[row] ?? '';
      if (!known.has(print) || seen.has(id)) wrong.push(id);
      seen.add(id);
    });
  }
  const gone = new Set(removed);
  return [...wrong, ...written.flatMap(({ id }) => (seen.has(id) || gone.has(id) ? [] : [`${id} is missing`]))];
}
