import { describe, expect, it } from '@jest/globals';
import { QdrantClient, QdrantClientResourceExhaustedError } from '@qdrant/js-client-rest';
import { fakeQdrant } from './support.js';

const POINTS = [1, 2, 3].map((id) => ({
  id,
  vector: { a: [id, 0, 0.5], s: { indices: [1, id + 1], values: [0.5, id] } },
  payload: { n: id, tags: ['x', `t${id}`], deep: { er: [id], other: true } },
}));

async function connected() {
  const fake = await fakeQdrant({ apiKey: 'key' });
  const client = new QdrantClient({
    host: '127.0.0.1',
    port: fake.httpPort,
    https: false,
    headers: { 'api-key': 'key' },
  });
  await client.createCollection('c', {
    vectors: { a: { size: 3, distance: 'Euclid' } },
    sparse_vectors: { s: { modifier: 'idf' } },
  });
  await client.upsert('c', { wait: true, points: POINTS });
  return { fake, client };
}

describe('@qdrant/js-client-rest over the fake of Qdrant', () => {
  it('administers collections, aliases and indexes', async () => {
    const { client } = await connected();
    expect((await client.versionInfo()).version).toBe('1.18.3');
    expect(await client.getCollections()).toEqual({ collections: [{ name: 'c' }] });
    await client.updateCollectionAliases({
      actions: [{ create_alias: { collection_name: 'c', alias_name: 'alias' } }],
    });
    expect(await client.collectionExists('alias')).toEqual({ exists: true });
    expect(await client.getCollectionAliases('c')).toEqual(await client.getAliases());
    expect(await client.count('alias')).toEqual({ count: 3 });
    const schema = { type: 'text', tokenizer: 'word', lowercase: true } as const;
    await client.createPayloadIndex('c', { field_name: 'tags', field_schema: schema, wait: true });
    expect(await client.getCollection('c')).toMatchObject({
      points_count: 3,
      indexed_vectors_count: 3,
      config: {
        params: { vectors: { a: { size: 3, distance: 'Euclid' } }, sparse_vectors: { s: { modifier: 'idf' } } },
      },
      payload_schema: { tags: { data_type: 'text', params: schema, points: 3 } },
    });
    await client.deletePayloadIndex('c', 'tags');
    expect((await client.getCollection('c')).payload_schema).toEqual({});
    expect(await client.deleteCollection('c')).toBe(true);
    expect(await client.getAliases()).toEqual({ aliases: [] });
  });

  it('reads points', async () => {
    const { client } = await connected();
    expect(
      await client.scroll('c', { limit: 1, with_vector: ['a'], with_payload: { exclude: ['tags', 'deep.er'] } }),
    ).toEqual({
      points: [{ id: 1, payload: { n: 1, deep: { other: true } }, vector: { a: [1, 0, 0.5] } }],
      next_page_offset: 2,
    });
    expect(await client.retrieve('c', { ids: [3, 99, 1], with_payload: ['deep.er'] })).toEqual([
      { id: 3, payload: { deep: { er: [3] } } },
      { id: 1, payload: { deep: { er: [1] } } },
    ]);
    expect((await client.query('c', { query: [3, 0, 0.5], using: 'a', limit: 1 })).points).toEqual([
      { id: 3, version: 1, score: 0 },
    ]);
    const [batch] = await client.queryBatch('c', { searches: [{ query: { indices: [3], values: [1] }, using: 's' }] });
    expect(batch?.points.map(({ id }) => id)).toEqual([2]);
  });

  it('writes points, payloads and vectors', async () => {
    const { client } = await connected();
    await client.setPayload('c', { payload: { z: 1 }, points: [1] });
    await client.setPayload('c', { payload: { z: 1 }, points: [1], key: 'deep.added' });
    await client.overwritePayload('c', { payload: { y: 2.5 }, filter: { must: [{ key: 'n', match: { value: 2 } }] } });
    await client.deletePayload('c', { keys: ['tags', 'deep.er'], points: [1] });
    await client.clearPayload('c', { points: [3] });
    await client.updateVectors('c', { points: [{ id: 3, vector: { a: [9, 9, 9] } }] });
    await client.deleteVectors('c', { points: [1], vector: ['s'] });
    expect(await client.retrieve('c', { ids: [1, 2, 3], with_vector: ['a', 's'] })).toEqual([
      { id: 1, payload: { n: 1, z: 1, deep: { other: true, added: { z: 1 } } }, vector: { a: [1, 0, 0.5] } },
      { id: 2, payload: { y: 2.5 }, vector: { a: [2, 0, 0.5], s: { indices: [1, 3], values: [0.5, 2] } } },
      { id: 3, payload: {}, vector: { a: [9, 9, 9], s: { indices: [1, 4], values: [0.5, 3] } } },
    ]);
    await client.batchUpdate('c', {
      operations: [{ delete: { points: [1, 2] } }, { upsert: { points: [{ id: 20, vector: {} }] } }],
    });
    const ids = ['AAAAAAAA00004000800000000000000B', 10];
    await client.upsert('c', {
      batch: {
        ids,
        vectors: {
          a: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
        payloads: [{ n: 10 }, null],
      },
    });
    expect((await client.scroll('c', { with_payload: false })).points.map(({ id }) => id)).toEqual([
      3,
      10,
      20,
      'aaaaaaaa-0000-4000-8000-00000000000b',
    ]);
  });

  it('meets the errors it knows', async () => {
    const { fake, client } = await connected();
    await expect(client.scroll('nope')).rejects.toMatchObject({ status: 404 });
    await expect(client.upsert('c', { points: [{ id: 1, vector: { q: [1] } }] })).rejects.toMatchObject({
      data: { status: { error: 'Wrong input: Not existing vector name error: q' } },
    });
    const stranger = new QdrantClient({
      host: '127.0.0.1',
      port: fake.httpPort,
      https: false,
      checkCompatibility: false,
    });
    await expect(stranger.getCollections()).rejects.toMatchObject({ status: 401 });
    fake.faults = () => ({ refuse: { status: 429, retryAfterSeconds: 3 } });
    const refused = client.getCollections();
    await expect(refused).rejects.toBeInstanceOf(QdrantClientResourceExhaustedError);
    await expect(refused).rejects.toMatchObject({ retry_after: 3 });
  });
});
