import { describe, expect, it } from '@jest/globals';
import { failure, openFake, record, seeded, write } from './support/open-fake.js';

async function pod() {
  const opened = await openFake();
  await opened.fake.createIndex({ name: 'old', dimension: 4, type: 'pod' });
  opened.fake.seed('old', [record(1), record(2), record(3)]);
  return { ...opened, old: await opened.store.collection('old', {}) };
}

describe('a pod-based index', () => {
  it('has no full read, and says why and what to do', async () => {
    const { old } = await pod();
    expect(old.exportAll).toBeUndefined();
    expect(old.absent?.exportAll).toMatch(
      /^Pod-based indexes cannot list their records\. Copy the index into a serverless one/,
    );
    expect(old.slices).toBeUndefined();
  });

  it('says what a full read costs where there is one', async () => {
    const { store, old } = await pod();
    expect(old.traits.readCost).toBeUndefined();
    const { books } = await seeded(0);
    expect(books.traits.readCost).toBe(store.traits.readCost);
    expect(store.traits.readCost).toContain('0.11 units a point');
  });

  it('can be written, read by id, searched, counted and deleted from', async () => {
    const { fake, old } = await pod();
    await write(old, [{ id: 'new', embedding: Float32Array.of(9, 9, 9, 9), metadata: { a: null } }]);
    expect([...(await old.get(['new', 'r00002'], {})).ids]).toEqual(['new', 'r00002']);
    expect((await old.search({ vector: Float32Array.of(9, 9, 9, 9), topK: 1 }, {}))[0]).toMatchObject({
      id: 'new',
      metadata: { a: null },
    });
    await old.deleteMany(['r00001'], {});
    expect(await old.count(undefined, {})).toBe(3);
    expect(fake.requests.some(({ operation }) => operation === 'list' || operation === 'list-namespaces')).toBe(false);
  });

  it('has the namespaces that have points', async () => {
    const { fake, store, old } = await pod();
    expect(await store.tenants?.list('old', {})).toEqual([]);
    expect((await old.describe({})).multiTenant).toBeUndefined();
    await store.tenants?.create('old', 'red', {});
    await write(await store.collection('old', { tenant: 'red' }), [
      { id: 'a', embedding: Float32Array.of(1, 0, 0, 0) },
    ]);
    expect(await store.tenants?.list('old', {})).toEqual([{ name: '__default__' }, { name: 'red' }]);
    expect(fake.records('old', 'red').map(({ id }) => id)).toEqual(['a']);
    expect((await old.describe({})).multiTenant).toBe(true);
  });
});

describe('namespaces of a serverless index', () => {
  it('are its tenants, the default one among them; it is the collection without a tenant', async () => {
    const { fake, store, books } = await seeded(3);
    expect(await store.tenants?.list('books', {})).toEqual([]);
    await store.tenants?.create('books', 'red', {});
    await store.tenants?.create('books', 'red', {});
    await store.tenants?.create('books', '__default__', {});
    expect(await store.tenants?.list('books', {})).toEqual([{ name: '__default__' }, { name: 'red' }]);
    const same = await store.collection('books', { tenant: '__default__' });
    expect([await books.count(undefined, {}), await same.count(undefined, {})]).toEqual([3, 3]);
    expect(
      fake.requests.every(
        ({ query, body }) => query.get('namespace') !== '__default__' && !body.includes('__default__'),
      ),
    ).toBe(true);
    expect((await failure(async () => store.collection('books', { tenant: 'green' }))).code).toBe('not-found');
    expect((await failure(async () => store.tenants?.create('books', 'grün', {}))).code).toBe('invalid-argument');
  });

  it('are all listed, however many they are', async () => {
    const { fake, store } = await seeded(0);
    const names = Array.from({ length: 250 }, (_, n) => `tenant ${String(n).padStart(3, '0')}/&`);
    for (const name of names) fake.seed('books', [record(1)], name);
    expect((await store.tenants?.list('books', {}))?.map(({ name }) => name)).toEqual(['__default__', ...names]);
    const one = await store.collection('books', { tenant: 'tenant 123/&' });
    expect(await one.count(undefined, {})).toBe(1);
    expect((await one.get(['r00001'], {})).ids).toEqual(['r00001']);
    await one.deleteMany(['r00001'], {});
    expect(fake.records('books', 'tenant 123/&')).toEqual([]);
  });
});
