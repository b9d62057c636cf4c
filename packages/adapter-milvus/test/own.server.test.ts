import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDescription,
  type ElementType,
  metadataText,
  type StoreDriver,
  type VectorBatch,
  type VectorRecord,
  type VectorValue,
  vectorAt,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-milvus';
import { serverUrl, testedServers } from '@vecport/testkit';
import { DataType } from '@zilliz/milvus2-sdk-node';
import { check, makeNative, officialClient } from './support/native-collection.js';
import { exportIds } from './support/open-fake.js';

const NAMES = ['milvus-2.3', 'milvus-lite-3', 'milvus-lite-2.5'] as const;
type Name = (typeof NAMES)[number];

const ELEMENTS: Readonly<Record<Name, readonly ElementType[]>> = {
  'milvus-2.3': ['float32', 'binary'],
  'milvus-lite-3': ['float32'],
  'milvus-lite-2.5': ['float32', 'float16', 'bfloat16', 'binary'],
};

for (const name of testedServers(NAMES)) {
  describe(`collections that Vecport makes in ${name}`, () => {
    const collection = `Own_${process.pid}`;
    let store: StoreDriver;

    beforeAll(async () => {
      store = await adapter.open({ url: serverUrl(name) }, {});
    }, 60_000);

    afterAll(async () => {
      await store.close();
    });

    async function within<T>(description: Omit<CollectionDescription, 'name'>, work: () => Promise<T>): Promise<T> {
      await store.create({ ...description, name: collection }, {});
      try {
        return await work();
      } finally {
        await store.drop(collection, {});
      }
    }

    it('says which element types it has', () => {
      expect(store.traits.elementTypes).toEqual(ELEMENTS[name]);
    });

    it('leaves vectors out of an export where none are wanted', async () => {
      const spec = { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'cosine' } as const;
      await within({ idKinds: ['string'], vectors: { default: spec } }, async () => {
        const open = await store.collection(collection, {});
        const records = Array.from({ length: 25 }, (_, n): VectorRecord => {
          return { id: `p${n}`, embedding: Float32Array.of(1, n, 0, 2), metadataText: `{"n":${n}}` };
        });
        expect((await open.upsertMany(batchFromRecords(records), {})).failed).toEqual([]);
        const read = new Map<string, unknown>();
        for await (const batch of open.exportAll?.({ batchSize: 10, vectors: 'none' }) ?? []) {
          expect(batch.vectors).toEqual({});
          // By value: Milvus Lite 3 puts a space behind each colon.
          for (const [row, id] of batch.ids.entries())
            read.set(id, JSON.parse(metadataText(batch.metadata, row) ?? ''));
        }
        expect(read).toEqual(new Map(records.map(({ id }, n) => [id, { n }])));
        expect(open.traits.leavesOutVectors).toBe(true);
      });
    });

    it('keeps vectors of its element types, and refuses numbers they cannot hold', async () => {
      for (const elementType of ELEMENTS[name].filter((type) => type !== 'float32')) {
        const binary = elementType === 'binary';
        const spec = { kind: 'dense', dimension: 8, elementType, metric: binary ? 'hamming' : 'euclidean' } as const;
        await within({ idKinds: ['string'], vectors: { default: spec } }, async () => {
          const open = await store.collection(collection, {});
          const half = Float32Array.of(1, -2.5, 0.125, 0, 3, -0.5, 8, 16);
          const good = binary ? Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0) : half;
          const bad = good.map((value, at) => (at === 3 ? 0.1 : value));
          const records = [
            { id: 'good', embedding: good },
            { id: 'bad', embedding: bad },
          ];
          const report = await open.upsertMany(batchFromRecords(records), {});
          expect(report.failed.map(({ id, code }) => [id, code])).toEqual([['bad', 'invalid-argument']]);
          expect(floats(await open.get(['good'], {}), 'default')).toEqual(good);
          expect((await open.describe({})).vectors['default']).toMatchObject(spec);
          const [match] = await open.search({ vector: good, topK: 1 }, {});
          expect(match).toMatchObject({ id: 'good', score: 0 });
        });
      }
    });

    it('writes whole points: what it writes again has nothing of what was there', async () => {
      const vectors = { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'dot' } } as const;
      await within({ idKinds: ['string'], vectors }, async () => {
        const open = await store.collection(collection, {});
        for (const metadata of [{ a: 1, b: null, n: 1e300, id: 'mine' }, { c: 2 }, undefined]) {
          const point: VectorRecord = {
            id: 'x',
            embedding: Float32Array.of(1, 2),
            ...(metadata === undefined ? {} : { metadata }),
          };
          expect(await open.upsertMany(batchFromRecords([point]), {})).toEqual({ accepted: 1, failed: [] });
          const [match] = await open.search({ vector: Float32Array.of(1, 0), topK: 1 }, {});
          expect(match).toEqual({ id: 'x', score: 1, metadata });
        }
      });
    });

    it('makes nothing when a part of the description is refused', async () => {
      const spec = { kind: 'dense', dimension: 4, elementType: 'float32' } as const;
      for (const vectors of [
        { default: spec },
        { default: { ...spec, metric: 'manhattan' as const } },
        { default: { ...spec, elementType: 'uint8' as const, metric: 'dot' as const } },
      ]) {
        await expect(store.create({ name: collection, idKinds: ['string'], vectors }, {})).rejects.toThrow('default');
      }
      await expect(
        store.create({ name: 'no-hyphens', idKinds: ['string'], vectors: { default: { ...spec, metric: 'dot' } } }, {}),
      ).rejects.toMatchObject({ code: 'invalid-argument' });
      expect((await store.collections({})).map((info) => info.name)).not.toContain(collection);
    });

    it('keeps names of vectors that Milvus would not take', async () => {
      if (name === 'milvus-2.3') return;
      const spec = { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'euclidean' } as const;
      const vectors = { 'bild-größe': spec, id: spec, default: spec, vector: spec };
      await within({ idKinds: ['string'], vectors }, async () => {
        const open = await store.collection(collection, {});
        expect(Object.keys((await open.describe({})).vectors).toSorted()).toEqual(Object.keys(vectors).toSorted());
        const values = Object.keys(vectors).map((vector, at) => [vector, Float32Array.of(at, 1)] as const);
        await open.upsertMany(batchFromRecords([{ id: 'x', vectors: Object.fromEntries(values) }]), {});
        const back = await open.get(['x'], {});
        for (const [vector, expected] of values) expect(floats(back, vector)).toEqual(expected);
      });
    });

    it('gives the smallest and, where the server can, the largest 64-bit key', async () => {
      const vectors = { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'dot' } } as const;
      await within({ idKinds: ['i64'], vectors }, async () => {
        const open = await store.collection(collection, {});
        const [least, most] = ['-9223372036854775808', '9223372036854775807'];
        const ids = [least, '-1', '0', most];
        const report = await open.upsertMany(
          batchFromRecords(ids.map((id) => ({ id, embedding: Float32Array.of(1, 2) }))),
          {},
        );
        const kept = name === 'milvus-2.3' ? [least, '-1', '0'] : ids;
        expect(report.failed.map(({ id }) => id)).toEqual(ids.filter((id) => !kept.includes(id)));
        expect(await exportIds(open, { batchSize: 1 })).toEqual(kept);
        expect((await open.get(ids, {})).ids).toEqual(kept);
        await open.deleteMany([least], {});
        expect(await exportIds(open)).toEqual(kept.slice(1));
      });
    });
  });
}

