import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDescription,
  type CollectionDriver,
  type ExportBatch,
  type StoreDriver,
  type VectorRecord,
  type VectorSpec,
} from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-elastic';
import { mulberry32, randomVector, serverUrl, testedServers } from '@vecport/testkit';
import { startProxy } from './support/proxy.js';
import { exported, pointsOf, type RealServer, realServer } from './support/real-server.js';

const NAME = `own-${process.pid}`;

for (const name of testedServers(['elastic-9', 'elastic-8'] as const)) {
  describe(`collections that Vecport made, on ${name}`, () => {
    let server: RealServer;
    let store: StoreDriver;

    beforeAll(async () => {
      server = realServer(serverUrl(name));
      store = await adapter.open(server.settings, {});
    });
    afterAll(async () => {
      await store.close();
    });

    const withCollection = async (
      change: Partial<CollectionDescription>,
      work: (collection: CollectionDriver) => Promise<void>,
    ): Promise<void> => {
      await store.create({ name: NAME, vectors: { default: dense(4) }, idKinds: ['string'], ...change }, {});
      try {
        await work(await store.collection(NAME, {}));
      } finally {
        await store.drop(NAME, {});
      }
    };

    it('keeps cosine vectors of any length bit for bit', async () => {
      await withCollection({ vectors: { default: dense(32, 'cosine') } }, async (collection) => {
        const records = points(300, 32, 7);
        await write(collection, records);
        const read = await exported(store, NAME, { batchSize: 100 });
        const expected = new Map(records.map(({ id, embedding }) => [id, [...(embedding ?? [])]]));
        for (const { id, vectors } of read) expect(vectors['default']).toEqual(expected.get(id));
        expect(read).toHaveLength(300);
      });
    });

    it('names its state, which changes with its points and with nothing else', async () => {
      await withCollection({}, async (collection) => {
        const revision = async (): Promise<string | undefined> => collection.revision?.({});
        const seen = [await revision()];
        for (const change of [
          async () => write(collection, points(30, 4, 1)),
          async () => write(collection, points(1, 4, 2)),
          async () => collection.deleteMany(['p00003'], {}),
          async () => write(collection, points(4, 4, 1).slice(3)),
        ]) {
          await change();
          seen.push(await revision());
          expect(await revision()).toBe(seen.at(-1));
          const plan = await collection.slices?.(2, {});
          expect(plan?.snapshot).toBe(seen.at(-1));
          if (plan) await collection.releaseSlices?.(plan, {});
        }
        expect(new Set(seen).size).toBe(5);
        expect(seen).not.toContain(undefined);
        await store.drop(NAME, {});
        await store.create({ name: NAME, vectors: { default: dense(4) }, idKinds: ['string'] }, {});
        const again = await store.collection(NAME, {});
        expect(seen).not.toContain(await again.revision?.({}));
      });
    });

    it('keeps int8 and binary vectors, and refuses numbers they cannot hold', async () => {
      const vectors = {
        small: dense(3, 'euclidean', 'int8'),
        bits: dense(16, 'hamming', 'binary'),
      };
      await withCollection({ vectors }, async (collection) => {
        const bits = Float32Array.from({ length: 16 }, (_, at) => (at % 3 === 0 ? 1 : 0));
        await write(collection, [{ id: 'a', vectors: { small: Float32Array.of(-128, 0, 127), bits } }]);
        const report = await collection.upsertMany(
          batchFromRecords([
            { id: 'b', vectors: { small: Float32Array.of(1.5, 0, 0) } },
            { id: 'c', vectors: { small: Float32Array.of(128, 0, 0) } },
            { id: 'd', vectors: { bits: bits.map((value) => value * 2) } },
          ]),
          {},
        );
        expect(report.failed.map(({ id, code }) => [id, code])).toEqual([
          ['b', 'invalid-argument'],
          ['c', 'invalid-argument'],
          ['d', 'invalid-argument'],
        ]);
        expect(await exported(store, NAME)).toEqual([
          { id: 'a', metadata: undefined, vectors: { small: [-128, 0, 127], bits: [...bits] } },
        ]);
        expect((await collection.describe({})).vectors).toMatchObject(vectors);
        const [match] = await collection.search(
          { vector: bits.map((b, at) => (at < 2 ? 1 - b : b)), vectorName: 'bits', topK: 1 },
          {},
        );
        expect(match).toMatchObject({ id: 'a', score: -2 });
      });
    });

    it('has bfloat16 where the server has, and gives back what was written', async () => {
      const vectors = { default: dense(4, 'cosine', 'bfloat16') };
      if (name === 'elastic-8') {
        await expect(store.create({ name: NAME, vectors, idKinds: ['string'] }, {})).rejects.toMatchObject({
          code: expect.stringMatching(/not-supported|invalid-argument/) as unknown,
        });
        return;
      }
      await withCollection({ vectors }, async (collection) => {
        await write(collection, [{ id: 'a', embedding: Float32Array.of(0.1, 0.2, 0.3, 0.4) }]);
        expect((await exported(store, NAME))[0]?.vectors).toEqual({
          default: [...Float32Array.of(0.1, 0.2, 0.3, 0.4)],
        });
      });
    });

    it('reads several shards whole, in slices that say how many points they have', async () => {
      const native = { mappings: {}, settings: { index: { number_of_shards: '3' } } };
      await withCollection({ native }, async (collection) => {
        const records = points(500, 4, 3);
        await write(collection, records);
        await write(collection, records.slice(100, 250));
        const ids = records.map(({ id }) => id).toSorted();
        expect((await exported(store, NAME, { batchSize: 7 })).map(({ id }) => id)).toEqual(ids);
        const plan = await collection.slices?.(5, {});
        expect(plan?.slices).toHaveLength(5);
        const seen: string[] = [];
        for (const slice of plan?.slices ?? []) {
          const part = await exported(store, NAME, { slice, batchSize: 50 });
          expect(part).toHaveLength(slice.points ?? -1);
          expect(part.length).toBeGreaterThan(40);
          seen.push(...part.map(({ id }) => id));
        }
        expect(seen.toSorted()).toEqual(ids);
        if (plan !== undefined) await collection.releaseSlices?.(plan, {});
      });
    });

    it('goes on when its point in time is gone and nothing was written, and says so when something was', async () => {
      const native = { mappings: {}, settings: { index: { number_of_shards: '2' } } };
      await withCollection({ native }, async (collection) => {
        await write(collection, points(60, 4, 3));
        const whole = await readKilling(server, collection, async () => undefined);
        expect(new Set(whole.ids).size).toBe(60);
        expect(whole.ids).toHaveLength(60);
        expect(whole.pits.size).toBeGreaterThan(1);
        const changed = readKilling(server, collection, async () => write(collection, points(1, 4, 9)));
        await expect(changed).rejects.toMatchObject({ code: 'expired' });
      });
    });

    it('scrolls where there is no point in time, goes on after trouble, and clears every scroll', async () => {
      await withCollection({}, async (collection) => {
        const records = points(50, 4, 3);
        await write(collection, records);
        let troubles = 0;
        const proxy = await startProxy(server.settings['url'] ?? '', (request, response) => {
          if (request.url?.includes('_pit') === true) {
            response.writeHead(400, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
            response.end('{"error":"no handler found for uri [/x/_pit] and method [POST]","status":400}');
            return true;
          }
          if (request.url?.includes('_search/scroll') === true && request.method === 'POST' && ++troubles === 2) {
            response.writeHead(503, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
            response.end('{"error":"busy","status":503}');
            return true;
          }
          return false;
        });
        const other = await adapter.open({ url: proxy.url }, {});
        try {
          const read = await exported(other, NAME, { batchSize: 8 });
          expect(read.map(({ id }) => id)).toEqual(records.map(({ id }) => id).toSorted());
          const begun = proxy.seen.filter((line) => line.includes('scroll=5m')).length;
          const cleared = proxy.seen.filter((line) => line.startsWith('DELETE /_search/scroll')).length;
          expect([begun, cleared]).toEqual([2, 2]);
          const plan = await (await other.collection(NAME, {})).slices?.(3, {});
          expect(plan?.consistency).toBe('scan');
          const parts: string[] = [];
          for (const slice of plan?.slices ?? [])
            parts.push(...(await exported(other, NAME, { slice })).map(({ id }) => id));
          expect(parts.toSorted()).toEqual(records.map(({ id }) => id).toSorted());
        } finally {
          await other.close();
          await proxy.close();
        }
      });
    });

    it('finds the nearest of many in an index of quantised vectors', async () => {
      await withCollection({ vectors: { default: dense(384, 'cosine') } }, async (collection) => {
        const records = points(2000, 384, 5);
        for (let start = 0; start < records.length; start += 500)
          await write(collection, records.slice(start, start + 500));
        let right = 0;
        for (const { id, embedding } of records.filter((_, n) => n % 100 === 0)) {
          const [best] = await collection.search({ vector: embedding ?? new Float32Array(384), topK: 10 }, {});
          if (best?.id === id && best.score > 0.9999) right += 1;
        }
        expect(right).toBe(20);
      });
    });

    it('takes the routing out of metadata, and gives it back there', async () => {
      const native = { mappings: {}, settings: { index: { number_of_shards: '3' } } };
      await withCollection({ native, fields: [{ name: 'n', type: 'integer' }] }, async (collection) => {
        const embedding = Float32Array.of(1, 2, 3, 4);
        const records = ['a', 'b', 'c'].map((id) => ({ id, embedding, metadataText: `{"n":1,"_routing":"to ${id}"}` }));
        await write(collection, records);
        await write(collection, [{ id: 'd', embedding, metadataText: '{"_routing":7}' }]);
        const read = pointsOf(await collection.get(['d', 'c', 'b', 'a'], {}));
        expect(read.map(({ metadata }) => metadata)).toEqual([
          '{"_routing":7}',
          ...records.map(({ metadataText }) => metadataText).toReversed(),
        ]);
        await collection.deleteMany(['a', 'b', 'c'], {});
        expect(await collection.count(undefined, {})).toBe(1);
      });
    });

    it('says that a declared field exists although its value is kept elsewhere', async () => {
      const fields = [
        { name: 'tags', type: 'string[]' as const },
        { name: 'rank', type: 'integer' as const },
        { name: 'in.side', type: 'string' as const },
      ];
      await withCollection({ fields }, async (collection) => {
        const embedding = Float32Array.of(1, 2, 3, 4);
        const texts = [
          '{"tags":[]}',
          '{"tags":"one"}',
          '{"tags":["a"],"rank":"x"}',
          '{"rank":1.5,"in":{"side":"y"}}',
          `{"in":{"side":"${'z'.repeat(20_000)}"}}`,
          '{"in":"out","in.side":"dotted"}',
          '{"tags":null}',
          '{"in":{"q.r":1,"side":"y"}}',
        ];
        await write(
          collection,
          texts.map((metadataText, n) => ({ id: String(n), embedding, metadataText })),
        );
        const read = await exported(store, NAME);
        expect(read.map(({ metadata }) => JSON.parse(metadata ?? '') as unknown)).toEqual(
          texts.map((text) => JSON.parse(text) as unknown),
        );
        const having = async (field: string): Promise<number> => collection.count({ op: 'exists', field }, {});
        expect([await having('tags'), await having('rank'), await having('in.side')]).toEqual([3, 2, 3]);
        expect(await collection.count({ op: 'eq', field: 'in.side', value: 'y' }, {})).toBe(2);
        expect(await collection.count({ op: 'eq', field: 'rank', value: 1 }, {})).toBe(0);
        expect(await collection.count({ op: 'contains', field: 'tags', value: 'one' }, {})).toBe(0);
      });
    });

    it('refuses by name what it cannot make', async () => {
      const cases: readonly (readonly [Partial<CollectionDescription>, string])[] = [
        [{ vectors: { words: { kind: 'sparse', elementType: 'float32', metric: 'dot' } } }, 'words'],
        [{ vectors: { tokens: { ...dense(4), kind: 'multi' } } }, 'tokens'],
        [{ vectors: { v: dense(4, 'manhattan') } }, 'manhattan'],
        [{ vectors: { v: dense(4, 'cosine', 'float16') } }, 'float16'],
        [{ vectors: { v: dense(12, 'hamming', 'binary') } }, 'v'],
        [{ vectors: { v: dense(16, 'jaccard', 'binary') } }, 'jaccard'],
        [
          {
            fields: [
              { name: 'a', type: 'string' },
              { name: 'a.b', type: 'string' },
            ],
          },
          'a.b',
        ],
        [{ name: 'two words' }, 'two words'],
      ];
      for (const [change, named] of cases) {
        const description = { name: NAME, vectors: { default: dense(4) }, idKinds: ['string'] as const, ...change };
        await expect(store.create(description, {})).rejects.toMatchObject({
          code: expect.stringMatching(/not-supported|invalid-argument/) as unknown,
          message: expect.stringContaining(named) as unknown,
        });
      }
      expect((await store.collections({})).map((info) => info.name)).not.toContain(NAME);
    });
  });
}

function dense(
  dimension: number,
  metric: VectorSpec['metric'] = 'euclidean',
  elementType: VectorSpec['elementType'] = 'float32',
): VectorSpec {
  return { kind: 'dense', dimension, elementType, metric };
}

function points(count: number, dimension: number, seed: number): VectorRecord[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, (_, n) => ({
    id: `p${String(n).padStart(5, '0')}`,
    embedding: randomVector(random, dimension).map((value) => value * 3),
    metadataText: `{"n":${n}}`,
  }));
}

async function write(collection: CollectionDriver, records: readonly VectorRecord[]): Promise<void> {
  const { failed } = await collection.upsertMany(batchFromRecords(records), {});
  expect(failed).toEqual([]);
}

/** Read everything, the point in time being closed behind the reader's back after the second and fourth batch. */
async function readKilling(server: RealServer, collection: CollectionDriver, meanwhile: () => Promise<void>) {
  const pits = new Set<string>();
  const ids: string[] = [];
  let batches = 0;
  const read = collection.exportAll?.({ batchSize: 7 }) ?? [];
  for await (const batch of read as AsyncIterable<ExportBatch>) {
    ids.push(...batch.ids);
    const { pit } = JSON.parse(batch.cursor) as { pit: string };
    pits.add(pit);
    batches += 1;
    if (batches !== 2 && batches !== 4) continue;
    await meanwhile();
    await server.call('DELETE', '/_pit', { id: pit });
  }
  return { ids, pits };
}
