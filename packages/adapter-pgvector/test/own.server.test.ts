import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CollectionDescription, type Filter, hasVector, type VectorRecord } from '@vecport/abstractions';
import { expectCode, exported, exportedIds, points, write } from './support/reading.js';
import { type TestSchema, testSchema } from './support/server.js';

let db: TestSchema;
beforeAll(async () => {
  db = await testSchema();
});
afterAll(async () => {
  await db.close();
});

const DENSE = { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } as const;

async function create(name: string, change: Partial<CollectionDescription> = {}) {
  await db.store.create({ name, vectors: { default: DENSE }, idKinds: ['string'], ...change }, {});
  return db.store.collection(name, {});
}

const point = (id: string, metadataText?: string): VectorRecord => ({
  id,
  embedding: Float32Array.of(1, 2),
  ...(metadataText === undefined ? {} : { metadataText }),
});

describe('an export', () => {
  it('leaves vectors out where none are wanted', async () => {
    const collection = await create('bare');
    const records = Array.from({ length: 25 }, (_, n) => point(`p${n}`, `{"n":${n}}`));
    await write(collection, ...records);
    const batches = await exported(collection, { batchSize: 10, vectors: 'none' });
    expect(batches.map(({ vectors }) => vectors)).toEqual([{}, {}, {}]);
    const read = new Map(points(batches).map(([id, , text]) => [id, text]));
    expect(read).toEqual(new Map(records.map(({ id, metadataText }) => [id, metadataText])));
    expect(collection.traits.leavesOutVectors).toBe(true);
  });
});

describe('metadata of a table Vecport made', () => {
  const TEXTS: readonly (readonly [id: string, text: string])[] = [
    ['nul', '{"s":"a\\u0000b","k\\u0000":1}'],
    ['one', '{"s":"a\\u0001b"}'],
    ['one and one', '{"s":"a\\u0001\\u0001b"}'],
    ['letters', '{"s":"a\\\\u0000b"}'],
    ['letters after a backslash', '{"s":"a\\\\\\u0000b"}'],
    ['half', '{"s":"\\ud800"}'],
    ['other half', '{"s":"\\uDC00 x"}'],
    ['halves the wrong way', '{"s":"\\udc00\\ud800\\ud83d\\ude00"}'],
    ['pair', '{"s":"\\ud83d\\ude00"}'],
    ['twice', '{"s":1,"s":2}'],
    ['scalar', '"s"'],
    ['list', '[{"s":"a"}]'],
    ['null', 'null'],
    ['beyond doubles', '{"s":1e400}'],
  ];

  it('is kept as it was written, also what jsonb has no place for', async () => {
    const collection = await create('odd');
    expect(await write(collection, ...TEXTS.map(([id, text]) => point(id, text)), point('none'))).toEqual({
      accepted: TEXTS.length + 1,
      failed: [],
    });
    const read = new Map(points(await exported(collection)).map(([id, , text]) => [id, text]));
    expect(read).toEqual(new Map([...TEXTS, ['none', undefined]]));
  });

  it.each<readonly [string, Filter, readonly string[]]>([
    ['a NUL character', { op: 'eq', field: 's', value: 'a\0b' }, ['nul']],
    ['U+0001', { op: 'eq', field: 's', value: 'a\u0001b' }, ['one']],
    ['U+0001 twice', { op: 'in', field: 's', values: ['a\u0001\u0001b'] }, ['one and one']],
    ['a key with NUL', { op: 'eq', field: 'k\0', value: 1 }, ['nul']],
    ['what looks like an escape', { op: 'eq', field: 's', value: 'a\\u0000b' }, ['letters']],
    ['a backslash before NUL', { op: 'eq', field: 's', value: 'a\\\0b' }, ['letters after a backslash']],
    ['a pair', { op: 'eq', field: 's', value: '😀' }, ['pair']],
    ['the replacement character', { op: 'eq', field: 's', value: '\ufffd' }, []],
    [
      'the order of NUL and U+0001',
      {
        op: 'and',
        filters: [
          { op: 'gt', field: 's', value: 'a\0' },
          { op: 'lt', field: 's', value: 'a\u0001\u0001' },
        ],
      },
      ['nul'],
    ],
    ['the last of two', { op: 'eq', field: 's', value: 2 }, ['twice']],
    ['a number beyond doubles', { op: 'gt', field: 's', value: Number.MAX_VALUE }, ['beyond doubles']],
  ])('is filtered exactly by %s', async (_, filter, ids) => {
    const collection = await db.store.collection('odd', {});
    expect((await exportedIds(collection, { filter })).toSorted()).toEqual([...ids].toSorted());
    const inverse = await collection.count({ op: 'not', filter }, {});
    expect(inverse).toBe(TEXTS.length + 1 - ids.length);
  });

  it('that PostgreSQL has no place for at all is refused point by point', async () => {
    const collection = await create('hostile');
    const { accepted, failed } = await write(
      collection,
      point('good', '{}'),
      point('no json', '{"a":}'),
      point('number', '{"a":1e200000}'),
      point('good too', '{"a":1}'),
      point('nul in\0id', '{}'),
      { id: 'infinite', embedding: Float32Array.of(1, Number.POSITIVE_INFINITY) },
      ...Array.from({ length: 50 }, (_, n) => point(`more ${n}`, `{"n":${n}}`)),
    );
    expect(accepted).toBe(52);
    expect(failed.map(({ id }) => id).toSorted()).toEqual(['infinite', 'no json', 'nul in\0id', 'number']);
    expect(failed.every(({ reason, code }) => reason.length > 10 && code === 'invalid-argument')).toBe(true);
    expect(await collection.count(undefined, {})).toBe(52);
  });

  it('stays what filters see when somebody changes it with SQL', async () => {
    const collection = await create('by_hand', { fields: [{ name: 'group', type: 'string' }] });
    await write(collection, point('a', '{"group":"x"}'));
    await db.sql(`UPDATE by_hand SET metadata = '{"group":"y"}'`);
    expect(await collection.count({ op: 'eq', field: 'group', value: 'y' }, {})).toBe(1);
    const { fields, native } = await collection.describe({});
    expect(fields).toEqual([{ name: 'group', type: 'string' }]);
    expect(JSON.stringify(native)).toContain('USING gin (metadata_jsonb jsonb_path_ops)');
  });
});

