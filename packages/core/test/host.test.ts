import { describe, expect, it } from '@jest/globals';
import {
  CAPABILITY_REGISTRY,
  type IVectorSearchRepository,
  STORE_CATALOG,
  VECTOR_SEARCH_REPOSITORY,
  VecportError,
} from '@vecport/abstractions';
import { type CapabilityRegistry, type StoreCatalog, vecportModule } from '@vecport/core';
import { eventually } from '@vecport/testkit';
import { Container, inject, injectable } from 'inversify';
import { fakeAdapter, moduleOf } from './fakes/fake-adapter.js';
import { type FakeStore, fakeDriver, fakeStore, limitedDriver } from './fakes/fake-driver.js';
import { isolatedHost } from './fakes/isolated.js';

@injectable()
class Recommender {
  readonly repository: IVectorSearchRepository;

  constructor(@inject(VECTOR_SEARCH_REPOSITORY) repository: IVectorSearchRepository) {
    this.repository = repository;
  }
}

describe('the injected repository', () => {
  it('is injected into a constructor once the host has opened it', async () => {
    const adapter = fakeAdapter();
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    host.container.bind(Recommender).toSelf();
    expect(adapter.opened).toHaveLength(0);
    const repository = await host.repository();
    expect(host.container.get(Recommender).repository).toBe(repository);
    expect(await host.container.getAsync(VECTOR_SEARCH_REPOSITORY)).toBe(repository);
    expect(repository.collection).toBe('items');
    expect(adapter.opened).toHaveLength(1);
    await host.close();
  });

  it('is opened by the first getAsync, once for all that ask at the same time', async () => {
    const adapter = fakeAdapter();
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    host.container.bind(Recommender).toSelf();
    const both = await Promise.all([host.container.getAsync(Recommender), host.container.getAsync(Recommender)]);
    expect(both[0]?.repository).toBe(both[1]?.repository);
    expect(both[0]?.repository).toBe(host.container.get(VECTOR_SEARCH_REPOSITORY));
    expect(adapter.opened).toHaveLength(1);
    await host.close();
  });

  it('is tried again after a failure', async () => {
    let attempts = 0;
    const adapter = fakeAdapter({
      open: async () => {
        attempts += 1;
        if (attempts === 1) throw new VecportError('unavailable', 'Starting.');
        return fakeStore({ items: fakeDriver() });
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    await expect(host.container.getAsync(VECTOR_SEARCH_REPOSITORY)).rejects.toMatchObject({
      code: 'unavailable',
      provider: 'fake',
      operation: 'open',
    });
    expect(await host.container.getAsync(VECTOR_SEARCH_REPOSITORY)).toMatchObject({ provider: 'fake' });
    await host.close();
  });

  it('has the layers of the host', async () => {
    const host = await isolatedHost({
      modules: [moduleOf(fakeAdapter())],
      layers: [(inner) => ({ ...inner, count: async () => (await inner.count()) * 2 })],
    });
    expect(await (await host.repository()).count()).toBe(14);
    await host.close();
  });
});

describe('the default store', () => {
  const two = (): { one: ReturnType<typeof fakeAdapter>; other: ReturnType<typeof fakeAdapter> } => ({
    one: fakeAdapter({
      name: 'one',
      settings: [{ name: 'url', description: 'Where.', env: ['ONE_URL'], required: true }],
    }),
    other: fakeAdapter({ name: 'other' }, () => fakeStore({ a: fakeDriver(), b: fakeDriver() })),
  });

  it('is the first adapter that needs nothing it does not have', async () => {
    for (const [env, expected] of [
      [{}, 'other'],
      [{ ONE_URL: 'x' }, 'one'],
    ] as const) {
      const { one, other } = two();
      const host = await isolatedHost({ modules: [moduleOf(one), moduleOf(other)], env });
      expect((await host.catalog.open()).provider).toBe(expected);
      await host.close();
    }
  });

  it('is what the option says, else what VECPORT_STORE says', async () => {
    const modules = (): ReturnType<typeof moduleOf>[] => [moduleOf(two().one), moduleOf(two().other)];
    const env = { VECPORT_STORE: 'other:./from-env#b', VECPORT_COLLECTION: 'a' };
    const byVariable = await isolatedHost({ modules: modules(), env });
    expect((await byVariable.repository()).collection).toBe('b');
    await byVariable.close();
    const byOption = await isolatedHost({ modules: modules(), env, store: 'other' });
    expect((await byOption.repository()).collection).toBe('a');
    await byOption.close();
    const collection = await isolatedHost({ modules: modules(), env, collection: 'a' });
    expect((await collection.repository()).collection).toBe('a');
    await collection.close();
  });

  it('needs a named collection unless there is exactly one, and closes what it opened for nothing', async () => {
    const store = fakeStore({ a: fakeDriver(), b: fakeDriver() });
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({}, () => store))] });
    await expect(host.repository()).rejects.toThrow(/has 2 collections.*VECPORT_COLLECTION/);
    expect(store.closed()).toBe(1);
    await host.close();
    expect(store.closed()).toBe(1);
  });

  it('says what to do when there is none', async () => {
    const host = await isolatedHost({});
    await expect(host.repository()).rejects.toMatchObject({
      code: 'not-found',
      advice: expect.stringMatching(/VECPORT_STORE.*adapter-lancedb/),
    });
    await host.close();
  });
});

