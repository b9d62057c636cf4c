import { describe, expect, it } from '@jest/globals';
import { Pinecone } from '@pinecone-database/pinecone';
import { ADAPTER, type AdapterRegistration, type CollectionDescription, DEFAULT_VECTOR } from '@vecport/abstractions';
import { adapter, pinecone } from '@vecport/adapter-pinecone';
import { Container } from 'inversify';
import {
  afterTest,
  exported,
  failure,
  idsOf,
  openFake,
  openStore,
  record,
  startFake,
  write,
} from './support/open-fake.js';

const DENSE = { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'cosine' } as const;

function described(change: Partial<CollectionDescription> = {}): CollectionDescription {
  return { name: 'books', vectors: { [DEFAULT_VECTOR]: DENSE }, idKinds: ['string'], ...change };
}

describe('opening', () => {
  it('says that there is no key', async () => {
    const error = await failure(async () => adapter.open({}, {}));
    expect([error.code, error.advice]).toEqual(['unauthorized', 'Set PINECONE_API_KEY.']);
  });

  it('says that the key is wrong, without printing it', async () => {
    const fake = await startFake();
    for (const settings of [{ host: fake.url }, { indexHost: await fake.createIndex({ name: 'books' }) }]) {
      const error = await failure(async () => adapter.open({ apiKey: 'a-secret', ...settings }, {}));
      expect(error.code).toBe('unauthorized');
      expect(JSON.stringify([error.message, error.cause, error.stack])).not.toContain('a-secret');
    }
  });

  it('is unavailable at once where nobody listens', async () => {
    const fake = await startFake();
    const indexHost = await fake.createIndex({ name: 'books' });
    await fake.close();
    for (const settings of [{ host: fake.url }, { indexHost }]) {
      const error = await failure(async () => adapter.open({ apiKey: 'key', ...settings }, {}));
      expect(error.code).toBe('unavailable');
    }
  });

  it('ends in a timeout when there is no answer', async () => {
    const fake = await startFake();
    fake.fault = () => ({ wait: new Promise(() => {}) });
    const error = await failure(async () => adapter.open({ apiKey: fake.apiKey, host: fake.url, timeout: '50' }, {}));
    expect(error.code).toBe('timeout');
  });

  it('throws the reason of an abort', async () => {
    const fake = await startFake();
    const controller = new AbortController();
    fake.fault = () => {
      controller.abort('enough');
      return { wait: new Promise(() => {}) };
    };
    const opening = adapter.open({ apiKey: fake.apiKey, host: fake.url }, { signal: controller.signal });
    await expect(opening).rejects.toBe('enough');
  });

  it.each([
    ['host', { host: 'https://' }],
    ['timeout', { timeout: 'soon' }],
    ['requestsPerSecond', { requestsPerSecond: '-1' }],
  ])('refuses a wrong setting: %s', async (name, settings) => {
    const error = await failure(async () => adapter.open({ apiKey: 'key', ...settings }, {}));
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toContain(name);
  });

  it('uses an injected client, and knows what it is refused', async () => {
    const fake = await startFake();
    await fake.createIndex({ name: 'books', dimension: 4 });
    const client = new Pinecone({ apiKey: fake.apiKey, controllerHostUrl: fake.url });
    const store = await adapter.open({ requestsPerSecond: '0' }, { client });
    afterTest(async () => store.close());
    expect(await store.collections({})).toEqual([{ name: 'books' }]);
    await write(await store.collection('books', {}), [{ id: 'a', embedding: Float32Array.of(1, 0, 0, 0) }]);
    expect((await failure(async () => store.collection('none', {}))).code).toBe('not-found');
    expect((await failure(async () => store.create(described(), {}))).code).toBe('already-exists');
    const other = new Pinecone({ apiKey: 'wrong', controllerHostUrl: fake.url });
    expect((await failure(async () => adapter.open({}, { client: other }))).code).toBe('unauthorized');
  });

  it('is registered by its module', () => {
    const container = new Container();
    container.load(pinecone({ apiKey: 'key', timeout: 5, cloud: 'gcp' }));
    const { settings, adapter: found } = container.get<AdapterRegistration>(ADAPTER);
    expect(found).toBe(adapter);
    expect(settings).toMatchObject({ apiKey: 'key', timeout: '5', cloud: 'gcp' });
  });

  it('reaches hosts that are given without a scheme', async () => {
    const { fake, store } = await openFake({ bareHosts: true });
    await store.create(described(), {});
    const books = await store.collection('books', {});
    await write(books, [{ id: 'a', embedding: Float32Array.of(1, 0, 0, 0) }]);
    expect(fake.records('books').map(({ id }) => id)).toEqual(['a']);
  });
});

