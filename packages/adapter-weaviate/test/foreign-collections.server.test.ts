import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, rows, type VectorBatch } from '@vecport/abstractions';
import { testedServers } from '@vecport/testkit';
import { uuidOfId } from '@vecport/wire';
import { batch, exported, exportedIds, named, texts, useStore, uuid } from './support/test-store.js';

describe.each(testedServers(['weaviate-1.39', 'weaviate-1.35'] as const))('collections others made in %s', (server) => {
  const test = useStore(server);

  it('gives dates, uuids, blobs and lists as they are, and the one vector without name', async () => {
    const name = test.newName();
    await test.raw.rest('POST', '/schema', {
      class: name,
      properties: [
        ['t', 'text'],
        ['i', 'int'],
        ['n', 'number'],
        ['d', 'date'],
        ['u', 'uuid'],
        ['bin', 'blob'],
        ['ds', 'date[]'],
        ['us', 'uuid[]'],
        ['is', 'int[]'],
        ['ns', 'number[]'],
        ['bs', 'boolean[]'],
      ].map(([property, type]) => ({ name: property, dataType: [type] })),
    });
    const properties = {
      t: 'text',
      i: 9007199254740992,
      n: 0.1,
      d: '2024-02-29T23:59:59.123456789+14:00',
      u: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
      bin: 'aGVsbG8=',
      ds: ['2024-02-29T00:00:00Z', '1900-01-01T00:00:00.5-03:30'],
      us: ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
      is: [1, -2],
      ns: [1.5, 1e300],
      bs: [true, false],
    };
    await test.raw.write([
      { class: name, id: uuid(1), properties, vector: [1, 0.1, -2] },
      { class: name, id: uuid(2), properties: {} },
    ]);
    const collection = await test.store.collection(name, {});
    expect(collection.traits).toMatchObject({ idKinds: ['uuid'] });
    expect(collection.traits.filterOperators).not.toContain('exists');
    const { vectors } = await collection.describe({});
    expect(vectors['default']).toMatchObject({ kind: 'dense', dimension: 3, metric: 'cosine' });
    const [page] = await exported(collection);
    expect(texts(page).map((text) => (text === undefined ? text : (JSON.parse(text) as unknown)))).toEqual([
      properties,
      undefined,
    ]);
    expect([...rows(page as VectorBatch)].map(({ embedding }) => embedding)).toEqual([
      Float32Array.of(1, 0.1, -2),
      undefined,
    ]);
    expect(page?.createdAt?.[0]).toBeGreaterThan(Date.now() - 600_000);
    expect(page?.updatedAt?.[0]).toBeGreaterThan(Date.now() - 600_000);
  });

  it('reads references, objects, places and telephone numbers by REST, as they are there', async () => {
    const [name, other] = [test.newName(), test.newName()];
    await test.raw.rest('POST', '/schema', { class: other, vectorConfig: named('flat') });
    await test.raw.rest('POST', '/schema', {
      class: name,
      vectorConfig: named('flat'),
      properties: [
        { name: 'ref', dataType: [other] },
        { name: 'place', dataType: ['geoCoordinates'] },
        { name: 'phone', dataType: ['phoneNumber'] },
        { name: 'thing', dataType: ['object'], nestedProperties: [{ name: 'deep', dataType: ['int'] }] },
        { name: 't', dataType: ['text'] },
      ],
    });
    await test.raw.write([{ class: other, id: uuid(9), vectors: { default: [1] } }]);
    await test.raw.write(
      [3, 1, 2].map((n) => ({
        class: name,
        id: uuid(n),
        vectors: { default: [n, 0.1] },
        properties: {
          ref: [{ beacon: `weaviate://localhost/${other}/${uuid(9)}` }],
          place: { latitude: 52.1, longitude: -0.25 },
          phone: { input: '0171 1234567', defaultCountry: 'DE' },
          thing: { deep: n },
          t: `text ${n}`,
        },
      })),
    );
    const collection = await test.store.collection(name, {});
    const batches = await exported(collection, { batchSize: 2 });
    expect(batches.map(({ ids }) => ids)).toEqual([[uuid(1), uuid(2)], [uuid(3)]]);
    const stored = (await test.raw.rest('GET', `/objects/${name}/${uuid(2)}`)) as { properties: unknown };
    expect(JSON.parse(texts(batches[0])[1] ?? '')).toEqual(stored.properties);
    expect([...rows(batches[0] as VectorBatch)][1]?.embedding).toEqual(Float32Array.of(2, 0.1));
    const got = await collection.get([uuid(3), uuid(8), uuid(1)], {});
    expect(got.ids).toEqual([uuid(3), uuid(1)]);
    expect(JSON.parse(texts(got)[0] ?? '')).toMatchObject({ thing: { deep: 3 } });
    const [nearest] = await collection.search({ vector: Float32Array.of(0, 1), topK: 1 }, {});
    expect(nearest).toMatchObject({ id: uuid(1), metadata: { t: 'text 1' } });
  });

  it('takes what fits exactly and refuses the rest by name, point by point', async () => {
    const name = test.newName();
    await test.raw.rest('POST', '/schema', {
      class: name,
      vectorConfig: named('flat'),
      properties: [
        { name: 't', dataType: ['text'], tokenization: 'field' },
        { name: 'i', dataType: ['int'] },
        { name: 'd', dataType: ['date'] },
      ],
    });
    const collection = await test.store.collection(name, {});
    const points = [
      { id: uuid(1), metadataText: '{"t":"ok","i":1,"d":"2024-01-01T00:00:00.5Z"}' },
      { id: uuid(2) },
      { id: 'no uuid', metadataText: '{"t":"x"}' },
      { id: uuid(3), metadataText: '{"i":1.0}' },
      { id: uuid(4), metadataText: '{"other":1}' },
      { id: uuid(5), metadataText: '{"t":null}' },
      { id: uuid(6), metadataText: '{}' },
      { id: uuid(7), metadataText: '[1]' },
      { id: uuid(8), metadataText: '{"d":"2024-02-30T00:00:00Z"}' },
    ];
    const report = await collection.upsertMany(batch(points), {});
    expect(report.accepted).toBe(2);
    expect(report.failed.map(({ id }) => id)).toEqual(points.slice(2).map(({ id }) => id));
    expect(report.failed.map(({ reason }) => reason).join('\n')).toMatch(/no uuid.*fields i .*fields other/s);
    expect(texts((await exported(collection))[0])).toEqual([
      '{"t":"ok","i":1,"d":"2024-01-01T00:00:00.5Z"}',
      undefined,
    ]);
    expect(await collection.count({ op: 'eq', field: 't', value: 'ok' }, {})).toBe(1);
    const wrong = await collection.upsertMany(batch([{ id: uuid(1), embedding: Float32Array.of(1, 2, 3) }]), {});
    expect(wrong.failed).toMatchObject([{ id: uuid(1), code: 'dimension-mismatch' }]);
  });

  it('are opened by an alias too, which cannot be dropped in their place', async () => {
    const name = test.newName();
    const alias = `${name}_alias`;
    await test.raw.rest('POST', '/schema', { class: name, vectorConfig: named('flat') });
    await test.raw.rest('POST', '/aliases', { alias, class: name });
    try {
      const collection = await test.store.collection(alias, {});
      await collection.upsertMany(batch([{ id: uuid(1) }]), {});
      expect((await collection.describe({})).name).toBe(name);
      expect(await exportedIds(collection)).toEqual([uuid(1)]);
      await expect(test.store.drop(alias, {})).rejects.toMatchObject({ code: 'invalid-argument' });
    } finally {
      await test.raw.rest('DELETE', `/aliases/${alias}`);
    }
  });

  it('reads a class of several shards in one order', async () => {
    const name = test.newName();
    await test.raw.rest('POST', '/schema', {
      class: name,
      vectorConfig: named('flat'),
      shardingConfig: { desiredCount: 3 },
    });
    const collection = await test.store.collection(name, {});
    const ids = Array.from({ length: 300 }, (_, n) => uuidOfId(String(n))).toSorted();
    await collection.upsertMany(batch(ids.map((id) => ({ id }))), {});
    expect(await exportedIds(collection, { batchSize: 17 })).toEqual(ids);
    expect(await collection.count(undefined, {})).toBe(300);
  });

  it('says which object has a vector that its collection cannot have', async () => {
    const name = test.newName();
    await test.raw.rest('POST', '/schema', { class: name, vectorConfig: named('flat') });
    const points = [1, 2].map((n) => ({
      class: name,
      id: uuid(n),
      vectors: { default: n === 1 ? [1, 2] : [1, 2, 3] },
    }));
    await expect(test.raw.write(points)).rejects.toThrow();
    const collection = await test.store.collection(name, {});
    await expect(exported(collection)).rejects.toMatchObject({
      code: 'provider-error',
      message: expect.stringMatching(/0000000[12] has a vector 'default' of [23] dimensions/),
    });
  });

  it('refuses filters that would not compare whole texts', async () => {
    const name = test.newName();
    await test.raw.rest('POST', '/schema', {
      class: name,
      vectorConfig: named('flat'),
      invertedIndexConfig: { indexNullState: true },
      properties: [
        { name: 'words', dataType: ['text'] },
        { name: 'hidden', dataType: ['int'], indexFilterable: false },
        { name: 'whole', dataType: ['text'], tokenization: 'field' },
        { name: 'i', dataType: ['int'] },
      ],
    });
    const collection = await test.store.collection(name, {});
    await collection.upsertMany(batch([{ id: uuid(1), metadataText: '{"i":1}' }, { id: uuid(2) }]), {});
    for (const field of ['words', 'hidden']) {
      const counted = collection.count({ op: 'eq', field, value: 'x' }, {});
      await expect(counted).rejects.toMatchObject({ code: 'not-supported', message: expect.stringContaining(field) });
    }
    await expect(collection.count({ op: 'exists', field: 'whole' }, {})).rejects.toMatchObject({
      code: 'not-supported',
    });
    expect(await collection.count({ op: 'exists', field: 'i' }, {})).toBe(1);
    expect(await collection.count({ op: 'ne', field: 'i', value: 1 }, {})).toBe(1);
  });

  it('makes such a class again from its description, with a place for what it cannot hold', async () => {
    const name = test.newName();
    await test.raw.rest('POST', '/schema', {
      class: name,
      description: 'made by hand',
      vectorIndexConfig: { distance: 'l2-squared' },
      properties: [{ name: 'title', dataType: ['text'], tokenization: 'lowercase' }],
    });
    const described = await (await test.store.collection(name, {})).describe({});
    const copy = test.newName();
    await test.store.create(
      {
        ...described,
        name: copy,
        vectors: { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'euclidean' } },
      },
      {},
    );
    const collection = await test.store.collection(copy, {});
    const points = [{ id: uuid(1), embedding: Float32Array.of(3, 4), metadataText: '{"title":"x","n":1.0}' }];
    expect(await collection.upsertMany(batchFromRecords(points), {})).toEqual({ accepted: 1, failed: [] });
    expect(texts((await exported(collection))[0])).toEqual(['{"title":"x","n":1.0}']);
    const schema = (await test.raw.rest('GET', `/schema/${copy}`)) as { description: string; vectorConfig?: unknown };
    expect(schema.description).toBe('made by hand');
    expect(schema.vectorConfig).toBeUndefined();
    const [found] = await collection.search({ vector: Float32Array.of(0, 0), topK: 1 }, {});
    expect(found?.score).toBeCloseTo(-5);
  });
});
