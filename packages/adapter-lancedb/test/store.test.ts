import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { connect, Index } from '@lancedb/lancedb';
import { ADAPTER, type AdapterRegistration, type CollectionDescription, eq } from '@vecport/abstractions';
import { adapter, lancedb } from '@vecport/adapter-lancedb';
import { removeTempFolders, spawnNode } from '@vecport/testkit';
import { Container } from 'inversify';
import { describes, newCollection, newStore, points, write } from './support/tables.js';

jest.setTimeout(60_000);

afterAll(removeTempFolders);

const FULL: CollectionDescription = {
  name: 'full',
  vectors: {
    default: { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'cosine' },
    'title/é': { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'dot' },
    late: { kind: 'multi', dimension: 4, elementType: 'float32', metric: 'euclidean' },
  },
  idKinds: ['u64', 'uuid'],
  fields: [
    { name: 'Name', type: 'string' },
    { name: 'name', type: 'string' },
    { name: 'a.b', type: 'integer[]' },
    { name: 'a_b', type: 'boolean' },
  ],
  embeddingModel: 'all-MiniLM-L6-v2',
};

describe('the adapter', () => {
  it('says what its package says', async () => {
    const text = await readFile(join(import.meta.dirname, '..', 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as { readonly version: string; readonly vecport: unknown };
    expect(adapter.version).toBe(manifest.version);
    expect(manifest.vecport).toEqual({
      adapter: adapter.name,
      schemes: adapter.schemes,
      env: adapter.settings.flatMap(({ env }) => env ?? []),
    });
    expect(Object.isFrozen(adapter)).toBe(true);
  });

  it.each([
    ['lancedb:./data#items', './data', 'items'],
    ['lancedb:/srv/data', '/srv/data', undefined],
    ['lancedb:///srv/a b#t', '/srv/a b', 't'],
  ])('splits %s', (url, path, collection) => {
    expect(adapter.parseUrl(url)).toEqual({ settings: { path }, collection });
  });

  it('refuses a URL without a folder', () => {
    expect(() => adapter.parseUrl('lancedb:#t')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('registers itself in a container without opening anything', () => {
    const container = new Container();
    container.load(lancedb({ path: '/nowhere' }));
    expect(container.get<AdapterRegistration>(ADAPTER)).toMatchObject({ adapter, settings: { path: '/nowhere' } });
  });

  it('tells the version of LanceDB', async () => {
    const { store } = await newStore();
    expect(store.version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('a collection', () => {
  it('is described as it was made, also in another process and after writes', async () => {
    const { store, path } = await newStore();
    const collection = await newCollection(store, FULL);
    await write(collection, [{ id: '1', metadataText: '{"Name":"A","name":"b","a":{"b":[1]},"a_b":true}' }]);
    expect(await collection.describe({})).toMatchObject(FULL);
    const require = createRequire(import.meta.url);
    const child = spawnNode(require.resolve('./support/print-schema.mjs'), [path, 'full']);
    const { stdout } = await child.exit;
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      description: { fields: FULL.fields, vectors: FULL.vectors },
    });
  });

  it('keeps fields apart whose names differ in case or in a dot', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, FULL);
    await write(collection, [{ id: '1', metadataText: '{"Name":"A","name":"b","a":{"b":[1]},"a_b":true}' }]);
    for (const [filter, expected] of [
      [eq('Name', 'A'), 1],
      [eq('Name', 'b'), 0],
      [eq('name', 'b'), 1],
      [eq('name', 'A'), 0],
      [eq('a_b', true), 1],
    ] as const) {
      expect([filter, await collection.count(filter, {})]).toEqual([filter, expected]);
    }
    expect(await collection.count({ op: 'contains', field: 'a.b', value: 1 }, {})).toBe(1);
  });

  it.each(['string', 'integer', 'number', 'boolean', 'string[]', 'integer[]', 'number[]'] as const)(
    'takes points without a value for a field of type %s',
    async (type) => {
      const { store } = await newStore();
      const collection = await newCollection(store, describes('t', 2, { fields: [{ name: 'n', type }] }));
      await write(
        collection,
        points(0, 9).map(({ id, embedding }) => ({ id, embedding })),
      );
      await write(
        collection,
        points(9, 12).map(({ id, embedding }) => ({ id, embedding, metadataText: '{"n":[]}' })),
      );
      expect(await collection.count({ op: 'exists', field: 'n' }, {})).toBe(type.endsWith('[]') ? 3 : 0);
      expect(await collection.count(undefined, {})).toBe(12);
    },
  );

  it.each<[string, Partial<CollectionDescription>]>([
    ['sparse', { vectors: { s: { kind: 'sparse', elementType: 'float32' } } }],
    ['float16', { vectors: { s: { kind: 'dense', dimension: 2, elementType: 'float16' } } }],
    ['manhattan', { vectors: { s: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'manhattan' } } }],
  ])('with %s vectors is refused by name and not made', async (what, change) => {
    const { store } = await newStore();
    await expect(store.create(describes('t', 2, change), {})).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(new RegExp(`'s'.*${what}`)),
    });
    expect(await store.collections({})).toEqual([]);
  });

  it.each([undefined, 0, 1.5, -1])('with the dimension %s is refused', async (dimension) => {
    const { store } = await newStore();
    const vectors = { default: { kind: 'dense', dimension, elementType: 'float32' } } as const;
    await expect(store.create(describes('t', 2, { vectors }), {})).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('may have as many dimensions, and ids as long, as the traits say', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 65_536));
    const embedding = Float32Array.from({ length: collection.traits.maxDimension }, (_, at) => at);
    const id = 'é'.repeat(collection.traits.maxIdBytes / 2);
    await write(collection, [{ id, embedding }]);
    expect(await collection.get([id], {})).toMatchObject({ ids: [id], vectors: { default: { values: embedding } } });
  });

  it('is listed with all others by name', async () => {
    const { store } = await newStore();
    const names = Array.from({ length: 25 }, (_, at) => `table_${String(24 - at).padStart(2, '0')}`);
    for (const name of names) await store.create(describes(name, 2), {});
    expect(await store.collections({})).toEqual(names.toSorted().map((name) => ({ name })));
  });

  it('robbed of a column is refused', async () => {
    const { store, path } = await newStore();
    await store.create(describes('t', 2, { fields: [{ name: 'n', type: 'integer' }] }), {});
    const table = await (await connect(path)).openTable('t');
    await table.dropColumns(['field_n']);
    await expect(store.collection('t', {})).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining('field_n'),
    });
  });
});

