import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CollectionDriver, metadataText, type VectorRecord } from '@vecport/abstractions';
import { exported, points, write } from './support/reading.js';
import { type TestSchema, testSchema } from './support/server.js';

let db: TestSchema;
beforeAll(async () => {
  db = await testSchema();
});
afterAll(async () => {
  await db.close();
});

describe('keys', () => {
  it.each([
    ['smallint', '(-5), (0), (32000)', ['-5', '0', '32000']],
    ['integer', '(-5), (10), (9)', ['-5', '9', '10']],
    [
      'bigint',
      '(9007199254740993), (-9223372036854775808), (9223372036854775807)',
      ['-9223372036854775808', '9007199254740993', '9223372036854775807'],
    ],
    [
      'uuid',
      "('FFFFFFFF-0000-0000-0000-000000000000'), ('00000000-0000-0000-0000-00000000000a')",
      ['00000000-0000-0000-0000-00000000000a', 'ffffffff-0000-0000-0000-000000000000'],
    ],
    ['text', "('b'), ('it''s \\ \"x\"'), ('é')", ['b', 'it\'s \\ "x"', 'é']],
    ['varchar(3)', "('abc'), ('ab')", ['ab', 'abc']],
    ['char(4)', "('ab'), ('c')", ['ab', 'c']],
    ['numeric', '(1.10), (12345678901234567890123)', ['1.10', '12345678901234567890123']],
    ['timestamptz', "('2024-02-29 23:59:59.123456+02')", ['2024-02-29 21:59:59.123456+00']],
    ['date', "('0044-03-15 BC'), ('2024-02-29')", ['0044-03-15 BC', '2024-02-29']],
    ['bytea', "('\\x00ff')", ['\\x00ff']],
    ['inet', "('10.0.0.1/8')", ['10.0.0.1/8']],
  ])('of the type %s are read, found and deleted by their text', async (type, values, ids) => {
    const table = `key_${type.replace(/\W/g, '_')}`;
    await db.sql(
      `CREATE TABLE ${table} (k ${type} PRIMARY KEY, v vector(2)); INSERT INTO ${table} (k) VALUES ${values}; UPDATE ${table} SET v = '[1,2]'`,
    );
    const collection = await db.store.collection(table, {});
    expect(points(await exported(collection)).map(([id]) => id)).toEqual(ids);
    expect((await collection.get([...ids, 'not there', ''], {})).ids).toEqual(ids);
    await collection.deleteMany(['no such', ids[0] ?? ''], {});
    expect((await collection.get(ids, {})).ids).toEqual(ids.slice(1));
    expect(await collection.count(undefined, {})).toBe(ids.length - 1);
  });

  it('of several columns are the JSON array of their texts, in the order of the key', async () => {
    await db.sql(`CREATE TABLE composite (doc text, tenant int, part uuid, v vector(1), PRIMARY KEY (tenant, doc, part));
      INSERT INTO composite SELECT 'd"' || d, t, ('00000000-0000-0000-0000-00000000000' || p)::uuid, '[1]'
        FROM generate_series(1, 3) d, generate_series(9, 11) t, generate_series(1, 2) p`);
    const collection = await db.store.collection('composite', {});
    const ids = points(await exported(collection, { batchSize: 4 })).map(([id]) => id);
    expect(ids).toHaveLength(18);
    expect(ids[0]).toBe('["9","d\\"1","00000000-0000-0000-0000-000000000001"]');
    expect(ids[17]).toBe('["11","d\\"3","00000000-0000-0000-0000-000000000002"]');
    expect(
      (
        await collection.get(
          [ids[5] ?? '', ids[2] ?? '', '["9","d\\"1"]', '["09","d\\"1","00000000-0000-0000-0000-000000000001"]'],
          {},
        )
      ).ids,
    ).toEqual([ids[5], ids[2]]);
    const plan = await collection.slices?.(5, {});
    const read: string[] = [];
    for (const slice of plan?.slices ?? []) {
      for await (const batch of collection.exportAll?.({ slice, batchSize: 3 }) ?? []) read.push(...batch.ids);
    }
    expect(read).toEqual(ids);
    const added = '["12","new","00000000-0000-0000-0000-000000000001"]';
    expect(await write(collection, { id: added, embedding: Float32Array.of(3) })).toEqual({ accepted: 1, failed: [] });
    expect((await collection.get([added], {})).ids).toEqual([added]);
    const { failed } = await write(collection, { id: '["12"]', embedding: Float32Array.of(3) });
    expect(failed).toMatchObject([{ id: '["12"]', code: 'invalid-argument' }]);
    await collection.deleteMany(ids.slice(1), {});
    expect((await collection.get(ids, {})).ids).toEqual([ids[0]]);
  });

  it('of a type that takes different texts for one value are told apart exactly', async () => {
    await db.sql(`CREATE TABLE scaled (k numeric PRIMARY KEY, v vector(1)); INSERT INTO scaled VALUES (1.10, '[1]')`);
    const collection = await db.store.collection('scaled', {});
    expect((await collection.get(['1.1'], {})).ids).toEqual([]);
    await collection.deleteMany(['1.100'], {});
    const { accepted, failed } = await write(
      collection,
      { id: '1.1', embedding: Float32Array.of(2) },
      { id: '2.0', embedding: Float32Array.of(3) },
      { id: 'two', embedding: Float32Array.of(3) },
    );
    expect([accepted, failed.map(({ id }) => id).toSorted()]).toEqual([1, ['1.1', 'two']]);
    expect(points([await collection.get(['1.10', '2.0'], {})]).map(([id, vectors]) => [id, vectors])).toEqual([
      ['1.10', { default: [1] }],
      ['2.0', { default: [3] }],
    ]);
  });

  it('a unique index over columns that are not null will do, anything less is refused with advice', async () => {
    await db.sql(`CREATE TABLE unique_key (a int NOT NULL UNIQUE, v vector(1)); INSERT INTO unique_key VALUES (1, '[1]');
      CREATE TABLE nullable_key (a int UNIQUE, v vector(1)); CREATE TABLE partial_key (a int NOT NULL, v vector(1));
      CREATE UNIQUE INDEX ON partial_key (a) WHERE a > 5; CREATE TABLE no_key (v vector(1))`);
    expect(points(await exported(await db.store.collection('unique_key', {})))).toHaveLength(1);
    for (const table of ['nullable_key', 'partial_key', 'no_key']) {
      await expect(db.store.collection(table, {})).rejects.toMatchObject({
        code: 'not-supported',
        advice: expect.stringContaining('primary key'),
      });
    }
  });
});

