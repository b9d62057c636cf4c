import { describe, expect, it } from '@jest/globals';
import { type Index, Pinecone } from '@pinecone-database/pinecone';
import { rows } from '@vecport/abstractions';
import { eventually, type FakePinecone, type FakePineconeOptions } from '@vecport/testkit';
import { exported, idsOf, openStore, startFake, write } from './support/open-fake.js';

async function client(
  options: FakePineconeOptions = {},
): Promise<{ fake: FakePinecone; pinecone: Pinecone; index: Index }> {
  const fake = await startFake(options);
  const pinecone = new Pinecone({ apiKey: fake.apiKey, controllerHostUrl: fake.url });
  await pinecone.createIndex({
    name: 'books',
    dimension: 3,
    metric: 'cosine',
    spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
    tags: { team: 'search' },
  });
  await eventually('the index is ready', async () => (await pinecone.describeIndex('books')).status.ready);
  const { host } = await pinecone.describeIndex('books');
  return { fake, pinecone, index: pinecone.index({ name: 'books', host }) };
}

const RECORDS = Array.from({ length: 12 }, (_, n) => ({
  id: `doc${String(n).padStart(2, '0')}`,
  values: [1, n / 10, 0.1],
  metadata: { n, genre: n % 2 === 0 ? 'drama' : 'comedy', tags: ['a', `t${n % 3}`] },
}));

