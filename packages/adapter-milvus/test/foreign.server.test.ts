import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type CollectionDriver, metadataText, type StoreDriver } from '@vecport/abstractions';
import { adapter, type MilvusOptions } from '@vecport/adapter-milvus';
import { serverUrl, testedServers } from '@vecport/testkit';
import { DataType, type MilvusClient } from '@zilliz/milvus2-sdk-node';
import { check, makeNative, officialClient } from './support/native-collection.js';
import { exportIds } from './support/open-fake.js';

const BIG = '9007199254740993';

for (const name of testedServers(['milvus-2.3', 'milvus-lite-3', 'milvus-lite-2.5'] as const)) {
  describe(`collections that other programs made in ${name}`, () => {
    const collection_name = `Foreign_${process.pid}`;
    let client: MilvusClient;
    let store: StoreDriver;
    let collection: CollectionDriver;

    beforeAll(async () => {
      client = await officialClient(serverUrl(name));
      await makeNative(
        client,
        {
          collection_name,
          enable_dynamic_field: true,
          fields: [
            { name: 'key', data_type: DataType.Int64, is_primary_key: true },
            { name: 'title', data_type: DataType.VarChar, max_length: 200 },
            { name: 'pages', data_type: DataType.Int64 },
            { name: 'price', data_type: DataType.Double },
            { name: 'sold', data_type: DataType.Bool },
            { name: 'extra', data_type: DataType.JSON },
            { name: 'vector', data_type: DataType.FloatVector, dim: 4 },
          ],
        },
        [{ field: 'vector', metric: 'L2' }],
      );
      const rows = Array.from({ length: 30 }, (_, n) => ({
        key: n === 0 ? BIG : String(n - 15),
        title: `title "${n}"`,
        pages: n * 10,
        price: n / 2,
        sold: n % 2 === 0,
        extra: { deep: { n }, text: 'x' },
        vector: [n, 1, 2, 3],
        colour: n % 3 === 0 ? 'red' : 'blue',
      }));
      check(await client.insert({ collection_name, data: rows }));
      store = await adapter.open({ url: serverUrl(name) }, {});
      collection = await store.collection(collection_name, {});
    }, 60_000);

    afterAll(async () => {
      await client.dropCollection({ collection_name });
      await store.close();
      await client.closeConnection();
    });

    it('give their fields as metadata, exactly, and 64-bit keys as text', async () => {
      const { ids, metadata, vectors } = await collection.get(['3', BIG], {});
      expect(ids).toEqual(['3', BIG]);
      expect(JSON.parse(metadataText(metadata, 0) ?? '')).toEqual({
        title: 'title "18"',
        pages: 180,
        price: 9,
        sold: true,
        extra: { deep: { n: 18 }, text: 'x' },
        colour: 'red',
      });
      expect(metadataText(metadata, 0)).toContain('"price":9.0');
      expect(vectors['default']).toMatchObject({ dimension: 4, values: Float32Array.of(18, 1, 2, 3, 0, 1, 2, 3) });
    });

    it('are exported in the order of their keys', async () => {
      const expected = [...Array.from({ length: 29 }, (_, n) => String(n - 14)), BIG];
      expect(await exportIds(collection, { batchSize: 7 })).toEqual(expected);
    });

    it('are described with their types and searched', async () => {
      const { vectors, idKinds, fields } = await collection.describe({});
      expect(vectors['default']).toMatchObject({
        kind: 'dense',
        dimension: 4,
        elementType: 'float32',
        metric: 'euclidean',
      });
      expect(idKinds).toEqual(['i64']);
      expect(fields).toEqual([
        { name: 'title', type: 'string' },
        { name: 'pages', type: 'integer' },
        { name: 'price', type: 'number' },
        { name: 'sold', type: 'boolean' },
      ]);
      const [first] = await collection.search({ vector: Float32Array.of(18, 1, 2, 3), topK: 2 }, {});
      expect(first).toMatchObject({ id: '3', score: 0, metadata: { colour: 'red' } });
    });

    it('are filtered by their fields', async () => {
      const count = async (filter: Parameters<CollectionDriver['count']>[0]): Promise<number> =>
        collection.count(filter, {});
      expect(await count({ op: 'gte', field: 'pages', value: 250.5 })).toBe(4);
      expect(await count({ op: 'ne', field: 'title', value: 'title "3"' })).toBe(29);
      expect(await count({ op: 'in', field: 'price', values: [1, 2.5, 'x'] })).toBe(2);
      expect(await count({ op: 'eq', field: 'sold', value: 'true' })).toBe(0);
      const filter = { op: 'lt', field: 'price', value: 2 } as const;
      expect(await exportIds(collection, { filter })).toEqual(['-14', '-13', '-12', BIG]);
    });

    it('take points that they can give back, and refuse others by name', async () => {
      const metadata = { title: 'new', pages: 5, price: 0.5, sold: false, extra: { list: [1] }, colour: 'green' };
      const point = (id: string, change: object) => ({
        id,
        embedding: Float32Array.of(9, 9, 9, 9),
        metadata: { ...metadata, ...change },
      });
      const report = await collection.upsertMany(
        batchFromRecords([
          point('100', {}),
          point('101', { pages: 1.5 }),
          point('102', { title: 7 }),
          point('103', { price: null }),
          { id: '104', embedding: Float32Array.of(9, 9, 9, 9) },
        ]),
        {},
      );
      expect(report.accepted).toBe(1);
      expect(report.failed.map(({ id }) => id)).toEqual(['101', '102', '103', '104']);
      for (const [at, what] of ['pages', 'title', 'price', 'no metadata'].entries()) {
        expect(report.failed[at]?.reason).toContain(what);
      }
      const { metadata: back } = await collection.get(['100'], {});
      expect(JSON.parse(metadataText(back, 0) ?? '')).toEqual(metadata);
      await collection.deleteMany(['100'], {});
      expect(await collection.count(undefined, {})).toBe(30);
    });

    it('are made again from their own description', async () => {
      const copy = `Copy_${process.pid}`;
      const description = await collection.describe({});
      await store.create({ ...description, name: copy }, {});
      try {
        const made = await (await store.collection(copy, {})).describe({});
        expect({ ...made, native: undefined }).toEqual({ ...description, name: copy, native: undefined });
        const target = await store.collection(copy, {});
        for await (const batch of collection.exportAll?.({}) ?? []) {
          expect(await target.upsertMany(batch, {})).toEqual({ accepted: batch.ids.length, failed: [] });
        }
        expect(await exportIds(target)).toEqual(await exportIds(collection));
      } finally {
        await store.drop(copy, {});
      }
    });

    it('refuse points when they make the keys themselves', async () => {
      const made = `Auto_${process.pid}`;
      await makeNative(
        client,
        {
          collection_name: made,
          fields: [
            { name: 'id', data_type: DataType.Int64, is_primary_key: true, autoID: true },
            { name: 'embedding', data_type: DataType.FloatVector, dim: 2 },
          ],
        },
        [{ field: 'embedding', metric: 'IP' }],
      );
      try {
        check(await client.insert({ collection_name: made, data: [{ embedding: [1, 2] }, { embedding: [3, 4] }] }));
        const auto = await store.collection(made, {});
        const batch = batchFromRecords([{ id: '1', vectors: { embedding: Float32Array.of(1, 2) } }]);
        await expect(auto.upsertMany(batch, {})).rejects.toMatchObject({ code: 'not-supported' });
        const [first] = await collectBatches(auto);
        expect(first?.ids).toHaveLength(2);
        expect(metadataText(first?.metadata ?? batch.metadata, 0)).toBeUndefined();
        expect(Object.keys(first?.vectors ?? {})).toEqual(['embedding']);
      } finally {
        await client.dropCollection({ collection_name: made });
      }
    });

    it('can be read over the official client of the application, which stays open', async () => {
      const options: MilvusOptions = { client };
      const shared = await adapter.open({}, options);
      expect(await (await shared.collection(collection_name, {})).count(undefined, {})).toBe(30);
      await shared.close();
      check(await client.describeCollection({ collection_name }));
    });
  });
}

