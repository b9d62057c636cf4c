import { afterEach, describe, expect, it } from '@jest/globals';
import { type FakePinecone, type FakePineconeOptions, startFakePinecone } from '@vecport/testkit';

let fake: FakePinecone;
let host: string;

afterEach(async () => fake.close());

async function start(options: FakePineconeOptions = {}, type: 'serverless' | 'pod' = 'serverless'): Promise<void> {
  fake = await startFakePinecone(options);
  host = await fake.createIndex({ name: 'books', dimension: 2, metric: 'euclidean', type });
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, never> & { readonly vectors: { id: string }[]; readonly pagination?: { next: string } };
}

async function call(url: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'api-key': fake.apiKey },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Answer['json']) : ({} as Answer['json']),
  };
}

const RECORDS = [
  { id: 'a', values: [1, 0], metadata: { genre: 'drama', n: 1, tags: ['x', 'y'] } },
  { id: 'b', values: [0, 1], metadata: { genre: 'comedy', n: 2.5, yes: true } },
  { id: 'c', values: [3, 3] },
];

describe('the fake of Pinecone', () => {
  it('answers in plain text to a wrong key and to a URL that is too long', async () => {
    await start({ apiKey: 'right' });
    const refused = await fetch(`${host}/vectors/list`, { headers: { 'api-key': 'wrong' } });
    expect([refused.status, await refused.text()]).toEqual([401, 'Invalid API Key']);
    expect((await call(`${host}/vectors/fetch?ids=${'x'.repeat(9000)}`)).status).toBe(414);
  });

  it('makes an index ready and gone after a while', async () => {
    await start({ transitions: 2 });
    const schema = { fields: { _values: { type: 'dense_vector', dimension: 3, metric: 'cosine' } } };
    const made = await call(`${fake.url}/indexes`, { name: 'new', schema });
    expect([made.status, made.json['status']]).toEqual([201, { ready: false, state: 'Initializing' }]);
    expect((await call(`${fake.url}/indexes`, { name: 'new', schema })).json['error']).toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    await call(`${fake.url}/indexes/new`);
    expect((await call(`${fake.url}/indexes/new`)).json['status']).toEqual({ ready: true, state: 'Ready' });
    expect((await call(`${fake.url}/indexes/new`, undefined, 'DELETE')).status).toBe(202);
    expect((await call(`${fake.url}/indexes/new`)).json['status']).toMatchObject({ state: 'Terminating' });
    await call(`${fake.url}/indexes/new`);
    expect((await call(`${fake.url}/indexes/new`)).json).toMatchObject({ status: 404, error: { code: 'NOT_FOUND' } });
  });

  it.each<[string, unknown]>([
    ['a name in capitals', { name: 'New', schema: { fields: { _sparse_values: { type: 'sparse_vector' } } } }],
    ['no schema', { name: 'new', schema: { fields: {} } }],
    [
      'an unknown metric',
      { name: 'new', schema: { fields: { _values: { type: 'dense_vector', dimension: 3, metric: 'l1' } } } },
    ],
    ['a pod', { name: 'new', schema: { fields: { _sparse_values: {} } }, deployment: { deployment_type: 'pod' } }],
  ])('makes no index of %s', async (_, body) => {
    await start();
    expect((await call(`${fake.url}/indexes`, body)).status).toBe(400);
  });

  it('prints floats shortest and numbers of metadata as doubles, and knows the default namespace by three names', async () => {
    await start();
    await call(`${host}/vectors/upsert`, {
      vectors: [{ id: 'a', values: [0.1, 16777216], metadata: { n: 1, b: 'x' } }],
    });
    for (const namespace of ['', '&namespace=', '&namespace=__default__']) {
      const { text } = await call(`${host}/vectors/fetch?ids=a&ids=none${namespace}`);
      expect(text).toContain('{"a":{"id":"a","values":[0.1,16777216],"metadata":{"b":"x","n":1.0}}}');
    }
  });

  it.each<[string, unknown, RegExp]>([
    [
      'too many records',
      { vectors: Array.from({ length: 1001 }, (_, n) => ({ id: `${n}`, values: [1, n] })) },
      /limit is 1000/,
    ],
    [
      'too many bytes',
      { vectors: [{ id: 'a', values: [1, 2], metadata: { s: 'x'.repeat(2 ** 21) } }] },
      /message length too large/,
    ],
    [
      'too much metadata',
      { vectors: [{ id: 'a', values: [1, 2], metadata: { s: 'x'.repeat(41_000) } }] },
      /exceeds the limit of 40960/,
    ],
    ['null', { vectors: [{ id: 'a', values: [1, 2], metadata: { s: null } }] }, /got 'null' for field 's'/],
    [
      'a list of numbers',
      { vectors: [{ id: 'a', values: [1, 2], metadata: { s: [1, 2] } }] },
      /got '\[1,2\]' for field 's'/,
    ],
    [
      'a field that is an operator',
      { vectors: [{ id: 'a', values: [1, 2], metadata: { $s: 1 } }] },
      /may not begin with/,
    ],
    ['a NUL in the id', { vectors: [{ id: '\0', values: [1, 2] }] }, /must not contain null character/],
    ['a long id', { vectors: [{ id: 'x'.repeat(513), values: [1, 2] }] }, /limit is 512/],
    ['no vector', { vectors: [{ id: 'a' }] }, /Dense vector is missing/],
    [
      'sparse values beside euclidean',
      { vectors: [{ id: 'a', values: [1, 2], sparseValues: { indices: [1], values: [1] } }] },
      /does not support sparse/,
    ],
    ['what is not JSON', '{"vectors":', /not JSON/],
  ])('refuses %s, and writes nothing of the request', async (_, body, message) => {
    await start();
    const answer = await call(`${host}/vectors/upsert`, body);
    expect([answer.status, answer.json['code']]).toEqual([400, message.source.includes('length') ? 11 : 3]);
    expect(answer.text).toMatch(message);
    expect(fake.records('books')).toEqual([]);
  });

  it('lists in pages by ascending id, with a token that is good for nothing else and expires', async () => {
    await start();
    fake.seed(
      'books',
      ['b', 'aa', 'a', 'c', 'ab'].map((id) => ({ id, values: [1, 1] })),
    );
    const first = await call(`${host}/vectors/list?limit=2`);
    expect(first.json.vectors).toEqual([{ id: 'a' }, { id: 'aa' }]);
    const token = encodeURIComponent(first.json.pagination?.next ?? '');
    expect(
      (await call(`${host}/vectors/list?limit=9&paginationToken=${token}`)).json.vectors.map(({ id }) => id),
    ).toEqual(['ab', 'b', 'c']);
    expect((await call(`${host}/vectors/list?prefix=a`)).json).toMatchObject({
      vectors: [{ id: 'a' }, { id: 'aa' }, { id: 'ab' }],
    });
    expect((await call(`${host}/vectors/list?prefix=a&paginationToken=${token}`)).status).toBe(400);
    fake.expireTokens();
    expect((await call(`${host}/vectors/list?paginationToken=${token}`)).json).toMatchObject({
      code: 3,
      message: 'Invalid pagination token',
    });
    expect((await call(`${host}/vectors/list?limit=101`)).status).toBe(400);
  });

  it('gives the squared distance for euclidean, nearest first', async () => {
    await start();
    fake.seed('books', RECORDS);
    const { json } = await call(`${host}/query`, { topK: 2, vector: [0, 0] });
    expect(json['matches']).toEqual([
      { id: 'a', score: 1, values: [] },
      { id: 'b', score: 1, values: [] },
    ]);
  });

  it.each<[unknown, string[], string[]]>([
    [{ genre: 'drama' }, ['a'], ['a']],
    [{ genre: { $ne: 'drama' } }, ['b', 'c'], ['b']],
    [{ n: { $gt: 1, $lte: 2.5 } }, ['b'], ['b']],
    [{ tags: 'y' }, ['a'], ['a']],
    [{ tags: { $in: ['z', 'x'] } }, ['a'], ['a']],
    [{ tags: { $nin: ['x'] } }, ['b', 'c'], []],
    [{ yes: true }, ['b'], ['b']],
    [{ n: { $exists: false } }, ['c'], ['c']],
    [{ n: { $not: { $gt: 2 } } }, ['a', 'c'], ['a']],
    [{ $or: [{ genre: 'comedy' }, { $and: [{ n: 1 }, { genre: 'drama' }] }] }, ['a', 'b'], ['a', 'b']],
  ])('finds with %j', async (filter, found, foundWithoutMissing) => {
    for (const negationsMatchMissing of [true, false]) {
      await start({ negationsMatchMissing });
      fake.seed('books', RECORDS);
      const { json } = await call(`${host}/vectors/fetch_by_metadata`, { filter });
      expect(Object.keys(json.vectors)).toEqual(negationsMatchMissing ? found : foundWithoutMissing);
      if (negationsMatchMissing) await fake.close();
    }
  });

  it.each([
    { n: { $gt: 'b' } },
    { n: { $like: 'b' } },
    { n: ['a'] },
    { n: { $eq: ['a'] } },
    { $gt: 1 },
    { $or: [] },
    { n: { $in: [] } },
    { n: {} },
    'x',
  ])('refuses the filter %j', async (filter) => {
    await start();
    expect((await call(`${host}/vectors/fetch_by_metadata`, { filter })).status).toBe(400);
  });

  it('lets reads see a write after as many requests as it is told, or at once when it is settled', async () => {
    await start({ lag: { fetch: 2, list: 0 } });
    const fetched = async (): Promise<number> =>
      Object.keys((await call(`${host}/vectors/fetch?ids=a`)).json.vectors).length;
    await call(`${host}/vectors/upsert`, { vectors: [RECORDS[0]] });
    expect((await call(`${host}/vectors/list`)).json.vectors.length).toBe(1);
    expect([await fetched(), await fetched()]).toEqual([0, 1]);
    await call(`${host}/vectors/delete`, { ids: ['a'] });
    expect(await fetched()).toBe(1);
    fake.settle();
    expect(await fetched()).toBe(0);
  });

  it('knows no lists and no namespaces of pods', async () => {
    await start({}, 'pod');
    fake.seed('books', RECORDS);
    for (const path of ['/vectors/list', '/namespaces']) expect((await call(`${host}${path}`)).json['code']).toBe(12);
    expect((await call(`${host}/describe_index_stats`, { filter: { n: 1 } })).status).toBe(200);
    expect((await call(`${host}/query`, { topK: 1, id: 'c' })).json['matches']).toMatchObject([{ id: 'c', score: 0 }]);
  });

  it('counts by namespace, and not what a filter matches', async () => {
    await start();
    fake.seed('books', RECORDS);
    fake.seed('books', RECORDS.slice(1), 'red');
    expect((await call(`${host}/describe_index_stats`, {})).json).toMatchObject({
      namespaces: { '': { vectorCount: 3 }, red: { vectorCount: 2 } },
      totalVectorCount: 5,
      dimension: 2,
    });
    expect((await call(`${host}/describe_index_stats`, { filter: { n: 1 } })).status).toBe(400);
    expect((await call(`${host}/vectors/delete`, { ids: ['a'], namespace: 'blue' })).json).toMatchObject({ code: 5 });
  });

  it('does what a fault says', async () => {
    await start();
    fake.seed('books', RECORDS);
    const url = `${host}/vectors/list`;
    fake.fault = () => ({ status: 429, body: 'slow down', headers: { 'retry-after': '3' } });
    const refused = await fetch(url, { headers: { 'api-key': fake.apiKey } });
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([429, '3', 'slow down']);
    fake.fault = () => ({ alter: (reply) => ({ ...reply, body: reply.body.toUpperCase() }) });
    expect((await call(url)).text).toContain('"VECTORS"');
    for (const cutAfter of [0, 10]) {
      fake.fault = () => ({ cutAfter });
      await expect(call(url)).rejects.toThrow();
    }
    let release: (value?: unknown) => void = () => {};
    const wait = new Promise((resolve) => {
      release = resolve;
    });
    fake.fault = () => ({ wait });
    let answered = false;
    const late = call(url).then((answer) => {
      answered = true;
      return answer;
    });
    fake.fault = undefined;
    expect((await call(`${host}/vectors/list?limit=1`)).json.vectors.length).toBe(1);
    expect(answered).toBe(false);
    release();
    expect((await late).json.vectors.length).toBe(3);
    expect(fake.requests.map(({ number }) => number)).toEqual(fake.requests.map((_, at) => at + 1));
  });
});