describe('vectors of a table Vecport made', () => {
  it('may be sparse, half, of bits, or lists', async () => {
    const collection = await create('all_kinds', {
      vectors: {
        sparse: { kind: 'sparse', elementType: 'float32', metric: 'dot' },
        half: { kind: 'dense', dimension: 2, elementType: 'float16', metric: 'euclidean' },
        bits: { kind: 'dense', dimension: 9, elementType: 'binary', metric: 'jaccard' },
        list: { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'dot' },
      },
    });
    const sparse = { indices: Uint32Array.of(0, 7, 999_999_999), values: Float32Array.of(0.1, -2, 3e-40) };
    const record = {
      id: 'a',
      vectors: {
        sparse,
        half: Float32Array.of(0.5, -0),
        bits: Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0, 1),
        list: [Float32Array.of(0.1, 3e38), Float32Array.of(-0, 1e-45)],
      },
    };
    const empty = { id: 'b', vectors: { sparse: { indices: Uint32Array.of(), values: Float32Array.of() }, list: [] } };
    expect((await write(collection, record, empty)).failed).toEqual([]);
    expect(points(await exported(collection))).toEqual([
      ['a', { ...record.vectors, half: [0.5, -0], bits: [1, 0, 0, 1, 1, 0, 1, 0, 1] }, undefined],
      ['b', { ...empty.vectors, half: undefined, bits: undefined }, undefined],
    ]);
    const [empties, best] = await collection.search(
      { vector: { indices: Uint32Array.of(5, 7), values: Float32Array.of(0, 3) }, vectorName: 'sparse', topK: 2 },
      {},
    );
    expect(empties).toEqual({ id: 'b', score: 0 });
    expect(best).toEqual({ id: 'a', score: -6 });
    const half = await collection.search({ vector: Float32Array.of(0.1, 0), vectorName: 'half', topK: 9 }, {});
    expect(half).toEqual([{ id: 'a', score: expect.closeTo(-0.4, 6) }]);
    const far = await collection.search({ vector: Float32Array.of(1e6, 0), vectorName: 'half', topK: 9 }, {});
    expect(far[0]?.score).toBeCloseTo(0.5 - 1e6, 0);
    const { vectors } = await collection.describe({});
    expect(vectors['bits']).toEqual({ kind: 'dense', dimension: 9, elementType: 'binary', metric: 'jaccard' });
  });

  it('are found by cosine whatever their length, but for those without a direction', async () => {
    const collection = await create('extreme');
    await write(
      collection,
      { id: 'near', embedding: Float32Array.of(1, 1) },
      { id: 'zero', embedding: Float32Array.of(0, 0) },
      { id: 'far', embedding: Float32Array.of(-1, 1) },
    );
    for (const length of [1e38, 1, 1e-38]) {
      const found = await collection.search({ vector: Float32Array.of(length, length), topK: 5 }, {});
      expect(found.map(({ id }) => id)).toEqual(['near', 'far']);
      expect(found[0]?.score).toBeCloseTo(1, 6);
    }
    await expectCode('invalid-argument', async () => collection.search({ vector: Float32Array.of(0, 0), topK: 1 }, {}));
  });

  it('through an index come as many as asked for, however few pass the filter', async () => {
    const collection = await create('with_index');
    const records = Array.from({ length: 3000 }, (_, n) => ({
      id: `p${n}`,
      embedding: Float32Array.of(Math.cos(n), Math.sin(n)),
      metadata: { rare: n % 300 === 7 },
    }));
    await write(collection, ...records);
    await db.sql(`CREATE INDEX ON with_index USING hnsw (embedding vector_cosine_ops); ANALYZE with_index`);
    const indexed = await db.store.collection('with_index', {});
    const query = {
      vector: Float32Array.of(1, 0),
      topK: 10,
      filter: { op: 'eq', field: 'rare', value: true },
    } as const;
    expect((await indexed.search(query, {})).map(({ id }) => id).toSorted()).toHaveLength(10);
    expect(await indexed.search({ ...query, topK: 500, filter: undefined }, {})).toHaveLength(500);
  });
});