for (const name of testedServers(['milvus-2.3'] as const)) {
  describe(`what ${name} does not give out`, () => {
    it('is noticed: the largest key, and keys that partitions share', async () => {
      const client = await officialClient(serverUrl(name));
      const store = await adapter.open({ url: serverUrl(name) }, {});
      const collection_name = `Hidden_${process.pid}`;
      try {
        await makeNative(
          client,
          {
            collection_name,
            fields: [
              { name: 'id', data_type: DataType.Int64, is_primary_key: true },
              { name: 'vector', data_type: DataType.FloatVector, dim: 2 },
            ],
          },
          [{ field: 'vector', metric: 'L2' }],
        );
        const row = (id: string) => ({ id, vector: [1, 2] });
        check(await client.insert({ collection_name, data: [row('1'), row('9223372036854775807')] }));
        const whole = await store.collection(collection_name, {});
        await expect(exportIds(whole)).rejects.toMatchObject({ code: 'incomplete' });
        await whole.deleteMany(['9223372036854775807'], {});
        expect(await exportIds(whole)).toEqual(['1']);

        await store.tenants?.create(collection_name, 'other', {});
        const other = await store.collection(collection_name, { tenant: 'other' });
        await other.upsertMany(batchFromRecords([{ id: '1', embedding: Float32Array.of(3, 4) }]), {});
        const divided = await store.collection(collection_name, {});
        await expect(exportIds(divided)).rejects.toMatchObject({ code: 'incomplete' });
        await expect(
          divided.upsertMany(batchFromRecords([{ id: '2', embedding: Float32Array.of(3, 4) }]), {}),
        ).rejects.toMatchObject({ code: 'not-supported' });
        expect(await store.tenants?.list(collection_name, {})).toEqual([{ name: '_default' }, { name: 'other' }]);
        expect(await exportIds(other)).toEqual(['1']);
      } finally {
        await client.dropCollection({ collection_name });
        await store.close();
        await client.closeConnection();
      }
    }, 60_000);
  });
}

function floats({ vectors }: VectorBatch, name: string): VectorValue | undefined {
  const column = vectors[name];
  return column === undefined ? undefined : vectorAt(column, 0);
}