describe('the official client', () => {
  it('makes, lists, describes, configures and removes indexes of the fake', async () => {
    const { pinecone } = await client();
    const { indexes = [] } = await pinecone.listIndexes();
    expect(indexes.map(({ name, dimension, metric, vectorType }) => [name, dimension, metric, vectorType])).toEqual([
      ['books', 3, 'cosine', 'dense'],
    ]);
    await pinecone.configureIndex({ name: 'books', deletionProtection: 'enabled', tags: { team: '', room: '4' } });
    expect((await pinecone.describeIndex('books')).tags).toEqual({ room: '4' });
    await expect(pinecone.deleteIndex('books')).rejects.toThrow(/Deletion protection/);
    await pinecone.configureIndex({ name: 'books', deletionProtection: 'disabled' });
    await pinecone.deleteIndex('books');
    await eventually('it is gone', async () =>
      pinecone.describeIndex('books').then(
        () => false,
        (error: Error) => error.name === 'PineconeNotFoundError',
      ),
    );
    await expect(pinecone.describeIndex('books')).rejects.toThrow(/404/);
  });

  it('writes, fetches, lists, queries, updates, counts and deletes records of the fake', async () => {
    const { index } = await client();
    await index.upsert({ records: RECORDS });
    const { records } = await index.fetch({ ids: ['doc03', 'none'] });
    expect(Object.keys(records)).toEqual(['doc03']);
    expect(records['doc03']).toMatchObject({ id: 'doc03', metadata: RECORDS[3]?.metadata });
    const page = await index.listPaginated({ prefix: 'doc0', limit: 4 });
    expect(page.vectors?.map(({ id }) => id)).toEqual(['doc00', 'doc01', 'doc02', 'doc03']);
    const next = await index.listPaginated({ prefix: 'doc0', limit: 9, paginationToken: page.pagination?.next ?? '' });
    expect([next.vectors?.length, next.pagination]).toEqual([6, undefined]);
    const found = await index.query({
      topK: 2,
      vector: [1, 0, 0.1],
      filter: { genre: { $eq: 'comedy' } },
      includeMetadata: true,
    });
    expect(found.matches.map(({ id }) => id)).toEqual(['doc01', 'doc03']);
    const drama = await index.fetchByMetadata({ filter: { genre: 'drama', tags: { $in: ['t0'] } } });
    expect(Object.keys(drama.records)).toEqual(['doc00', 'doc06']);
    await index.update({ id: 'doc00', metadata: { genre: 'new' } });
    expect((await index.fetch({ ids: ['doc00'] })).records['doc00']?.metadata).toMatchObject({ n: 0, genre: 'new' });
    await index.deleteMany({ ids: ['doc00', 'doc01'] });
    await index.deleteMany({ filter: { n: { $gt: 9 } } });
    const stats = await index.describeIndexStats();
    expect([stats.totalRecordCount, stats.dimension, stats.namespaces]).toEqual([8, 3, { '': { recordCount: 8 } }]);
    await index.deleteAll();
    expect((await index.describeIndexStats()).totalRecordCount).toBe(0);
  });

  it('works with namespaces of the fake', async () => {
    const { index } = await client();
    await index.createNamespace({ name: 'red' });
    await index.upsert({ namespace: 'red', records: RECORDS.slice(0, 2) });
    await index.upsert({ records: RECORDS.slice(2, 3) });
    const { namespaces = [] } = await index.listNamespaces();
    expect(namespaces.map(({ name, recordCount }) => [name, recordCount])).toEqual([
      ['__default__', '1'],
      ['red', '2'],
    ]);
    expect((await index.describeNamespace('red')).recordCount).toBe('2');
    await index.deleteNamespace('red');
    await expect(index.describeNamespace('red')).rejects.toThrow(/404/);
  });

  it.each<[string, (index: Index) => Promise<unknown>, RegExp]>([
    [
      'a wrong dimension',
      async (index) => index.upsert({ records: [{ id: 'a', values: [1] }] }),
      /dimension 1 does not match/,
    ],
    [
      'a zero vector',
      async (index) => index.upsert({ records: [{ id: 'a', values: [0, 0, 0] }] }),
      /at least one non-zero/,
    ],
    [
      'an id that is not ASCII',
      async (index) => index.upsert({ records: [{ id: 'ä', values: [1, 0, 0] }] }),
      /must be ASCII/,
    ],
    [
      'nested metadata',
      async (index) => index.upsert({ records: [{ id: 'a', values: [1, 0, 0], metadata: { a: { b: 1 } } as never }] }),
      /must be a string, number, boolean or list of strings/,
    ],
    ['too much asked for', async (index) => index.query({ topK: 10_001, vector: [1, 0, 0] }), /topK must be between/],
    [
      'a wrong filter',
      async (index) => index.query({ topK: 1, vector: [1, 0, 0], filter: { a: { $gt: 'b' } } }),
      /\$gt/,
    ],
    ['a wrong token', async (index) => index.listPaginated({ paginationToken: 'none' }), /pagination token/],
    ['a namespace that is not there', async (index) => index.deleteAll({ namespace: 'none' }), /404/],
  ])('is refused %s', async (_, call, message) => {
    const { index } = await client();
    await expect(call(index)).rejects.toThrow(message);
  });

  it('reads what Vecport writes, and the other way round', async () => {
    const { fake, index } = await client();
    const books = await (await openStore(fake)).collection('books', {});
    await index.upsert({ records: RECORDS });
    const batches = await exported(books, { batchSize: 5 });
    expect(idsOf(batches)).toEqual(RECORDS.map(({ id }) => id));
    const first = [...rows(batches[0] as (typeof batches)[number])].map(({ id, embedding, metadata }) => ({
      id,
      values: [...(embedding ?? [])],
      metadata,
    }));
    expect(first).toEqual(RECORDS.slice(0, 5).map((record) => ({ ...record, values: record.values.map(Math.fround) })));
    await write(books, [
      {
        id: 'ours',
        embedding: Float32Array.of(0.1, 0.2, 0.3),
        metadata: { n: 1, deep: { city: 'Oslo' }, tags: ['x'] },
      },
    ]);
    const { records } = await index.fetch({ ids: ['ours'] });
    expect(records['ours']?.values?.map(Math.fround)).toEqual([...Float32Array.of(0.1, 0.2, 0.3)]);
    expect(records['ours']?.metadata).toMatchObject({ n: 1, tags: ['x'], '_vecport.deep.city': 'Oslo' });
  });
});
