import { describe, expect, it } from '@jest/globals';
import type { CollectionDescription, StoreDriver } from '@vecport/abstractions';
import type { QdrantConnection } from '../src/client.js';
import { createRequest } from '../src/create-request.js';
import { describeCollection, readCollectionInfo } from '../src/describe.js';
import { createStore } from '../src/store.js';
import { smallDescription, withFake, withStore } from './support/open-fake.js';
import { restExchange } from './support/recordings.js';

const ID_KINDS = ['u64', 'i64', 'uuid', 'string'] as const;

function described(name: string): CollectionDescription {
  const { result } = JSON.parse(restExchange(`describe ${name}`).answer) as { result: unknown };
  return describeCollection(name, readCollectionInfo(result));
}

describe('the description of a collection of a real server', () => {
  it('says vectors, indexes and fields in neutral words', () => {
    const { native: _, ...plain } = described('plain');
    expect(plain).toEqual({
      name: 'plain',
      vectors: {
        default: {
          kind: 'dense',
          dimension: 8,
          elementType: 'float32',
          metric: 'cosine',
          normalized: true,
          index: { type: 'hnsw', parameters: { m: 24, efConstruction: 128, quantization: 'scalar' } },
        },
      },
      idKinds: [...ID_KINDS],
      fields: [
        { name: 'kind', type: 'string' },
        { name: 'n', type: 'integer' },
        { name: 'score', type: 'number' },
        { name: 'when', type: 'string' },
      ],
    });
    const { vectors } = described('named');
    expect(
      Object.entries(vectors).map(([name, { kind, elementType, metric, normalized }]) => [
        name,
        kind,
        elementType,
        metric,
        normalized,
      ]),
    ).toEqual([
      ['a', 'dense', 'float32', 'cosine', true],
      ['b', 'dense', 'float16', 'dot', undefined],
      ['m', 'multi', 'float32', 'cosine', true],
      ['s', 'sparse', 'float32', 'dot', undefined],
      ['u8', 'dense', 'uint8', 'manhattan', undefined],
    ]);
  });

  it('has the settings verbatim, without the numbers of points', () => {
    expect(described('plain').native).toMatchObject({
      config: {
        quantization_config: { scalar: { type: 'int8', quantile: 0.99, always_ram: true } },
        wal_config: { wal_capacity_mb: 32 },
      },
      payload_schema: { where: { data_type: 'geo' }, kind: { data_type: 'keyword' } },
    });
    expect(JSON.stringify(described('plain').native)).not.toContain('"points"');
  });

  it('makes the same collection again', () => {
    const { collection, indexes } = createRequest(described('plain'));
    expect(collection).toEqual({
      vectors: { size: 8, distance: 'Cosine' },
      shard_number: 1,
      replication_factor: 1,
      write_consistency_factor: 1,
      on_disk_payload: true,
      hnsw_config: { m: 24, ef_construct: 128, full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false },
      optimizers_config: {
        deleted_threshold: 0.2,
        vacuum_min_vector_number: 1000,
        default_segment_number: 0,
        indexing_threshold: 10_000,
        flush_interval_sec: 5,
      },
      wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 },
      quantization_config: { scalar: { type: 'int8', quantile: 0.99, always_ram: true } },
    });
    expect(indexes).toEqual([
      ['kind', 'keyword'],
      ['n', 'integer'],
      ['score', 'float'],
      ['when', 'datetime'],
      ['where', 'geo'],
    ]);
  });

  it('comes back the same from the server it was made on', async () => {
    await withFake(async (fake) =>
      withStore(fake, 'grpc', async (store) => {
        for (const name of ['plain', 'named']) {
          const wanted = described(name);
          await store.create(wanted, {});
          expect(await (await store.collection(name, {})).describe({})).toEqual(wanted);
        }
      }),
    );
  });
});

