import { describe, expect, it } from '@jest/globals';
import { QdrantClient } from '@qdrant/js-client-grpc';
import type { FakeQdrant } from '@vecport/testkit';
import { fakeQdrant, result } from './support.js';

const MOST = 2n ** 64n - 1n;
const UUID = 'aaaaaaaa-0000-4000-8000-00000000000b';

const num = (value: bigint) => ({ pointIdOptions: { case: 'num', value } }) as const;
const uuid = (value: string) => ({ pointIdOptions: { case: 'uuid', value } }) as const;
const byIds = (...ids: ReturnType<typeof num>[]) =>
  ({ pointsSelectorOneOf: { case: 'points', value: { ids } } }) as const;
const dense = (...data: number[]) =>
  ({ vectorsOptions: { case: 'vector', value: { vector: { case: 'dense', value: { data } } } } }) as const;
const integer = (value: bigint) => ({ kind: { case: 'integerValue', value } }) as const;
const enabled = { selectorOptions: { case: 'enable', value: true } } as const;

/** The client compresses what it sends and receives. */
async function connected() {
  const fake = await fakeQdrant();
  const client = new QdrantClient({ host: '127.0.0.1', port: fake.grpcPort, https: false, checkCompatibility: false });
  await client.api('collections').create({
    collectionName: 'c',
    vectorsConfig: {
      config: { case: 'params', value: { size: 3n, distance: 3, datatype: 3, hnswConfig: { m: 32n } } },
    },
    quantizationConfig: { quantization: { case: 'product', value: { compression: 2 } } },
    optimizersConfig: { maxOptimizationThreads: { variant: { case: 'value', value: 2n } } },
  });
  await client.api('points').upsert({
    collectionName: 'c',
    wait: true,
    points: [
      {
        id: num(MOST),
        vectors: dense(1.1, 2, 3),
        payload: { n: integer(5n), s: { kind: { case: 'stringValue', value: 'x' } } },
      },
      { id: uuid(UUID.toUpperCase().replaceAll('-', '')), vectors: dense(4, 5, 6) },
    ],
  });
  return { fake, points: client.api('points'), collections: client.api('collections') };
}

/** What REST says is there: the fake has one state for both interfaces. */
async function overRest(fake: FakeQdrant): Promise<unknown> {
  return result(fake, 'POST', '/collections/c/points/scroll', { with_vector: true });
}

