import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { connect, Index } from '@lancedb/lancedb';
import {
  batchFromRecords,
  type CollectionDriver,
  contains,
  eq,
  gt,
  rows,
  type StoreDriver,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-lancedb';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import * as arrow from 'apache-arrow';
import { exported } from './support/tables.js';

jest.setTimeout(60_000);

afterAll(removeTempFolders);

const item = (type: arrow.DataType): arrow.Field => new arrow.Field('item', type, true);
const float2 = new arrow.FixedSizeList(2, item(new arrow.Float32()));

/** A table as an application makes it with LanceDB alone. */
async function foreignTable(fields: readonly arrow.Field[], records: Record<string, unknown>[]): Promise<StoreDriver> {
  const path = await tempFolder();
  const schema = new arrow.Schema([...fields]);
  const connection = await connect(path);
  const table = await connection.createEmptyTable('t', schema);
  if (records.length > 0) await table.add(records);
  connection.close();
  return adapter.open({ path }, {});
}

async function contents(collection: CollectionDriver): Promise<Record<string, unknown>> {
  const batches = await exported(collection);
  return Object.fromEntries(
    batches.flatMap((batch) => [...rows(batch)].map(({ id, metadataText }) => [id, metadataText])),
  );
}

describe('a table that Vecport did not make', () => {
  it('can be read: its columns are the metadata, its lists of floats the vectors', async () => {
    const store = await foreignTable(
      [
        new arrow.Field('id', new arrow.Int64(), false),
        new arrow.Field('vector', float2, true),
        new arrow.Field('title', float2, true),
        new arrow.Field('name', new arrow.Utf8(), true),
        new arrow.Field('big', new arrow.Int64(), true),
        new arrow.Field('small', new arrow.Int32(), true),
        new arrow.Field('tags', new arrow.List(item(new arrow.Utf8())), true),
        new arrow.Field('half', new arrow.Float32(), true),
      ],
      [
        {
          id: 9007199254740993n,
          vector: [1, 2],
          title: [0, 1],
          name: "it's",
          big: 9007199254740995n,
          small: 1,
          tags: ['a', 'b'],
          half: 0.5,
        },
        { id: -1n, vector: null, title: [3, 4], name: null, big: 0n, small: -2, tags: [], half: null },
      ],
    );
    const collection = await store.collection('t', {});
    expect(await collection.describe({})).toMatchObject({
      name: 't',
      vectors: {
        default: { kind: 'dense', dimension: 2, elementType: 'float32' },
        title: { kind: 'dense', dimension: 2, elementType: 'float32' },
      },
      idKinds: ['i64'],
      fields: [
        { name: 'name', type: 'string' },
        { name: 'big', type: 'integer' },
        { name: 'small', type: 'integer' },
        { name: 'tags', type: 'string[]' },
        { name: 'half', type: 'number' },
      ],
    });
    expect(await contents(collection)).toEqual({
      '9007199254740993': `{"name":"it's","big":9007199254740995,"small":1,"tags":["a","b"],"half":0.5}`,
      '-1': '{"name":null,"big":0,"small":-2,"tags":[],"half":null}',
    });
    const found = await collection.get(['-1', '9007199254740993', '01', 'x'], {});
    expect(found.ids).toEqual(['-1', '9007199254740993']);
    expect([...rows(found)].map((row) => [row.vector('default'), row.vector('title')])).toEqual([
      [undefined, Float32Array.of(3, 4)],
      [Float32Array.of(1, 2), Float32Array.of(0, 1)],
    ]);
    expect(await collection.count(eq('big', 9007199254740995n), {})).toBe(1);
    expect(await collection.count(contains('tags', 'b'), {})).toBe(1);
    expect(await collection.count(gt('small', -3000000000), {})).toBe(2);
    expect(await collection.search({ vector: Float32Array.of(1, 2), topK: 5 }, {})).toMatchObject([
      { id: '9007199254740993', score: 0 },
    ]);
  });

  it('is not written to, but points can be deleted', async () => {
    const store = await foreignTable(
      [new arrow.Field('id', new arrow.Utf8(), false), new arrow.Field('vector', float2, true)],
      [
        { id: 'a', vector: [1, 2] },
        { id: 'b', vector: [1, 2] },
      ],
    );
    const collection = await store.collection('t', {});
    const batch = batchFromRecords([{ id: 'c', embedding: Float32Array.of(1, 2) }]);
    await expect(collection.upsertMany(batch, {})).rejects.toMatchObject({ code: 'not-supported' });
    await collection.deleteMany(['a'], {});
    expect(await contents(collection)).toEqual({ b: '{}' });
  });

  it('is searched by the metric its index was made with', async () => {
    const path = await tempFolder();
    const connection = await connect(path);
    const table = await connection.createTable(
      't',
      Array.from({ length: 300 }, (_, at) => ({ id: `${at}`, vector: [at, 1] })),
    );
    await table.createIndex('vector', { config: Index.ivfFlat({ distanceType: 'cosine', numPartitions: 1 }) });
    const collection = await (await adapter.open({ path }, {})).collection('t', {});
    expect((await collection.describe({})).vectors['default']).toMatchObject({
      metric: 'cosine',
      index: { type: 'ivf_flat' },
    });
    const [first] = await collection.search({ vector: Float32Array.of(0, 5), topK: 1 }, {});
    expect(first).toMatchObject({ id: '0', score: 1 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'with %d in its metadata cannot be read, and says why',
    async (price) => {
      const store = await foreignTable(
        [new arrow.Field('id', new arrow.Utf8(), false), new arrow.Field('price', new arrow.Float64(), true)],
        [{ id: 'a', price }],
      );
      await expect(exported(await store.collection('t', {}))).rejects.toMatchObject({
        code: 'not-supported',
        reason: expect.stringContaining("'price'"),
        advice: expect.stringContaining('null'),
      });
    },
  );

  it.each([
    ['when', new arrow.TimestampMillisecond()],
    ['bytes', new arrow.Binary()],
    ['vector', new arrow.FixedSizeList(2, item(new arrow.Float64()))],
  ])('is refused when the column %j of type %s cannot be carried exactly', async (name, type) => {
    const store = await foreignTable(
      [new arrow.Field('id', new arrow.Utf8(), false), new arrow.Field(name, type, true)],
      [],
    );
    await expect(store.collection('t', {})).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining(`'${name}'`),
    });
  });

  it('is refused without an id column', async () => {
    const store = await foreignTable([new arrow.Field('key', new arrow.Utf8(), false)], []);
    await expect(store.collection('t', {})).rejects.toMatchObject({ code: 'not-supported' });
  });
});
