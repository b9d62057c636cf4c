import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-elastic';
import { serverUrl, testedServers } from '@vecport/testkit';
import { exported, pointsOf, type RealServer, realServer } from './support/real-server.js';

const LONG = '9007199254740993';

for (const name of testedServers(['elastic-9', 'elastic-8'] as const)) {
  describe(`indices that Vecport did not make, on ${name}`, () => {
    const index = `foreign-${process.pid}`;
    let server: RealServer;
    let store: StoreDriver;
    const is9 = name === 'elastic-9';

    beforeAll(async () => {
      server = realServer(serverUrl(name));
      store = await adapter.open(server.settings, {});
    });
    afterAll(async () => {
      await store.close();
    });

    const withIndex = async (body: object, documents: readonly string[], work: () => Promise<void>): Promise<void> => {
      await server.call('PUT', `/${index}`, body);
      try {
        if (documents.length > 0) {
          const answer = await server.call('POST', `/${index}/_bulk?refresh=true`, `${documents.join('\n')}\n`);
          expect(answer).toMatchObject({ errors: false });
        }
        await work();
      } finally {
        await server.call('DELETE', `/${index}`);
      }
    };

    it('gives everything a document has, with the settings an index has by default', async () => {
      const properties = {
        title: { type: 'dense_vector', dims: 3, similarity: 'l2_norm' },
        content: { properties: { embedding: { type: 'dense_vector', dims: 2, similarity: 'max_inner_product' } } },
        parts: { type: 'nested', properties: { v: { type: 'dense_vector', dims: 2, index: false } } },
        rank: { type: 'long' },
        day: { type: 'date' },
        short: { type: 'keyword', ignore_above: 2 },
      };
      const documents = [
        '{"index":{"_id":"1","routing":"north"}}',
        `{"title":[0.1,-2,3e-3],"content":{"text":"a","embedding":[1.5,2.5]},"parts":[{"v":[1,2],"n":1},{"v":[3,4]}],"rank":${LONG},"day":"2024-02-29T23:59:59.123456789Z","short":"too long","s":"\\u00e9"}`,
        '{"index":{"_id":"2"}}',
        '{"content":{"embedding":[0.5,0.25]},"rank":null}',
        '{"index":{"_id":"3"}}',
        '{"content.embedding":[7,8],"x":{}}',
      ];
      await withIndex({ mappings: { dynamic: false, properties } }, documents, async () => {
        const points = await exported(store, index);
        expect(points.map(({ id }) => id)).toEqual(['1', '2', '3']);
        expect(points[0]?.vectors).toEqual({
          title: [...Float32Array.of(0.1, -2, 0.003)],
          'content.embedding': [1.5, 2.5],
        });
        expect(points[0]?.metadata).toContain(`"rank":${LONG}`);
        const { parts, content, _routing, day, short } = JSON.parse(points[0]?.metadata ?? '') as Record<
          string,
          unknown
        >;
        expect({ parts, content, _routing, day, short }).toEqual({
          parts: [{ v: [1, 2], n: 1 }, { v: [3, 4] }],
          content: { text: 'a' },
          _routing: 'north',
          day: '2024-02-29T23:59:59.123456789Z',
          short: 'too long',
        });
        expect(points[1]).toEqual({
          id: '2',
          metadata: '{"content":{},"rank":null}',
          vectors: { 'content.embedding': [0.5, 0.25] },
        });
        expect(points[2]?.vectors).toEqual({ 'content.embedding': [7, 8] });
        const driver = await store.collection(index, {});
        const got = await driver.get(['3', 'none', '1'], {});
        expect(pointsOf(got)).toEqual([points[2], points[0]]);
        const { vectors, native } = await driver.describe({});
        expect(vectors).toMatchObject({
          title: { dimension: 3, metric: 'euclidean' },
          'content.embedding': { dimension: 2, metric: 'dot' },
        });
        expect(native).toMatchObject({ mappings: { properties: { rank: { type: 'long' } } } });
      });
    });

    it('reads vectors from the doc values where the documents do not have them', async () => {
      const mappings = {
        dynamic: false,
        _source: { excludes: ['vector'] },
        properties: { vector: { type: 'dense_vector', dims: 4, similarity: 'l2_norm' } },
      };
      const documents = [
        '{"index":{"_id":"1"}}',
        '{"vector":[0.1,-0.2,3.25,1e-20],"n":1}',
        '{"index":{"_id":"2"}}',
        '{"n":2}',
      ];
      await withIndex({ mappings }, documents, async () => {
        expect(await exported(store, index)).toEqual([
          { id: '1', metadata: '{"n":1}', vectors: { default: [...Float32Array.of(0.1, -0.2, 3.25, 1e-20)] } },
          { id: '2', metadata: '{"n":2}', vectors: {} },
        ]);
      });
    });

    it('gives documents of an index that keeps its vectors exactly as they were written', async () => {
      const mappings = { properties: { vector: { type: 'dense_vector', dims: 3, similarity: 'cosine' } } };
      const settings = is9 ? { 'index.mapping.exclude_source_vectors': false } : {};
      const documents = [
        '{"index":{"_id":"1"}}',
        '{ "n" : 1e2 , "vector":[0.1,0.7,-12.3], "s":"x" , "d": 0.10000000000000000555 }',
        '{"index":{"_id":"2"}}',
        is9 ? '{"n":1,"vector":"PczMzT5MzM0+mZma"}' : '{"n":1,"vector":[0.1,0.2,0.3]}',
      ];
      await withIndex({ settings, mappings }, documents, async () => {
        const points = await exported(store, index);
        expect(points[0]).toEqual({
          id: '1',
          metadata: '{"n" : 1e2,"s":"x" , "d": 0.10000000000000000555}',
          vectors: { default: [...Float32Array.of(0.1, 0.7, -12.3)] },
        });
        expect(points[1]?.vectors).toEqual({ default: [...Float32Array.of(0.1, 0.2, 0.3)] });
      });
    });

    it('filters by what is indexed as it was written, and refuses the rest by name', async () => {
      const properties = {
        vector: { type: 'dense_vector', dims: 2, similarity: 'cosine' },
        tag: { type: 'keyword' },
        n: { type: 'long' },
        price: { type: 'float' },
      };
      const documents = [
        '{"index":{"_id":"1"}}',
        '{"vector":[1,2],"tag":"a","n":1,"note":"hello world","price":1.5}',
        '{"index":{"_id":"2"}}',
        '{"vector":[2,1],"tag":["a","b"],"n":2}',
        '{"index":{"_id":"3"}}',
        '{"n":3}',
      ];
      await withIndex({ mappings: { properties } }, documents, async () => {
        const driver = await store.collection(index, {});
        expect(await driver.count({ op: 'eq', field: 'tag', value: 'b' }, {})).toBe(1);
        expect(await driver.count({ op: 'ne', field: 'tag', value: 'a' }, {})).toBe(1);
        expect(await driver.count({ op: 'gt', field: 'n', value: 1 }, {})).toBe(2);
        expect(await driver.count({ op: 'eq', field: 'note', value: 'hello world' }, {})).toBe(1);
        expect(await driver.count({ op: 'eq', field: 'note', value: 'hello' }, {})).toBe(0);
        expect(driver.traits.filterOperators).not.toContain('contains');
        await expect(driver.count({ op: 'eq', field: 'price', value: 1.5 }, {})).rejects.toMatchObject({
          code: 'not-supported',
        });
        await expect(driver.count({ op: 'gt', field: 'note', value: 'a' }, {})).rejects.toMatchObject({
          code: 'not-supported',
        });
        const ids = (await exported(store, index, { filter: { op: 'gte', field: 'n', value: 2 } })).map(({ id }) => id);
        expect(ids).toEqual(['2', '3']);
      });
    });

    it('writes what the index can hold exactly, and refuses what it cannot, point by point', async () => {
      const properties = { vector: { type: 'dense_vector', dims: 2, similarity: 'cosine' }, n: { type: 'long' } };
      await withIndex({ mappings: { properties } }, [], async () => {
        const driver = await store.collection(index, {});
        const embedding = Float32Array.of(0.6, 0.8);
        const report = await driver.upsertMany(
          batchFromRecords([
            { id: 'good', embedding, metadataText: '{"n":7,"s":"x","_routing":"there"}' },
            { id: 'reserved', embedding, metadataText: '{"_vecport":1}' },
            { id: 'list', embedding, metadataText: '[1]' },
            { id: 'taken', embedding, metadataText: '{"vector":1}' },
            { id: 'typed', embedding, metadataText: '{"n":"seven"}' },
            { id: 'zero', embedding: Float32Array.of(0, 0), metadataText: '{}' },
            { id: 'number', embedding, metadataText: '{"m":1e2}' },
          ]),
          {},
        );
        const refused = ['reserved', 'list', 'taken', 'typed', 'zero', ...(is9 ? ['number'] : [])];
        expect(report.failed.map(({ id }) => id).toSorted()).toEqual(refused.toSorted());
        expect(report.accepted).toBe(7 - refused.length);
        const [point] = pointsOf(await driver.get(['good'], {}));
        expect(point?.metadata).toBe('{"n":7,"s":"x","_routing":"there"}');
        expect(point?.vectors).toEqual({ default: [...embedding] });
      });
    });

    it('finds, replaces and removes points wherever their routing has put them', async () => {
      const body = {
        settings: { number_of_shards: 3 },
        mappings: { properties: { vector: { type: 'dense_vector', dims: 2, similarity: 'l2_norm' } } },
      };
      const documents = Array.from({ length: 20 }, (_, n) => [
        `{"index":{"_id":"${n}","routing":"r${n % 5}"}}`,
        `{"vector":[${n},1],"n":${n}}`,
      ]).flat();
      await withIndex(body, documents, async () => {
        const driver = await store.collection(index, {});
        const ids = Array.from({ length: 20 }, (_, n) => String(n));
        expect((await driver.get(ids, {})).ids).toEqual(ids);
        expect((await driver.deleteMany(ids.slice(0, 15), {})).failed).toEqual([]);
        expect((await driver.get(ids, {})).ids).toEqual(ids.slice(15));
        expect(await exported(store, index)).toHaveLength(5);
      });
    });

    it('gives one id under several routings as the points it is', async () => {
      const body = {
        settings: { number_of_shards: 3 },
        mappings: { properties: { vector: { type: 'dense_vector', dims: 2, similarity: 'l2_norm' } } },
      };
      const documents = ['a', 'b', 'c', 'd', 'e'].flatMap((routing) => [
        `{"index":{"_id":"twin","routing":"${routing}"}}`,
        '{"vector":[1,1]}',
      ]);
      await withIndex(body, documents, async () => {
        const twins = await exported(store, index);
        expect(twins.length).toBeGreaterThan(1);
        expect(new Set(twins.map(({ id }) => id))).toEqual(new Set(['twin']));
      });
    });

    it('opens an alias for one index, and refuses a name that stands for several', async () => {
      const properties = { vector: { type: 'dense_vector', dims: 2, similarity: 'cosine' } };
      const other = `${index}-other`;
      await withIndex({ mappings: { properties }, aliases: { [`${index}-alias`]: {} } }, [], async () => {
        expect((await (await store.collection(`${index}-alias`, {})).describe({})).name).toBe(`${index}-alias`);
        await expect(store.drop(`${index}-alias`, {})).rejects.toMatchObject({ code: 'not-supported' });
        await server.call('PUT', `/${other}`, { mappings: { properties }, aliases: { [`${index}-alias`]: {} } });
        try {
          await expect(store.collection(`${index}-alias`, {})).rejects.toMatchObject({
            code: 'not-supported',
            message: expect.stringContaining(other) as unknown,
          });
          const listed = (await store.collections({})).map((info) => info.name);
          expect(listed).toEqual(expect.arrayContaining([index, other]));
          expect(listed).not.toContain(`${index}-alias`);
        } finally {
          await server.call('DELETE', `/${other}`);
        }
      });
    });

    it('lists no index without a vector, and takes no pattern for a name', async () => {
      await withIndex({ mappings: { properties: { n: { type: 'long' } } } }, [], async () => {
        expect((await store.collections({})).map((info) => info.name)).not.toContain(index);
        for (const pattern of [`${index}*`, `${index},${index}`, '_all', '*', `-${index}`]) {
          await expect(store.drop(pattern, {})).rejects.toMatchObject({ code: 'not-found' });
          await expect(store.collection(pattern, {})).rejects.toMatchObject({ code: 'not-found' });
        }
        expect((await (await store.collection(index, {})).describe({})).vectors).toEqual({});
      });
    });

    it('makes another index like it from its description, and keeps points exactly there', async () => {
      const properties = {
        v: {
          type: 'dense_vector',
          dims: 64,
          similarity: 'dot_product',
          index_options: { type: 'int8_hnsw', m: 12, ef_construction: 60 },
        },
        tag: { type: 'keyword' },
        note: { type: 'text' },
      };
      await withIndex({ settings: { number_of_shards: 2 }, mappings: { properties } }, [], async () => {
        const description = await (await store.collection(index, {})).describe({});
        expect(description.vectors['v']).toMatchObject({
          metric: 'dot',
          index: { type: 'int8_hnsw', parameters: { m: 12, efConstruction: 60 } },
        });
        const name = `${index}-copy`;
        await store.create({ ...description, name }, {});
        try {
          const copy = await (await store.collection(name, {})).describe({});
          expect(copy.vectors).toEqual(description.vectors);
          expect(copy.native).toMatchObject({
            settings: { index: { number_of_shards: '2' } },
            mappings: { properties: { note: { type: 'text' }, v: properties.v } },
          });
          const unit = new Float32Array(64);
          unit[3] = 1;
          const records = [{ id: 'a', vectors: { v: unit }, metadataText: '{"tag":"x","n":1e2,"":1}' }];
          expect((await (await store.collection(name, {})).upsertMany(batchFromRecords(records), {})).failed).toEqual(
            [],
          );
          expect((await exported(store, name))[0]).toMatchObject({ metadata: '{"tag":"x","n":1e2,"":1}' });
        } finally {
          await store.drop(name, {});
        }
      });
    });
  });
}