describe('vectors', () => {
  it('of every type come as they are, nulls as missing', async () => {
    await db.sql(`CREATE TABLE kinds (id int PRIMARY KEY, embedding vector(3), h halfvec(2), s sparsevec(10), b bit(10), m vector(2)[], untyped sparsevec);
      INSERT INTO kinds VALUES (1, '[1.5,-2,3e-40]', '[0.5,65504]', '{1:0.5,10:-2}/10', B'1000000001', '{"[1,2]","[3,4]"}', '{1000000000:1}/1000000000'),
      (2, NULL, NULL, NULL, NULL, NULL, NULL), (3, '[0,0,0]', '[6e-8,-0]', '{}/10', B'0000000000', '{}', '{}/3')`);
    const collection = await db.store.collection('kinds', {});
    const { vectors } = await collection.describe({});
    expect(vectors).toMatchObject({
      default: { kind: 'dense', dimension: 3, elementType: 'float32' },
      h: { kind: 'dense', dimension: 2, elementType: 'float16' },
      s: { kind: 'sparse', elementType: 'float32' },
      b: { kind: 'dense', dimension: 10, elementType: 'binary' },
      m: { kind: 'multi', dimension: 2, elementType: 'float32' },
      untyped: { kind: 'sparse' },
    });
    const [first, second, third] = points(await exported(collection));
    expect(first?.[1]).toEqual({
      default: [1.5, -2, Math.fround(3e-40)],
      h: [0.5, 65504],
      s: { indices: Uint32Array.of(0, 9), values: Float32Array.of(0.5, -2) },
      b: [1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      m: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
      untyped: { indices: Uint32Array.of(999_999_999), values: Float32Array.of(1) },
    });
    expect(second?.[1]).toEqual({
      default: undefined,
      h: undefined,
      s: undefined,
      b: undefined,
      m: undefined,
      untyped: undefined,
    });
    expect(third?.[1]).toMatchObject({ h: [2 ** -24, -0], m: [], s: { indices: Uint32Array.of() } });
    const copy = { id: '7', vectors: first?.[1] as NonNullable<VectorRecord['vectors']> };
    const bytes = {
      default: Float32Array.of(1.5, -2, 3e-40),
      h: Float32Array.of(0.5, 65504),
      b: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    };
    expect(await write(collection, { ...copy, vectors: { ...copy.vectors, ...bytes } })).toEqual({
      accepted: 1,
      failed: [],
    });
    expect(points([await collection.get(['7'], {})])[0]?.[1]).toEqual(first?.[1]);
  });

  it('that a column cannot hold exactly are refused point by point', async () => {
    await db.sql('CREATE TABLE exact (id int PRIMARY KEY, h halfvec(1), b bit(2), s sparsevec(5))');
    const collection = await db.store.collection('exact', {});
    const { accepted, failed } = await write(
      collection,
      { id: '1', vectors: { h: Float32Array.of(0.1) } },
      { id: '2', vectors: { h: Float32Array.of(0.5) } },
      { id: '3', vectors: { b: Float32Array.of(1, 0.5) } },
      { id: '4', vectors: { s: { indices: Uint32Array.of(5), values: Float32Array.of(1) } } },
      { id: '5', vectors: { s: { indices: Uint32Array.of(1), values: Float32Array.of(0) } } },
      { id: '6', vectors: { h: Float32Array.of(1e6) } },
      { id: '4000000000', vectors: { h: Float32Array.of(1) } },
    );
    expect(accepted).toBe(1);
    expect(failed.map(({ id }) => id)).toEqual(['1', '3', '4', '5', '6', '4000000000']);
    expect(failed.find(({ id }) => id === '1')?.reason).toMatch(/float16/);
  });

  it('without a dimension are refused by name', async () => {
    await db.sql('CREATE TABLE untyped (id int PRIMARY KEY, e vector)');
    await expect(db.store.collection('untyped', {})).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(/'e' .*without a dimension.*ALTER TABLE/),
    });
  });

  it('have the metric of their index, if all indexes agree', async () => {
    await db.sql(`CREATE TABLE indexed (id int PRIMARY KEY, embedding vector(2), two vector(2), plain vector(2), h halfvec(2));
      CREATE INDEX ON indexed USING hnsw (embedding vector_cosine_ops) WITH (m = 8, ef_construction = 40);
      CREATE INDEX ON indexed USING hnsw (two vector_l2_ops); CREATE INDEX ON indexed USING hnsw (two vector_ip_ops);
      CREATE INDEX ON indexed USING ivfflat (h halfvec_l2_ops) WITH (lists = 1)`);
    const { vectors, native } = await (await db.store.collection('indexed', {})).describe({});
    expect(vectors['default']).toMatchObject({
      metric: 'cosine',
      index: { type: 'hnsw', parameters: { m: 8, efConstruction: 40 } },
    });
    expect(vectors['two']).not.toHaveProperty('metric');
    expect(vectors['plain']).not.toHaveProperty('metric');
    expect(vectors['h']).toMatchObject({ metric: 'euclidean', index: { type: 'ivfflat' } });
    expect(JSON.stringify(native)).toContain('USING hnsw (embedding vector_cosine_ops)');
  });
});

