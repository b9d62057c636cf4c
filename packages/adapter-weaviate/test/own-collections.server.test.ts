import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, type Filter } from '@vecport/abstractions';
import { testedServers } from '@vecport/testkit';
import { uuidOfId } from '@vecport/wire';
import { NIL_UUID } from '../src/point-id.js';
import { batch, exportedIds, texts, useStore, uuid } from './support/test-store.js';

describe.each(testedServers(['weaviate-1.39', 'weaviate-1.35'] as const))(
  'collections Vecport makes in %s',
  (server) => {
    const test = useStore(server);

    it('tells the version of the server', () => {
      expect(server).toContain(test.store.version?.split('.').slice(0, 2).join('.'));
    });

    it('keeps integers, texts and lists that fit in properties of their own, and the rest beside them', async () => {
      const collection = await test.create({
        fields: [
          { name: 'group', type: 'string' },
          { name: 'rank', type: 'integer' },
          { name: 'tags', type: 'string[]' },
        ],
      });
      const metadata = '{"rank":7,"group":"amber","tags":["a","b"],"other":{"x":1.0},"big":9007199254740993}';
      const report = await collection.upsertMany(batch([{ id: 'one', metadataText: metadata }]), {});
      expect(report).toEqual({ accepted: 1, failed: [] });
      const { name } = await collection.describe({});
      const stored = (await test.raw.rest('GET', `/objects/${name}/${uuidOfId('one')}`)) as { properties: unknown };
      expect(stored.properties).toEqual({
        rank: 7,
        group: 'amber',
        tags: ['a', 'b'],
        _vecport: '{"id":"one","fields":{"other":{"x":1.0},"big":9007199254740993}}',
      });
      const [text] = texts(await collection.get(['one'], {}));
      expect(text).toBe('{"group":"amber","rank":7,"tags":["a","b"],"other":{"x":1.0},"big":9007199254740993}');
    });

    it('leaves vectors out of an export where none are wanted', async () => {
      const collection = await test.create({ fields: [{ name: 'n', type: 'integer' }] });
      const points = Array.from({ length: 30 }, (_, n) => ({ id: `p${n}`, metadataText: `{"n":${n}}` }));
      await collection.upsertMany(batch(points), {});
      const [whole, bare] = [new Map<string, unknown>(), new Map<string, unknown>()];
      for await (const part of collection.exportAll?.({ batchSize: 7 }) ?? [])
        for (const [row, id] of part.ids.entries()) whole.set(id, texts(part)[row]);
      for await (const part of collection.exportAll?.({ batchSize: 7, vectors: 'none' }) ?? []) {
        expect(part.vectors).toEqual({});
        for (const [row, id] of part.ids.entries()) bare.set(id, texts(part)[row]);
      }
      expect(whole.size).toBe(30);
      expect(bare).toEqual(whole);
      expect(collection.traits.leavesOutVectors).toBe(true);
    });

    it('filters see what the property of a field cannot hold', async () => {
      const collection = await test.create({
        fields: [
          { name: 'group', type: 'string' },
          { name: 'rank', type: 'integer' },
          { name: 'list', type: 'integer[]' },
          { name: 'Odd name', type: 'string' },
        ],
      });
      const points = [
        '{"group":" a","rank":1,"list":[1,2]}',
        '{"group":"a","rank":1.5,"list":[2,"x"]}',
        '{"group":"a ","rank":9007199254740993,"list":[]}',
        '{"group":"","rank":"1","Odd name":"yes"}',
        '{"group":5,"rank":null,"Odd name":""}',
        '{}',
      ];
      await collection.upsertMany(batch(points.map((metadataText, n) => ({ id: `p${n}`, metadataText }))), {});
      const counts: readonly (readonly [Filter, number])[] = [
        [{ op: 'eq', field: 'group', value: 'a' }, 1],
        [{ op: 'eq', field: 'group', value: ' a' }, 1],
        [{ op: 'eq', field: 'group', value: 'a ' }, 1],
        [{ op: 'eq', field: 'group', value: '' }, 1],
        [{ op: 'eq', field: 'group', value: 5 }, 1],
        [{ op: 'gte', field: 'group', value: '' }, 4],
        [{ op: 'exists', field: 'group' }, 5],
        [{ op: 'eq', field: 'rank', value: 1 }, 1],
        [{ op: 'eq', field: 'rank', value: '1' }, 1],
        [{ op: 'gt', field: 'rank', value: 1 }, 2],
        [{ op: 'gt', field: 'rank', value: 9007199254740992n }, 1],
        [{ op: 'lt', field: 'rank', value: 9007199254740993n }, 2],
        [{ op: 'exists', field: 'rank' }, 4],
        [{ op: 'contains', field: 'list', value: 2 }, 2],
        [{ op: 'contains', field: 'list', value: 'x' }, 1],
        [{ op: 'exists', field: 'list' }, 3],
        [{ op: 'ne', field: 'Odd name', value: 'yes' }, 5],
        [{ op: 'exists', field: 'Odd name' }, 2],
      ];
      for (const [filter, expected] of counts)
        expect([filter, await collection.count(filter, {})]).toEqual([filter, expected]);
      await expect(collection.count({ op: 'eq', field: 'undeclared', value: 1 }, {})).rejects.toMatchObject({
        code: 'not-supported',
      });
    });

    it('exports the uuid of no bits too, in the first slice', async () => {
      const collection = await test.create({ idKinds: ['uuid'] });
      const ids = [NIL_UUID, uuid(1), uuid(2), 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
      await collection.upsertMany(batch(ids.map((id) => ({ id }))), {});
      expect(await exportedIds(collection)).toEqual(ids);
      const { slices = [] } = (await collection.slices?.(2, {})) ?? {};
      expect(await Promise.all(slices.map(async (slice) => exportedIds(collection, { slice })))).toEqual([
        ids.slice(0, 3),
        ids.slice(3),
      ]);
      expect(await exportedIds(collection, { after: NIL_UUID })).toEqual(ids.slice(1));
    });

    it('scores multi-vectors by the sum of their best inner products, and refuses other metrics for them', async () => {
      const spec = { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'dot' } as const;
      const collection = await test.create({ vectors: { default: spec } });
      const points = [
        { id: 'a', vectors: { default: [Float32Array.of(2, 0)] } },
        { id: 'b', vectors: { default: [Float32Array.of(0, 5), Float32Array.of(3, 4)] } },
      ];
      await collection.upsertMany(batchFromRecords(points), {});
      const query = [Float32Array.of(2, 0), Float32Array.of(0, 3)];
      expect(await collection.search({ vector: query, topK: 5 }, {})).toMatchObject([
        { id: 'b', score: 6 + 15 },
        { id: 'a', score: 4 },
      ]);
      for (const metric of ['cosine', 'euclidean'] as const) {
        const wrong = test.store.create(
          { name: 'Refused', vectors: { default: { ...spec, metric } }, idKinds: ['uuid'] },
          {},
        );
        await expect(wrong).rejects.toMatchObject({ code: 'not-supported' });
      }
    });

    it('refuses names Weaviate would change, and does not open a class by another spelling', async () => {
      const collection = await test.create();
      const { name } = await collection.describe({});
      const lower = `${name[0]?.toLowerCase()}${name.slice(1)}`;
      const spec = { kind: 'dense', dimension: 2, elementType: 'float32' } as const;
      const wrong = test.store.create({ name: lower, vectors: { default: spec }, idKinds: ['uuid'] }, {});
      await expect(wrong).rejects.toMatchObject({ code: 'invalid-argument', advice: expect.stringContaining(name) });
      await expect(test.store.collection(lower, {})).rejects.toMatchObject({ code: 'not-found' });
      await expect(test.store.drop(lower, {})).rejects.toMatchObject({ code: 'not-found' });
      for (const odd of ['../schema', 'a b', 'Nope?x=1', '']) {
        await expect(test.store.collection(odd, {})).rejects.toMatchObject({ code: 'not-found' });
      }
      expect((await test.store.collections({})).map((info) => info.name)).toContain(name);
    });

    it('does not write to a class that is gone, which the server would make again by itself', async () => {
      const collection = await test.create();
      const { name } = await collection.describe({});
      await test.raw.rest('DELETE', `/schema/${name}`);
      await expect(collection.upsertMany(batch([{ id: 'x' }]), {})).rejects.toMatchObject({ code: 'not-found' });
      expect(await test.raw.status('GET', `/schema/${name}`)).toBe(404);
      await expect(collection.describe({})).rejects.toMatchObject({ code: 'not-found' });
      await expect(collection.count(undefined, {})).rejects.toMatchObject({ code: 'not-found' });
    });

    it('makes a collection again from its own description, settings of the index included', async () => {
      const index = { type: 'hnsw', parameters: { m: 8, efConstruction: 64, quantization: 'rq' } };
      const spec = { kind: 'dense', dimension: 2, elementType: 'float16', metric: 'euclidean', index } as const;
      const first = await test.create({
        vectors: { a: spec, b: { ...spec, metric: 'dot' } },
        idKinds: ['u64', 'uuid'],
        fields: [{ name: 'x', type: 'integer' }],
      });
      const described = await first.describe({});
      expect(described.vectors['a']).toMatchObject({ dimension: 2, elementType: 'float16', metric: 'euclidean' });
      expect(described.vectors['a']?.index).toMatchObject({
        type: 'hnsw',
        parameters: { m: 8, efConstruction: 64, quantization: 'rq' },
      });
      const name = test.newName();
      await test.store.create({ ...described, name }, {});
      const again = await (await test.store.collection(name, {})).describe({});
      expect({ ...again, native: undefined }).toEqual({ ...described, name, native: undefined });
      expect(withoutClass(again.native)).toEqual(withoutClass(described.native));
    });
  },
);

function withoutClass(native: unknown): unknown {
  return { ...(native as object), class: undefined };
}