describe('close', () => {
  it('closes every open store once, also when one fails, and throws the failure', async () => {
    const stores: FakeStore[] = [];
    const adapter = fakeAdapter({}, ({ path }) => {
      const store = fakeStore({}, {});
      stores.push(store);
      return path === 'bad'
        ? { ...store, close: async () => store.close().then(async () => Promise.reject(new Error('busy'))) }
        : store;
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    const first = await host.catalog.open('fake:one');
    await host.catalog.open('fake:one');
    await host.catalog.open('fake:bad');
    await host.catalog.open('fake:three');
    await first.close();
    await first.close();
    await expect(host.close()).rejects.toMatchObject({ message: '[fake / close] busy.' });
    await expect(host.close()).rejects.toMatchObject({ message: '[fake / close] busy.' });
    expect(stores.map((store) => store.closed())).toEqual([1, 1, 1, 1]);
    await expect(host.catalog.open('fake:one')).rejects.toThrow(/closed/);
  });

  it('closes a store that was being opened', async () => {
    const store = fakeStore({});
    const { promise, resolve } = Promise.withResolvers<FakeStore>();
    let asked = false;
    const open = async (): Promise<FakeStore> => {
      asked = true;
      return promise;
    };
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({ open }))] });
    const opening = expect(host.catalog.open('fake')).rejects.toThrow(/The application is closed/);
    await eventually('the adapter is asked to open', () => asked);
    const closing = host.close();
    resolve(store);
    await Promise.all([opening, closing]);
    expect(store.closed()).toBe(1);
  });

  it('refuses calls on a closed store', async () => {
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter())] });
    const store = await host.catalog.open('fake');
    await store.close();
    await expect(store.collections()).rejects.toMatchObject({ code: 'invalid-argument', operation: 'collections' });
    await host.close();
  });
});

describe('vecportModule', () => {
  it('composes an application in a container of its own, in any order of modules', async () => {
    const store = fakeStore({ items: fakeDriver() });
    const container = new Container();
    container.load(vecportModule({ discover: false, envFile: false, env: {} }), moduleOf(fakeAdapter({}, () => store)));
    const catalog = container.get<StoreCatalog>(STORE_CATALOG);
    expect(container.get(STORE_CATALOG)).toBe(catalog);
    expect(catalog.adapters().map(({ adapter }) => adapter.name)).toEqual(['fake']);
    const repository = await container.getAsync<IVectorSearchRepository>(VECTOR_SEARCH_REPOSITORY);
    expect(container.get<CapabilityRegistry>(CAPABILITY_REGISTRY).providers('exportAll')).toEqual(['fake']);
    expect(await repository.count()).toBe(7);
    await container.unbindAllAsync();
    expect(store.closed()).toBe(1);
  });

  it('refuses two adapters of one name', async () => {
    const modules = [moduleOf(fakeAdapter()), moduleOf(fakeAdapter())];
    await expect(isolatedHost({ modules })).rejects.toMatchObject({ code: 'already-exists' });
  });
});

describe('the capability registry', () => {
  it('learns from what is opened, and names other adapters in the advice', async () => {
    const host = await isolatedHost({
      modules: [
        moduleOf(fakeAdapter({ name: 'able' })),
        moduleOf(fakeAdapter({ name: 'never-opened' })),
        moduleOf(fakeAdapter({ name: 'limited' }, () => fakeStore({ items: limitedDriver() }))),
      ],
    });
    const limited = await (await host.catalog.open('limited')).repository('items');
    const reason = 'It has no way to read vectors back.';
    expect(limited.advise('exportAll')).toEqual({ reason, alternatives: [] });
    await (await host.catalog.open('able:x')).repository('items');
    expect(limited.advise('exportAll')).toEqual({ reason, alternatives: ['able'] });
    expect(host.capabilities.advise('exportAll', 'limited')).toEqual({ reason, alternatives: ['able'] });
    expect(host.capabilities.entries()).toContainEqual({
      adapter: 'able',
      store: 'able:x',
      collection: 'items',
      capability: 'slices',
      state: 'present',
    });
    await host.close();
  });

  it('asks all stores when it is refreshed, and forgets what is gone', async () => {
    let up = true;
    const adapter = fakeAdapter({
      open: async () => {
        if (!up) throw new VecportError('unavailable', 'Gone.');
        return fakeStore({ items: fakeDriver() });
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    await host.capabilities.refresh();
    expect(host.capabilities.providers('exportAll')).toEqual(['fake']);
    up = false;
    const entries = await host.capabilities.refresh();
    expect(entries.map(({ state, reason }) => [state, reason])).toEqual([
      ['unknown', 'unreachable'],
      ['unknown', 'unreachable'],
    ]);
    expect(host.capabilities.providers('exportAll')).toEqual([]);
    await host.close();
  });
});