describe('other columns', () => {
  it('are the metadata, every type as JSON says it exactly', async () => {
    await db.sql(`CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (a int, b text);
      CREATE TABLE typed (id int PRIMARY KEY, v vector(1), "Big" bigint, n numeric, f4 real, f8 double precision, ok boolean, t text, j json,
        jb jsonb, ts timestamp, tz timestamptz, d date, tm time, u uuid, ba bytea, ia int[], ta text[], m mood, ip inet, p pair, iv interval, r int4range, b bit varying, fn double precision, nn numeric);
      INSERT INTO typed VALUES (1, '[1]', 9007199254740993, 12345678901234567890.10, 0.1, 1e300, true, E'a"b\\\\c\\u0001é', '{ "x" : 1e2, "y":"\\u0000" }', '{"b":1.0,"a":[1e2]}',
        '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123456+02', '2024-02-29', '01:02:03.5', '00000000-0000-0000-0000-00000000000A', '\\x00ff', '{1,NULL,3}', '{a,"b c"}', 'happy', '10.0.0.1/8', '(1,x)', '1 day 02:03:04.5', '[1,5)', B'101', 'NaN', 'Infinity'); INSERT INTO typed (id) VALUES (2)`);
    const collection = await db.store.collection('typed', {});
    const [full, empty] = points(await exported(collection));
    const text =
      '{"Big":9007199254740993,"n":12345678901234567890.10,"f4":0.1,"f8":1e+300,"ok":true,"t":"a\\"b\\\\c\\u0001é",' +
      '"j":{ "x" : 1e2, "y":"\\u0000" },"jb":{"a": [100], "b": 1.0},"ts":"2024-02-29T23:59:59.123456","tz":"2024-02-29T21:59:59.123456+00:00",' +
      '"d":"2024-02-29","tm":"01:02:03.5","u":"00000000-0000-0000-0000-00000000000a","ba":"\\\\x00ff","ia":[1,null,3],"ta":["a","b c"],"m":"happy",' +
      '"ip":"10.0.0.1/8","p":{"a":1,"b":"x"},"iv":"1 day 02:03:04.5","r":"[1,5)","b":"101","fn":"NaN","nn":"Infinity"}';
    expect(full?.[2]).toBe(text);
    expect(empty?.[2]).toBe(text.replace(/":(?:"(?:[^"\\]|\\.)*"|\{.*?\}|\[.*?\]|[^,}]*)(?=[,}])/g, '":null'));
    // PostgreSQL does not split metadata with a NUL character into columns, not even into one that could hold it.
    const splittable = text.replace('\\u0000', 'zero');
    const { accepted, failed } = await write(
      collection,
      { id: '3', embedding: Float32Array.of(1), metadataText: splittable },
      { id: '4', embedding: Float32Array.of(1), metadataText: text },
    );
    expect([accepted, failed.map(({ id }) => id)]).toEqual([1, ['4']]);
    expect(points([await collection.get(['3'], {})])[0]?.[2]).toBe(splittable);
    const { native } = await collection.describe({});
    expect(JSON.stringify(native)).toContain('"type":"numeric"');
  });

  it('are compared by filters as their JSON is', async () => {
    const collection = await db.store.collection('typed', {});
    const found = async (filter: Parameters<CollectionDriver['count']>[0]) => collection.count(filter, {});
    await db.sql('DELETE FROM typed WHERE id = 3');
    expect(await found({ op: 'eq', field: 'Big', value: 9007199254740993n })).toBe(1);
    expect(await found({ op: 'eq', field: 'Big', value: 9007199254740992n })).toBe(0);
    expect(await found({ op: 'ne', field: 'Big', value: 9007199254740992n })).toBe(2);
    expect(await found({ op: 'eq', field: 'f4', value: 0.1 })).toBe(1);
    expect(await found({ op: 'gt', field: 'n', value: 12345678901234567890n })).toBe(1);
    expect(await found({ op: 'eq', field: 'j.y', value: '\0' })).toBe(1);
    expect(await found({ op: 'eq', field: 'j.x', value: 100 })).toBe(1);
    expect(await found({ op: 'eq', field: 'tz', value: '2024-02-29T21:59:59.123456+00:00' })).toBe(1);
    expect(await found({ op: 'contains', field: 'ia', value: 3 })).toBe(1);
    expect(await found({ op: 'gt', field: 't', value: 'a\0' })).toBe(1);
    expect(await found({ op: 'exists', field: 'ok' })).toBe(1);
    expect(await found({ op: 'not', filter: { op: 'exists', field: 'no such column' } })).toBe(2);
    expect(await found({ op: 'in', field: 'm', values: ['happy', 1] })).toBe(1);
  });

  it('take metadata that fits exactly; any other point is refused with what would have become of it', async () => {
    await db.sql(
      `CREATE TABLE strict (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v vector(1), title text NOT NULL, n int, twice int GENERATED ALWAYS AS (n * 2) STORED)`,
    );
    const collection = await db.store.collection('strict', {});
    const point = (id: number, metadataText?: string): VectorRecord => ({
      id: String(id),
      embedding: Float32Array.of(id),
      ...(metadataText === undefined ? {} : { metadataText }),
    });
    const { accepted, failed } = await write(
      collection,
      point(1, '{"title":"a","n":1,"twice":2}'),
      point(2, '{ "twice":null, "n":null, "title":"b" }'),
      point(3, '{"title":"a","n":1.0,"twice":2}'),
      point(4, '{"title":"a","n":1,"twice":3}'),
      point(5, '{"title":"a"}'),
      point(6, '{"title":null,"n":1,"twice":2}'),
      point(7, '{"title":"a","n":1,"twice":2,"more":1}'),
      point(8, '{"title":1,"n":1,"twice":2}'),
      point(9),
      point(10, '[1]'),
      point(11, '{"title":"a","n":99999999999,"twice":2}'),
      point(12, 'no json'),
      point(13, '{"title":"z","n":5,"twice":10}'),
    );
    expect(accepted).toBe(3);
    expect(failed.map(({ id }) => Number(id)).toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(failed.find(({ id }) => id === '7')?.reason).toMatch(/title, n, twice.*instead of.*"more"/);
    expect(points(await exported(collection)).map(([id]) => id)).toEqual(['1', '2', '13']);
  });

  it('of fields are read alone, and a table without any gives points without metadata', async () => {
    const collection = await db.store.collection('strict', {});
    const texts: (string | undefined)[] = [];
    for await (const batch of collection.exportAll?.({ fields: ['n', 'none'] }) ?? [])
      texts.push(metadataText(batch.metadata, 0));
    expect(texts).toEqual(['{"n":1}']);
    await db.sql('CREATE TABLE bare (id int PRIMARY KEY, v vector(1))');
    const bare = await db.store.collection('bare', {});
    expect(await write(bare, { id: '1', embedding: Float32Array.of(1) })).toEqual({ accepted: 1, failed: [] });
    expect((await write(bare, { id: '2', embedding: Float32Array.of(1), metadata: { a: 1 } })).failed).toHaveLength(1);
    expect(points(await exported(bare))).toEqual([['1', { default: [1] }, undefined]]);
  });
});