async function collectBatches(collection: CollectionDriver) {
  const batches = [];
  for await (const batch of collection.exportAll?.({}) ?? []) batches.push(batch);
  return batches;
}

// Lists and a partition key, where the server has them; nullable fields came with Milvus 2.5.
for (const name of testedServers(['milvus-2.3', 'milvus-lite-3'] as const)) {
  describe(`fields of ${name} that not all servers have`, () => {
    it('lists, nulls and hidden partitions are carried', async () => {
      const collection_name = `Typed_${process.pid}`;
      const nullable = name === 'milvus-lite-3';
      const client = await officialClient(serverUrl(name));
      const store = await adapter.open({ url: serverUrl(name) }, {});
      try {
        await makeNative(
          client,
          {
            collection_name,
            num_partitions: 4,
            fields: [
              { name: 'id', data_type: DataType.VarChar, max_length: 100, is_primary_key: true },
              { name: 'owner', data_type: DataType.VarChar, max_length: 100, is_partition_key: true },
              { name: 'sizes', data_type: DataType.Array, element_type: DataType.Int64, max_capacity: 10 },
              { name: 'note', data_type: DataType.VarChar, max_length: 100, nullable },
              { name: 'vector', data_type: DataType.FloatVector, dim: 2 },
            ],
          },
          [{ field: 'vector', metric: 'IP' }],
        );
        const open = await store.collection(collection_name, {});
        const note = nullable ? null : 'none';
        const points = [
          { id: 'a', metadata: { owner: 'x', sizes: [1, 9007199254740993n], note: 'n' } },
          { id: 'b', metadata: { owner: 'y', sizes: [], note } },
        ].map((point) => ({ ...point, embedding: Float32Array.of(1, 2) }));
        expect(await open.upsertMany(batchFromRecords(points), {})).toEqual({ accepted: 2, failed: [] });
        const { metadata } = await open.get(['a', 'b'], {});
        expect(metadataText(metadata, 0)).toBe('{"owner":"x","sizes":[1,9007199254740993],"note":"n"}');
        expect(metadataText(metadata, 1)).toBe(`{"owner":"y","sizes":[],"note":${JSON.stringify(note)}}`);
        expect(await open.count({ op: 'ne', field: 'note', value: 'n' }, {})).toBe(1);
        expect(await open.count({ op: 'not', filter: { op: 'gt', field: 'note', value: 'a' } }, {})).toBe(
          nullable ? 1 : 0,
        );
        expect(await open.count({ op: 'exists', field: 'note' }, {})).toBe(nullable ? 1 : 2);
        expect((await store.tenants?.list(collection_name, {})) ?? []).toEqual([]);
        expect(await exportIds(open, { batchSize: 1 })).toEqual(['a', 'b']);
      } finally {
        await client.dropCollection({ collection_name });
        await store.close();
        await client.closeConnection();
      }
    }, 60_000);
  });
}