describe('making a table', () => {
  it.each<readonly [string, Partial<CollectionDescription>, RegExp]>([
    ['tenants', { multiTenant: true }, /tenants/],
    ['bytes', { vectors: { v: { ...DENSE, elementType: 'int8' } } }, /'v' is dense of int8/],
    ['bfloat16', { vectors: { v: { ...DENSE, elementType: 'bfloat16' } } }, /bfloat16/],
    ['too many dimensions', { vectors: { v: { ...DENSE, dimension: 16_001 } } }, /16001/],
    ['bits by cosine', { vectors: { v: { ...DENSE, elementType: 'binary' } } }, /cosine/],
    ['floats by hamming', { vectors: { v: { ...DENSE, metric: 'hamming' } } }, /hamming/],
    ['lists of halves', { vectors: { v: { ...DENSE, kind: 'multi', elementType: 'float16' } } }, /multi of float16/],
  ])('with %s is refused by name', async (_, change, message) => {
    await expect(create('refused', change)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(message),
    });
    await expectCode('not-found', async () => db.store.collection('refused', {}));
  });

  it('with a name PostgreSQL would cut off, or in a schema that is not there, is refused', async () => {
    await expectCode('invalid-argument', async () => create('x'.repeat(64)));
    await expectCode('invalid-argument', async () => create('a.b.c'));
    await expectCode('not-found', async () => create('no_such_schema.t'));
  });

  it('twice at the same moment gives one table', async () => {
    const codes = await Promise.all(
      [0, 1, 2, 3].map(async () =>
        create('raced').then(
          () => 'made',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(codes.toSorted()).toEqual(['already-exists', 'already-exists', 'already-exists', 'made']);
  });

  it('for integers up to 2^64 keeps them as text', async () => {
    const collection = await create('unsigned', { idKinds: ['u64'] });
    await write(collection, point('18446744073709551615'), point('0'));
    expect(collection.traits.idKinds).toEqual(['u64']);
    expect(await exportedIds(collection)).toEqual(['0', '18446744073709551615']);
  });
});

describe('writing', () => {
  it('the same points at the same time from several sides loses none', async () => {
    const collection = await create('contended');
    const ids = Array.from({ length: 200 }, (_, n) => `id${n}`);
    const shuffled = [ids, ids.toReversed(), [...ids.slice(100), ...ids.slice(0, 100)]];
    const reports = await Promise.all(
      shuffled.map(async (order, n) => write(collection, ...order.map((id) => point(id, `{"writer":${n}}`)))),
    );
    expect(reports.map(({ accepted }) => accepted)).toEqual([200, 200, 200]);
    expect(await collection.count(undefined, {})).toBe(200);
  });

  it('a point without a vector leaves it missing', async () => {
    const collection = await create('vectorless');
    await write(collection, point('a'), { id: 'b' });
    await write(collection, { id: 'a' });
    const [batch] = await exported(collection);
    expect([0, 1].map((row) => batch?.vectors['default'] && hasVector(batch.vectors['default'], row))).toEqual([
      false,
      false,
    ]);
  });
});