describe('search', () => {
  it('is exact whatever index there is, and finds what was written after it', async () => {
    const { store, path } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    await write(collection, points(0, 300));
    const table = await (await connect(path)).openTable('t');
    await table.createIndex('vector', { config: Index.ivfFlat({ distanceType: 'cosine', numPartitions: 8 }) });
    await write(collection, [{ id: 'new', embedding: Float32Array.of(7.5, 1) }]);
    const found = await collection.search({ vector: Float32Array.of(7.5, 1), topK: 3 }, {});
    expect(found.map(({ id, score }) => [id, score])).toEqual([['new', 0], expect.anything(), expect.anything()]);
    expect(new Map(found.slice(1).map(({ id, score }) => [id, score]))).toEqual(
      new Map([
        ['p7', -0.5],
        ['p8', -0.5],
      ]),
    );
  });

  it('by cosine refuses zeros and does not find them; by other metrics they are vectors like others', async () => {
    const { store } = await newStore();
    const zeros = [
      { id: 'zero', embedding: Float32Array.of(0, 0) },
      { id: 'one', embedding: Float32Array.of(1, 0) },
    ];
    const cosine = { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } } as const;
    const byAngle = await newCollection(store, describes('angle', 2, { vectors: cosine }));
    const byDistance = await newCollection(store, describes('distance', 2));
    await Promise.all([write(byAngle, zeros), write(byDistance, zeros)]);
    const query = { vector: Float32Array.of(1, 0), topK: 5 };
    expect((await byAngle.search(query, {})).map(({ id }) => id)).toEqual(['one']);
    expect((await byDistance.search(query, {})).map(({ id }) => id)).toEqual(['one', 'zero']);
    await expect(byAngle.search({ vector: Float32Array.of(0, 0), topK: 1 }, {})).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });

  it.each([
    [
      'cosine',
      [
        ['far', Math.SQRT1_2],
        ['near', 1],
      ],
    ],
    [
      'dot',
      [
        ['far', 2],
        ['near', 1],
      ],
    ],
    [
      'euclidean',
      [
        ['far', -Math.sqrt(5)],
        ['near', 0],
      ],
    ],
  ] as const)('of multi vectors by %s goes by the nearest of their rows', async (metric, expected) => {
    const { store } = await newStore();
    const vectors = { default: { kind: 'multi', dimension: 2, elementType: 'float32', metric } } as const;
    const collection = await newCollection(store, describes('t', 2, { vectors }));
    await write(collection, [
      { id: 'near', vectors: { default: [Float32Array.of(0, 1), Float32Array.of(1, 0)] } },
      { id: 'far', vectors: { default: [Float32Array.of(2, 2)] } },
      { id: 'none', vectors: { default: [] } },
    ]);
    const found = await collection.search({ vector: Float32Array.of(1, 0), topK: 5 }, {});
    const scores = new Map(found.map(({ id, score }) => [id, score]));
    expect([...scores.keys()].toSorted()).toEqual(['far', 'near']);
    for (const [id, score] of expected) expect(scores.get(id)).toBeCloseTo(score, 5);
  });

  it('of several named vectors asks which one', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, {
      ...FULL,
      vectors: { a: FULL.vectors['title/é'] ?? never(), b: FULL.vectors['title/é'] ?? never() },
    });
    await write(collection, [{ id: '1', vectors: { a: Float32Array.of(2, 3), b: Float32Array.of(1, 0) } }]);
    await expect(collection.search({ vector: Float32Array.of(1, 1), topK: 1 }, {})).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    expect(await collection.search({ vector: Float32Array.of(1, 1), topK: 1, vectorName: 'a' }, {})).toMatchObject([
      { id: '1', score: 5 },
    ]);
  });
});

function never(): never {
  throw new Error('The description has this vector.');
}