describe('an index by its host alone', () => {
  it('is the only collection, and is neither made nor removed', async () => {
    const fake = await startFake();
    const indexHost = await fake.createIndex({ name: 'books', dimension: 4, metric: 'dotproduct' });
    fake.seed('books', [record(1), record(2)]);
    const store = await openStore(fake, { indexHost, index: 'books', host: undefined });
    expect(await store.collections({})).toEqual([{ name: 'books' }]);
    const books = await store.collection('books', {});
    expect(idsOf(await exported(books))).toEqual(['r00001', 'r00002']);
    expect((await books.describe({})).vectors).toMatchObject({
      default: { dimension: 4, metric: 'dot' },
      sparse: { kind: 'sparse' },
    });
    expect((await failure(async () => store.collection('other', {}))).code).toBe('not-found');
    expect((await failure(async () => store.create(described({ name: 'other' }), {}))).code).toBe('not-supported');
    expect((await failure(async () => store.drop('books', {}))).code).toBe('not-supported');
    expect(fake.requests.every(({ index }) => index === 'books')).toBe(true);
  });
});

describe('making an index', () => {
  it.each(['', 'Books', 'my_books', '-books', 'books-', 'b'.repeat(46), 'büch'])(
    'refuses the name %p',
    async (name) => {
      const { fake, store } = await openFake();
      const error = await failure(async () => store.create(described({ name }), {}));
      expect(error.code).toBe('invalid-argument');
      expect(fake.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    },
  );

  it.each<[string, CollectionDescription['vectors']]>([
    ['two dense vectors', { a: DENSE, b: DENSE }],
    ['a multi-vector', { a: { ...DENSE, kind: 'multi' } }],
    ['int8', { a: { ...DENSE, elementType: 'int8' } }],
    ['the metric manhattan', { a: { ...DENSE, metric: 'manhattan' } }],
    ['too many dimensions', { a: { ...DENSE, dimension: 20_001 } }],
    ['sparse beside cosine', { a: DENSE, b: { kind: 'sparse', elementType: 'float32', metric: 'dot' } }],
    ['sparse by cosine', { b: { kind: 'sparse', elementType: 'float32', metric: 'cosine' } }],
    ['a name no tag takes', { vectör: DENSE }],
  ])('refuses %s by name', async (_, vectors) => {
    const { fake, store } = await openFake();
    expect((await failure(async () => store.create(described({ vectors }), {}))).code).toBe('not-supported');
    expect(fake.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('waits until it is ready, where the settings say it is', async () => {
    const { fake, store } = await openFake({ transitions: 3 }, { cloud: 'gcp', region: 'europe-west4' });
    await store.create(described(), {});
    expect(fake.requests.filter(({ operation }) => operation === 'describe-index').length).toBe(3);
    const { native } = await (await store.collection('books', {})).describe({});
    expect(native).toMatchObject({ deployment: { deploymentType: 'managed', cloud: 'gcp', region: 'europe-west4' } });
  });

  it('gives up waiting in time', async () => {
    const { store } = await openFake({ transitions: 1000 }, { readyTimeout: '60' });
    expect((await failure(async () => store.create(described(), {}))).code).toBe('timeout');
    expect((await failure(async () => store.collection('books', {}))).code).toBe('unavailable');
  });

  it('keeps names, id kinds, model and native settings of a description, also through another index', async () => {
    const { store } = await openFake({}, { region: 'us-west-2' });
    const wanted = described({
      vectors: {
        title: { ...DENSE, metric: 'dot' },
        words: { kind: 'sparse', elementType: 'float32', metric: 'dot' },
      },
      idKinds: ['u64', 'uuid'],
      embeddingModel: 'all-MiniLM-L6-v2',
    });
    await store.create(wanted, {});
    const said = await (await store.collection('books', {})).describe({});
    expect(said).toMatchObject(wanted);
    await store.create({ ...said, name: 'copy' }, {});
    expect(await (await store.collection('copy', {})).describe({})).toEqual({ ...said, name: 'copy' });
  });

  it('says who forbids the removal of a protected index', async () => {
    const { fake, store } = await openFake();
    await fake.createIndex({ name: 'books', deletionProtection: true });
    const error = await failure(async () => store.drop('books', {}));
    expect(error.code).toBe('forbidden');
    expect(error.message).toMatch(/Deletion protection is enabled/);
    expect(await store.collections({})).toEqual([{ name: 'books' }]);
  });

  it('is told apart from an index of documents', async () => {
    const { fake, store } = await openFake();
    await fake.createIndex({ name: 'books' });
    fake.fault = ({ operation }) =>
      operation === 'describe-index'
        ? { alter: (reply) => ({ ...reply, body: reply.body.replace('"_values"', '"embedding"') }) }
        : undefined;
    expect((await failure(async () => store.collection('books', {}))).message).toMatch(/index of documents/);
  });
});