describe('making a collection of a neutral description', () => {
  it('keeps kinds, element types, indexes, list fields and the embedding model', async () => {
    const wanted: CollectionDescription = {
      name: 'neutral',
      vectors: {
        title: {
          kind: 'dense',
          dimension: 4,
          elementType: 'float16',
          metric: 'euclidean',
          index: { type: 'hnsw', parameters: { m: 8, efConstruction: 64 } },
        },
        body: { kind: 'multi', dimension: 3, elementType: 'float32', metric: 'dot', index: { type: 'flat' } },
        words: {
          kind: 'sparse',
          elementType: 'float16',
          metric: 'dot',
          index: { type: 'inverted', parameters: { modifier: 'idf' } },
        },
      },
      idKinds: [...ID_KINDS],
      fields: [
        { name: 'a key', type: 'boolean' },
        { name: 'sizes', type: 'number[]' },
        { name: 'tags', type: 'string[]' },
      ],
      embeddingModel: 'bge-m3',
    };
    await withFake(async (fake) =>
      withStore(fake, 'http', async (store) => {
        await store.create(wanted, {});
        const said = await (await store.collection('neutral', {})).describe({});
        expect(said).toMatchObject({ embeddingModel: 'bge-m3', fields: wanted.fields });
        expect(said.vectors['title']).toMatchObject({
          ...wanted.vectors['title'],
          index: { type: 'hnsw', parameters: { m: 8, efConstruction: 64 } },
        });
        expect(said.vectors['body']).toMatchObject({ kind: 'multi', index: { type: 'flat' } });
        expect(said.vectors['words']).toMatchObject({
          kind: 'sparse',
          elementType: 'float16',
          index: { parameters: { modifier: 'idf' } },
        });
      }),
    );
  });

  const spec = { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'dot' } as const;
  it.each([
    ['an element type', { ...spec, elementType: 'bfloat16' }, 'bfloat16'],
    ['a metric', { ...spec, metric: 'hamming' }, 'hamming'],
    ['no metric', { ...spec, metric: undefined }, 'no metric'],
    ['a sparse metric', { kind: 'sparse', elementType: 'float32', metric: 'cosine' }, 'cosine'],
  ] as const)('refuses %s Qdrant does not have, by name', (_, vector, name) => {
    const wanted = { ...smallDescription('x'), vectors: { default: vector } };
    expect(() => createRequest(wanted)).toThrow(
      expect.objectContaining({ code: 'not-supported', message: expect.stringContaining(name) }),
    );
  });

  it('leaves numbers of another provider that Qdrant refuses to the server', () => {
    const request = (parameters: Readonly<Record<string, number>>): unknown => {
      const { vectors, ...rest } = smallDescription('x');
      const spec = Object.values(vectors)[0];
      if (spec === undefined) throw new Error('no vector');
      const index = { type: 'hnsw', parameters };
      return createRequest({ ...rest, vectors: { default: { ...spec, index } } }).collection['vectors'];
    };
    expect(request({ m: 1, efConstruction: 4 })).toMatchObject({ hnsw_config: { m: 1, ef_construct: 4 } });
    expect(request({ m: 16, efConstruction: 3 })).toMatchObject({ hnsw_config: { m: 16 } });
    for (const parameters of [{ m: 0.5, efConstruction: 1 }, { m: -1 }])
      expect(request(parameters)).not.toHaveProperty('hnsw_config');
  });

  it('refuses settings that are not Qdrant`s, and tenants on a server that is alone', async () => {
    expect(() => createRequest({ ...smallDescription('x'), native: { schema: [] } })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    await withFake(async (fake) =>
      withStore(fake, 'http', async (store) => {
        await expect(store.create({ ...smallDescription('x'), multiTenant: true }, {})).rejects.toMatchObject({
          code: 'not-supported',
        });
        expect(await store.collections({})).toEqual([]);
      }),
    );
  });

  it('leaves nothing behind when it cannot be finished', async () => {
    await withFake(async (fake) =>
      withStore(fake, 'http', async (store) => {
        fake.faults = ({ path }) =>
          path.includes('/index') ? { refuse: { status: 500, message: 'disk full' } } : undefined;
        const wanted: CollectionDescription = { ...smallDescription('half'), fields: [{ name: 'a', type: 'string' }] };
        await expect(store.create(wanted, {})).rejects.toMatchObject({
          code: 'provider-error',
          message: expect.stringContaining('disk full'),
        });
        expect(await store.collections({})).toEqual([]);
      }),
    );
  });
});

describe('a busy server', () => {
  it('is asked again by every call that may be done twice', async () => {
    await withFake(async (fake) =>
      withStore(fake, 'grpc', async (store) => {
        const refused = new Set<string>();
        fake.faults = ({ method, path }) => {
          const call = `${method} ${path}`;
          if (call === 'PUT /collections/points' || refused.has(call)) return undefined;
          refused.add(call);
          return { refuse: { status: 503 } };
        };
        await store.create({ ...smallDescription('points'), fields: [{ name: 'n', type: 'integer' }] }, {});
        expect(await store.collections({})).toEqual([{ name: 'points' }]);
        expect(await (await store.collection('points', {})).count(undefined, {})).toBe(0);
        expect([...refused]).toEqual([
          'PUT /collections/points/index?wait=true',
          'GET /collections',
          'GET /collections/points',
          'POST /qdrant.Points/Count',
        ]);
      }),
    );
  });

  it('is asked again while it is opened', async () => {
    await withFake(async (fake) => {
      let requests = 0;
      fake.faults = () => (++requests % 2 === 1 ? { refuse: { status: 503 } } : undefined);
      await withStore(fake, 'grpc', async ({ version }) => expect(version).toBe('1.18.3'));
      expect(requests).toBe(6);
    });
  });
});

describe('a cluster', () => {
  const info = (sharding: string | undefined, replicas = 1) => ({
    config: {
      params: {
        vectors: { size: 2, distance: 'Dot' },
        ...(sharding === undefined ? {} : { sharding_method: sharding }),
        replication_factor: replicas,
      },
    },
    payload_schema: {},
  });
  const asked: unknown[] = [];
  const client = {
    collectionClusterInfo: async () => ({
      local_shards: [{ shard_key: 'oslo' }, { shard_key: 7 }],
      remote_shards: [{ shard_key: 'berlin' }, { shard_key: 'oslo' }, {}],
    }),
    createShardKey: async (...call: unknown[]) => asked.push(call),
  };
  const counted: unknown[] = [];
  const connection = {
    version: '1.18.3',
    clustered: true,
    points: { count: async (_: unknown, call: unknown) => counted.push(call) },
    control: async (_: unknown, work: (one: unknown) => Promise<unknown>) => work(client),
    ask: async (_: unknown, work: (one: unknown) => Promise<unknown>) => work(client),
    collectionInfo: async (name: string) =>
      readCollectionInfo(info(name === 'divided' ? 'custom' : undefined, name === 'replicated' ? 3 : 1)),
    close: async () => undefined,
  } as unknown as QdrantConnection;
  const store: StoreDriver = createStore(connection);

  it('has the keys of shards as tenants', async () => {
    expect(await store.tenants?.list('divided', {})).toEqual([{ name: '7' }, { name: 'berlin' }, { name: 'oslo' }]);
    expect(await store.tenants?.list('whole', {})).toEqual([]);
    await store.tenants?.create('divided', 'oslo', {});
    await store.tenants?.create('divided', 'rome', {});
    expect(asked).toEqual([['divided', { shard_key: 'rome' }]]);
    await expect(store.tenants?.create('whole', 'rome', {})).rejects.toMatchObject({ code: 'not-supported' });
  });

  it('opens a tenant by its key, in the type it has', async () => {
    for (const tenant of ['7', 'oslo']) await (await store.collection('divided', { tenant })).count(undefined, {});
    expect(counted).toMatchObject([{ collection: 'divided', shardKey: 7 }, { shardKey: 'oslo' }]);
    await expect(store.collection('divided', { tenant: 'paris' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.collection('whole', { tenant: 'oslo' })).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await (await store.collection('divided', {})).describe({})).toMatchObject({ multiTenant: true });
  });

  it('says what may lag where replicas are not all written to', async () => {
    expect((await store.collection('replicated', {})).traits.eventual).toEqual(['count', 'get', 'search', 'exportAll']);
    expect((await store.collection('whole', {})).traits.eventual).toBeUndefined();
  });
});