describe('@qdrant/js-client-grpc over the fake of Qdrant', () => {
  it('administers collections, aliases and indexes', async () => {
    const { fake, points, collections } = await connected();
    expect((await collections.list({})).collections.map(({ name }) => name)).toEqual(['c']);
    await points.createFieldIndex({
      collectionName: 'c',
      fieldName: 's',
      fieldType: 0,
      fieldIndexParams: { indexParams: { case: 'keywordIndexParams', value: { isTenant: true } } },
    });
    expect((await collections.get({ collectionName: 'c' })).result).toMatchObject({
      pointsCount: 2n,
      payloadSchema: { s: { dataType: 1, points: 1n, params: { indexParams: { value: { isTenant: true } } } } },
      config: { optimizerConfig: { maxOptimizationThreads: { variant: { value: 2n } } } },
    });
    expect(await result(fake, 'GET', '/collections/c')).toMatchObject({
      config: {
        params: { vectors: { size: 3, distance: 'Dot', datatype: 'float16', hnsw_config: { m: 32 } } },
        quantization_config: { product: { compression: 'x16' } },
        optimizer_config: { max_optimization_threads: 2 },
      },
      payload_schema: { s: { data_type: 'keyword', params: { type: 'keyword', is_tenant: true }, points: 1 } },
    });
    await points.deleteFieldIndex({ collectionName: 'c', fieldName: 's' });
    const alias = { case: 'createAlias', value: { collectionName: 'c', aliasName: 'alias' } } as const;
    await collections.updateAliases({ actions: [{ action: alias }] });
    expect((await collections.listAliases({})).aliases).toMatchObject([alias.value]);
    expect((await collections.collectionExists({ collectionName: 'alias' })).result?.exists).toBe(true);
    await expect(collections.create({ collectionName: 'c' })).rejects.toMatchObject({ code: 6 });
    expect((await collections.delete({ collectionName: 'c' })).result).toBe(true);
  });

  it('reads points', async () => {
    const { points } = await connected();
    const page = await points.scroll({ collectionName: 'c', limit: 1, withVectors: enabled });
    expect(page.nextPageOffset).toMatchObject(uuid(UUID));
    expect(page.result).toMatchObject([
      { id: num(MOST), payload: { n: integer(5n) }, vectors: dense(1.099609375, 2, 3) },
    ]);
    const got = await points.get({
      collectionName: 'c',
      ids: [num(7n), num(MOST)],
      withPayload: { selectorOptions: { case: 'include', value: { fields: ['n'] } } },
    });
    expect(got.result.map(({ payload }) => Object.keys(payload))).toEqual([['n']]);
    const found = await points.search({ collectionName: 'c', vector: [1, 1, 1], limit: 1n });
    expect(found.result).toMatchObject([{ id: uuid(UUID), score: 15, version: 1n }]);
    const batch = await points.queryBatch({
      collectionName: 'c',
      queryPoints: [
        {
          collectionName: 'c',
          query: { variant: { case: 'nearest', value: { variant: { case: 'id', value: num(MOST) } } } },
        },
      ],
    });
    expect(batch.result[0]?.result.map(({ id }) => id?.pointIdOptions.value)).toEqual([UUID]);
  });

  it('filters', async () => {
    const { points } = await connected();
    const field = (value: object) => ({ conditionOneOf: { case: 'field', value } }) as const;
    const match = (key: string, matchValue: object) => field({ key, match: { matchValue } });
    const count = async (filter: object) =>
      (await points.count({ collectionName: 'c', filter, exact: true })).result?.count;
    const keywords = { case: 'keywords', value: { strings: ['x', 'y'] } };
    expect(await count({ must: [match('s', keywords), field({ key: 'n', range: { gte: 5, lt: 6 } })] })).toBe(1n);
    expect(await count({ must: [match('n', { case: 'exceptIntegers', value: { integers: [1n, 300n] } })] })).toBe(1n);
    expect(await count({ must: [match('n', { case: 'integers', value: { integers: [5n] } })] })).toBe(1n);
    expect(await count({ mustNot: [match('s', { case: 'keyword', value: 'x' })] })).toBe(1n);
    expect(await count({ must: [field({ key: 'n', valuesCount: { gte: 1n } })] })).toBe(1n);
    expect(await count({ should: [{ conditionOneOf: { case: 'hasId', value: { hasId: [uuid(UUID)] } } }] })).toBe(1n);
    expect(await count({ must: [{ conditionOneOf: { case: 'isEmpty', value: { key: 'n' } } }] })).toBe(1n);
    const inner = { must: [{ conditionOneOf: { case: 'isNull', value: { key: 'n' } } }] };
    expect(await count({ mustNot: [{ conditionOneOf: { case: 'filter', value: inner } }] })).toBe(2n);
    const seconds = (at: string) => ({ seconds: BigInt(Date.parse(at) / 1000), nanos: 0 });
    await points.setPayload({
      collectionName: 'c',
      payload: { at: { kind: { case: 'stringValue', value: '2024-05-01T12:00:00.000001Z' } } },
      pointsSelector: byIds(num(MOST)),
    });
    const after = (at: string) => field({ key: 'at', datetimeRange: { gt: seconds(at) } });
    expect(await count({ must: [after('2024-05-01T12:00:00Z')] })).toBe(1n);
    expect(await count({ must: [after('2024-05-01T12:00:01Z')] })).toBe(0n);
  });

  it('writes points, payloads and vectors', async () => {
    const { fake, points } = await connected();
    const target = { collectionName: 'c', pointsSelector: byIds(num(MOST)) };
    await points.setPayload({ ...target, payload: { five: { kind: { case: 'doubleValue', value: 5 } } } });
    await points.deletePayload({ ...target, keys: ['n'] });
    await points.updateVectors({ collectionName: 'c', points: [{ id: uuid(UUID), vectors: dense(7, 8, 9) }] });
    await points.deleteVectors({ ...target, vectors: { names: [''] } });
    expect(await overRest(fake)).toMatchObject({
      points: [
        { payload: { s: 'x', five: 5 }, vector: {} },
        { id: UUID, payload: {}, vector: [7, 8, 9] },
      ],
    });
    await points.overwritePayload({ ...target, payload: { only: integer(1n) } });
    await points.clearPayload({ collectionName: 'c', points: byIds(num(MOST)) });
    await points.delete({ collectionName: 'c', points: { pointsSelectorOneOf: { case: 'filter', value: {} } } });
    expect(await overRest(fake)).toEqual({ points: [], next_page_offset: null });
  });

  it.each([
    [{ id: num(1n) }, 'Expected some vectors'],
    [{ vectors: dense(1, 2, 3) }, 'Empty ID is not allowed'],
    [{ id: uuid('zz'), vectors: dense(1, 2, 3) }, 'Unable to parse UUID: zz'],
    [{ id: num(1n), vectors: dense(1) }, 'Wrong input: Vector dimension error: expected dim: 3, got 1'],
  ])('is refused for a point %#', async (point, message) => {
    const { points } = await connected();
    await expect(points.upsert({ collectionName: 'c', points: [point] })).rejects.toMatchObject({
      code: 3,
      rawMessage: message,
    });
  });

  it('is told what the fake does not have', async () => {
    const { points } = await connected();
    await expect(points.facet({ collectionName: 'c', key: 's' })).rejects.toMatchObject({ code: 12 });
    await expect(points.scroll({ collectionName: 'c', limit: 0 })).rejects.toMatchObject({
      code: 3,
      rawMessage: 'Validation error in body: [limit: value 0 invalid, must be 1 or larger]',
    });
  });
});