describe('tables', () => {
  it('are listed with their schema: those with vectors, partitioned ones once', async () => {
    const { open, schema } = db;
    await db.sql(`CREATE TABLE "Odd.name ""x""" (id int PRIMARY KEY, v vector(1));
      CREATE TABLE parts (id int, v vector(1), PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10); CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
      INSERT INTO parts SELECT i, '[1]' FROM generate_series(0, 19) i;
      CREATE TABLE no_vectors (id int PRIMARY KEY, flag bit(1)); CREATE VIEW a_view AS SELECT * FROM parts`);
    const names = (await db.store.collections({})).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['"Odd.name ""x"""', 'parts']));
    for (const absent of ['parts_1', 'no_vectors', 'a_view']) expect(names).not.toContain(absent);
    const elsewhere = await open({ schema: 'public' });
    expect((await elsewhere.collections({})).map(({ name }) => name)).toContain(`${schema}.parts`);
    const collection = await elsewhere.collection(`${schema}.parts`, {});
    expect(points(await exported(collection, { batchSize: 7 })).map(([id]) => Number(id))).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(await (await elsewhere.collection(`${schema}."Odd.name ""x"""`, {})).count(undefined, {})).toBe(0);
    await expect(elsewhere.collection('parts', {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(elsewhere.collection(`${schema}.a_view`, {})).rejects.toMatchObject({ code: 'not-found' });
    const outside = await write(
      collection,
      { id: '5', embedding: Float32Array.of(2) },
      { id: '99', embedding: Float32Array.of(2) },
    );
    expect([outside.accepted, outside.failed.map(({ id }) => id)]).toEqual([1, ['99']]);
  });

  it('of Vecport that somebody changed are refused until the comment is removed', async () => {
    await db.store.create(
      {
        name: 'own',
        vectors: { default: { kind: 'dense', dimension: 1, elementType: 'float32' } },
        idKinds: ['string'],
      },
      {},
    );
    await db.sql('ALTER TABLE own ADD COLUMN note text');
    await expect(db.store.collection('own', {})).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining("'note' was added"),
    });
    await db.sql("COMMENT ON TABLE own IS NULL; INSERT INTO own VALUES ('a', '[1]', '{\"x\":1}')");
    expect(points(await exported(await db.store.collection('own', {})))).toEqual([
      ['a', { default: [1] }, '{"metadata":{"x":1},"metadata_jsonb":{"x": 1},"note":null}'],
    ]);
  });

  it('keep vectors whose names are no names of columns, and names that columns of theirs have', async () => {
    const names = ['default', 'id', 'embedding', 'metadata', 'x'.repeat(80), 'Title "A"', 'ctid', 'vector_1'];
    const spec = { kind: 'dense', dimension: 1, elementType: 'float32', metric: 'dot' } as const;
    const vectors = Object.fromEntries(names.map((name) => [name, spec]));
    await db.store.create({ name: 'named', vectors, idKinds: ['string'] }, {});
    const collection = await db.store.collection('named', {});
    expect(Object.keys((await collection.describe({})).vectors)).toEqual(names);
    const record = { id: 'a', vectors: Object.fromEntries(names.map((name, n) => [name, Float32Array.of(n)])) };
    expect((await write(collection, record)).failed).toEqual([]);
    expect(points(await exported(collection))[0]?.[1]).toEqual(Object.fromEntries(names.map((name, n) => [name, [n]])));
  });
});
