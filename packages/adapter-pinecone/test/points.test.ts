import { describe, expect, it } from '@jest/globals';
import { type VectorColumn, vectorAt } from '@vecport/abstractions';
import { exported, failure, idsOf, openFake, seeded, write } from './support/open-fake.js';

describe('vectors of other kinds', () => {
  it('writes, reads and searches sparse vectors', async () => {
    const { store } = await openFake();
    await store.create(
      {
        name: 'books',
        vectors: { words: { kind: 'sparse', elementType: 'float32', metric: 'dot' } },
        idKinds: ['string'],
      },
      {},
    );
    const books = await store.collection('books', {});
    const sparse = (indices: number[], values: number[]) => ({
      indices: Uint32Array.from(indices),
      values: Float32Array.from(values),
    });
    const report = await write(books, [
      { id: 'a', vectors: { words: sparse([1, 4_294_967_295], [0.5, 2]) } },
      { id: 'b', vectors: { words: sparse([7], [3]) } },
      { id: 'none' },
      { id: 'empty', vectors: { words: sparse([], []) } },
    ]);
    expect([report.accepted, report.failed.map(({ id }) => id)]).toEqual([2, ['none', 'empty']]);
    const [batch] = await exported(books);
    const column = batch?.vectors['words'] as VectorColumn;
    expect([vectorAt(column, 0), vectorAt(column, 1)]).toEqual([
      sparse([1, 4_294_967_295], [0.5, 2]),
      sparse([7], [3]),
    ]);
    expect(await books.search({ vector: sparse([7], [2]), topK: 1 }, {})).toEqual([{ id: 'b', score: 6 }]);
  });

  it('keeps dense and sparse values of one record, and says that it cannot search the sparse one', async () => {
    const { fake, store } = await openFake();
    await fake.createIndex({ name: 'books', dimension: 4, metric: 'dotproduct' });
    const books = await store.collection('books', {});
    const sparse = { indices: Uint32Array.of(3), values: Float32Array.of(1.5) };
    await write(books, [
      { id: 'a', vectors: { default: Float32Array.of(1, 0, 0, 0), sparse } },
      { id: 'b', vectors: { default: Float32Array.of(0, 1, 0, 0) } },
    ]);
    const { ids, vectors } = await books.get(['b', 'a'], {});
    expect(ids).toEqual(['b', 'a']);
    expect([0, 1].map((row) => vectorAt(vectors['sparse'] as VectorColumn, row))).toEqual([undefined, sparse]);
    expect((await failure(async () => books.search({ vector: sparse, vectorName: 'sparse', topK: 1 }, {}))).code).toBe(
      'not-supported',
    );
  });
});

describe('writing', () => {
  it('cuts requests at 2 MB and 1,000 records', async () => {
    const { fake, store } = await openFake();
    await fake.createIndex({ name: 'wide', dimension: 2000 });
    const wide = await store.collection('wide', {});
    const points = Array.from({ length: 300 }, (_, n) => ({
      id: `p${n}`,
      embedding: new Float32Array(2000).fill(1 / (n + 3)),
    }));
    expect(await write(wide, points)).toEqual({ accepted: 300, failed: [] });
    const upserts = fake.requests.filter(({ operation }) => operation === 'upsert');
    expect(upserts.length).toBeGreaterThan(1);
    expect(upserts.every(({ body }) => Buffer.byteLength(body) <= 2_000_000)).toBe(true);
    expect(fake.records('wide').length).toBe(300);
  });

  it('finds the points that the server does not take', async () => {
    const { fake, books } = await seeded(0);
    fake.fault = ({ operation, body }) =>
      operation === 'upsert' && body.includes('"bad')
        ? { status: 400, body: '{"code":3,"message":"I do not like it"}' }
        : undefined;
    const points = Array.from({ length: 40 }, (_, n) => ({
      id: n % 13 === 5 ? `bad${n}` : `p${n}`,
      embedding: Float32Array.of(1, n, 0, 0),
    }));
    const { accepted, failed } = await write(books, points);
    expect(accepted).toBe(37);
    expect(failed.map(({ id }) => id)).toEqual(['bad5', 'bad18', 'bad31']);
    expect(failed[0]).toMatchObject({ code: 'invalid-argument', reason: 'Pinecone answered 400: I do not like it.' });
    expect(fake.records('books').length).toBe(37);
  });

  it('comes through a burst of 429', async () => {
    const { fake, books } = await seeded(0);
    let refused = 0;
    fake.fault = ({ operation }) => {
      if (operation !== 'upsert' || refused === 7) return undefined;
      refused += 1;
      return { status: 429, body: 'slow down', headers: { 'retry-after': '0' } };
    };
    expect(await write(books, [{ id: 'a', embedding: Float32Array.of(1, 0, 0, 0) }])).toEqual({
      accepted: 1,
      failed: [],
    });
    expect(refused).toBe(7);
  });

  it('keeps to the requests a second it is told', async () => {
    const { fake, books } = await seeded(0, {}, { requestsPerSecond: '0.001' });
    await books.count(undefined, {});
    const controller = new AbortController();
    const waiting = books.count(undefined, { signal: controller.signal });
    controller.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    expect(fake.requests.filter(({ operation }) => operation === 'stats').length).toBe(1);
  });
});

describe('identifiers', () => {
  it('stores those Pinecone does not take under a uuid, and gives them back everywhere', async () => {
    const { fake, books } = await seeded(0);
    const ids = ['größe', 'a\0b', '界'.repeat(100), 'plain', ' ', '../a?b#c%20&ids=x'];
    await write(
      books,
      ids.map((id, n) => ({
        id,
        embedding: Float32Array.of(n + 1, 1, 0, 0),
        metadataText: n === 0 ? '{}' : `{"n":${n}}`,
      })),
    );
    expect(
      fake
        .records('books')
        .map(({ id }) => id)
        .filter((id) => ids.includes(id))
        .toSorted(),
    ).toEqual([' ', '../a?b#c%20&ids=x', 'plain'].toSorted());
    expect([...(await books.get(ids, {})).ids]).toEqual(ids);
    expect(idsOf(await exported(books)).toSorted()).toEqual(ids.toSorted());
    const found = await books.search({ vector: Float32Array.of(1, 1, 0, 0), topK: 10 }, {});
    expect(found.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    await books.deleteMany(['größe', 'a\0b'], {});
    expect(idsOf(await exported(books)).toSorted()).toEqual(ids.slice(2).toSorted());
  });

  it('finds a reserved field that was copied from another record', async () => {
    const { fake, books } = await seeded(0);
    await write(books, [{ id: 'größe', embedding: Float32Array.of(1, 1, 0, 0) }]);
    const [stored] = fake.records('books');
    fake.seed('books', [{ id: 'thief', values: [1, 0, 0, 0], metadata: stored?.metadata }]);
    expect((await failure(async () => books.get(['thief'], {}))).code).toBe('corrupt-data');
  });
});
