import { describe, expect, it } from '@jest/globals';
import { type CollectionDescription, type Settings, VecportError } from '@vecport/abstractions';
import { fakeAdapter, moduleOf } from './fakes/fake-adapter.js';
import { description, fakeDriver, fakeStore } from './fakes/fake-driver.js';
import { isolatedHost } from './fakes/isolated.js';

describe('opening', () => {
  it('finds the adapter by scheme and gives the parts of the URL', async () => {
    const adapter = fakeAdapter();
    const host = await isolatedHost({ modules: [moduleOf(adapter, { settings: { path: './registered' } })] });
    const store = await host.catalog.open('fake:./elsewhere#things');
    expect(store).toMatchObject({
      provider: 'fake',
      url: 'fake:./elsewhere#things',
      version: '1.2.3',
      defaultCollection: 'things',
    });
    await host.catalog.open('fake');
    await host.catalog.open('fake:./elsewhere', { settings: { path: './called' } });
    expect(adapter.opened.map(({ path }) => path)).toEqual(['./elsewhere', './registered', './called']);
    await host.close();
  });

  it.each([
    ['qdrant://localhost/x', /scheme 'qdrant:'. Known schemes: fake:. For another provider, add a package/],
    ['qdrant', /neither a store URL nor the name of an adapter. Known schemes: fake:./],
    ['./folder', /neither a store URL nor the name of an adapter. Known schemes: fake:./],
  ])('says for %s what there is', async (target, message) => {
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter())] });
    await expect(host.catalog.open(target)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(message),
    });
    await host.close();
  });

  it('uses an injected client when opened by name, and not for a URL', async () => {
    const client = { mine: true };
    const clients: unknown[] = [];
    const adapter = fakeAdapter({
      settings: [{ name: 'path', description: 'Where.', required: true }],
      open: async (_settings, options) => {
        clients.push(options.client);
        return fakeStore({});
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter, { client })] });
    await host.catalog.open();
    await host.catalog.open('fake:x');
    expect(clients).toEqual([client, undefined]);
    await host.close();
  });

  it('asks nothing of the adapter when a setting is missing', async () => {
    const opened: Settings[] = [];
    const adapter = fakeAdapter({
      settings: [{ name: 'url', description: 'Where.', required: true, env: ['FAKE_URL'] }],
      open: async (settings) => {
        opened.push(settings);
        return fakeStore({});
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)] });
    await expect(host.catalog.open('fake')).rejects.toThrow(/'url' is required.*FAKE_URL/);
    expect(opened).toEqual([]);
    await host.close();
  });

  it('passes the abort reason', async () => {
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter())] });
    await expect(host.catalog.open('fake', { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    await host.close();
  });

  it('keeps secrets out of errors, whether they come from a setting or from a URL', async () => {
    const adapter = fakeAdapter({
      settings: [
        { name: 'path', description: 'Where.' },
        { name: 'apiKey', description: 'Who.', secret: true, env: ['FAKE_KEY'] },
      ],
      parseUrl: (url) => {
        if (url.includes('broken')) throw new Error(`cannot split ${url}`);
        return { settings: { path: url } };
      },
      open: async (settings) => {
        throw new VecportError('unauthorized', `Refused: ${JSON.stringify(settings)}`, { cause: settings });
      },
    });
    const host = await isolatedHost({ modules: [moduleOf(adapter)], env: { FAKE_KEY: 'k3y-from-env' } });
    const { inspect } = await import('node:util');
    for (const url of ['fake://user:pa55word@host/?token=t0k3n', 'fake://user:pa55word@broken/?token=t0k3n']) {
      const error: unknown = await host.catalog.open(url).catch((reason: unknown) => reason);
      expect(inspect(error, { depth: 9 })).not.toMatch(/k3y-from-env|pa55word|t0k3n/);
      expect(error).toMatchObject({ provider: 'fake', message: expect.stringContaining('***') });
    }
    await host.close();
  });
});

describe('an open store', () => {
  it('names collections that exist when one is missing, ten at most', async () => {
    const names = Array.from({ length: 13 }, (_, i) => `c${i}`);
    const store = fakeStore(Object.fromEntries(names.map((name) => [name, fakeDriver()])));
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({}, () => store))] });
    const open = await host.catalog.open('fake:./data');
    const expected = {
      code: 'not-found',
      provider: 'fake',
      collection: 'lost',
      message: expect.stringMatching(/no collection 'lost' in fake:.\/data. It has: c0, .*c9 and 3 more\.$/),
    };
    await expect(open.repository('lost')).rejects.toMatchObject({ ...expected, operation: 'repository' });
    await expect(open.drop('lost')).rejects.toMatchObject({ ...expected, operation: 'drop' });
    await host.close();
  });

  it('says so when there are none, and keeps quiet when it cannot list', async () => {
    const driver = fakeStore({});
    const empty = await isolatedHost({ modules: [moduleOf(fakeAdapter({}, () => driver))] });
    await expect((await empty.catalog.open()).repository('x')).rejects.toThrow(/no collections yet/);
    await empty.close();
    const failing = { ...driver, collections: async () => Promise.reject(new Error('down')) };
    const mute = await isolatedHost({ modules: [moduleOf(fakeAdapter({}, () => failing))] });
    await expect((await mute.catalog.open()).repository('x')).rejects.toMatchObject({
      code: 'not-found',
      advice: undefined,
    });
    await mute.close();
  });

  it.each<[string, Partial<CollectionDescription>]>([
    ['no name', { name: '' }],
    ['no vectors', { vectors: {} }],
    ['no dimension', { vectors: { default: { kind: 'dense', elementType: 'float32' } } }],
    ['a broken dimension', { vectors: { default: { kind: 'multi', elementType: 'float32', dimension: 1.5 } } }],
    ['a sparse vector with a dimension', { vectors: { s: { kind: 'sparse', elementType: 'float32', dimension: 3 } } }],
    ['no kind of id', { idKinds: [] }],
  ])('refuses to create a collection with %s', async (_name, change) => {
    const created: string[] = [];
    const store = fakeStore({}, { create: async ({ name }) => void created.push(name) });
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({}, () => store))] });
    const open = await host.catalog.open();
    await expect(open.create({ ...description, ...change })).rejects.toMatchObject({
      code: 'invalid-argument',
      operation: 'create',
    });
    expect(created).toEqual([]);
    await open.create(description);
    expect(created).toEqual(['items']);
    await host.close();
  });

  it('adds context to the errors of the driver', async () => {
    const store = fakeStore({}, { collections: async () => Promise.reject(new Error('socket hang up')) });
    const host = await isolatedHost({ modules: [moduleOf(fakeAdapter({}, () => store))] });
    await expect((await host.catalog.open()).collections()).rejects.toMatchObject({
      code: 'provider-error',
      message: '[fake / collections] socket hang up.',
    });
    await host.close();
  });
});
