import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import { fakeRunner } from './support/fake-runner.js';
import { type MemoryStores, memoryStores, type RunningService, startService } from './support/start-service.js';

let stores: MemoryStores;
let service: RunningService;

beforeEach(async () => {
  stores = await memoryStores({ Article: 300, Product: 20 });
  service = await startService({ stores: stores.set });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

const exported = async (id: string, layout: 'native' | 'weaviate'): Promise<void> => {
  await service.client.exports.start('filesystem', { id, layout, config: { path: 'deep/er' } });
  expect(await service.client.exports.wait('filesystem', id)).toMatchObject({ status: 'SUCCESS' });
};
const config = { path: 'deep/er/' };

const names = async (store: string): Promise<readonly string[]> => {
  const opened = await stores.set.open(store);
  return (await opened.collections()).map(({ name }) => name);
};

describe('POST /v1/import/{backend}/{id}', () => {
  it.each(['native', 'weaviate'] as const)('restores an export of the layout %s, and verifies it', async (layout) => {
    await exported('all', layout);
    const begun = await service.client.imports.start('filesystem', 'all', { config, target: 'other', verify: true });
    expect(begun).toMatchObject({
      id: 'all',
      backend: 'filesystem',
      path: 'filesystem:///deep/er/all/',
      target: 'other',
      status: 'STARTED',
      classes: ['Article', 'Product'],
      progress: { Article: { status: 'STARTED', objectsImported: 0 } },
    });
    const ended = await service.client.imports.wait('filesystem', 'all');
    expect(ended).toMatchObject({
      status: 'SUCCESS',
      progress: {
        Article: { status: 'SUCCESS', objectsImported: 300, objectsRefused: 0 },
        Product: { status: 'SUCCESS', objectsImported: 20 },
      },
    });
    expect(await service.client.imports.status('filesystem', 'all')).toEqual(ended);
    expect(await names('other')).toEqual(['Article', 'Product']);
  });

  it('writes single classes, under another name, and into ones that are there', async () => {
    await exported('all', 'native');
    const { imports } = service.client;
    await imports.start('filesystem', 'all', { config, target: 'other', include: ['Product'], as: 'Goods' });
    expect(await imports.wait('filesystem', 'all')).toMatchObject({
      status: 'SUCCESS',
      progress: { Product: { objectsImported: 20 } },
    });
    expect(await names('other')).toEqual(['Goods']);
    await imports.start('filesystem', 'all', { config, exclude: ['Article'], mode: 'append' });
    expect((await imports.wait('filesystem', 'all')).status).toBe('SUCCESS');
  });

  it('fails with the reason when a class is there', async () => {
    await exported('all', 'native');
    await service.client.imports.start('filesystem', 'all', { config });
    const ended = await service.client.imports.wait('filesystem', 'all');
    expect(ended).toMatchObject({ status: 'FAILED', error: expect.stringContaining('Article') });
  });

  it('refuses what is not there, is damaged, or makes no sense', async () => {
    await exported('all', 'native');
    const { imports } = service.client;
    const refused = async (id: string, body: object): Promise<string | undefined> =>
      imports.start('filesystem', id, body).then(
        () => undefined,
        (error: { readonly code: string }) => error.code,
      );
    expect(await refused('none', { config })).toBe('not-found');
    expect(await refused('all', {})).toBe('not-found');
    expect(await refused('all', { config, include: ['Nothing'] })).toBe('class-does-not-exist');
    expect(await refused('all', { config, target: 'nowhere' })).toBe('source-does-not-exist');
    expect(await refused('all', { config, as: 'X' })).toBe('invalid-request');
    expect(await refused('all', { config, exclude: ['Article', 'Product'] })).toBe('invalid-request');
    await writeFile(join(service.root, 'deep/er/all/manifest.json'), '{');
    expect(await refused('all', { config })).toBe('invalid-request');
    await rm(join(service.root, 'deep/er/all/manifest.json'));
    expect(await refused('all', { config })).toBe('not-found');
  });

  it('runs once at a time, is followed and canceled', async () => {
    await exported('all', 'native');
    const { data, root } = service;
    await service.close();
    const runner = fakeRunner();
    service = await startService({ stores: stores.set, data, root, runner });
    const { imports } = service.client;
    await imports.start('filesystem', 'all', { config, target: 'other' });
    await expect(imports.start('filesystem', 'all', { config })).rejects.toMatchObject({
      code: 'import-already-in-progress',
    });
    const { context } = await runner.run(0);
    context.onEvent({ type: 'progress', name: 'Product', objects: 4, total: 20 });
    for await (const { status } of imports.events('filesystem', 'all')) {
      expect(status.progress['Product']).toMatchObject({ objectsImported: 4, objectsTotal: 20 });
      break;
    }
    expect((await imports.cancel('filesystem', 'all')).status).toBe('CANCELED');
    expect(runner.removed).toEqual([]);
  });

  it('is not there for who may not write or read all of it', async () => {
    await exported('all', 'native');
    const { data, root } = service;
    await service.close();
    service = await startService({
      stores: stores.set,
      data,
      root,
      keys: { products: [{ action: 'manage', collections: ['Product', 'Mine*'] }] },
    });
    const { imports } = service.clientOf('products');
    const refused = async (body: object): Promise<number | undefined> =>
      imports.start('filesystem', 'all', { config, ...body }).then(
        () => undefined,
        (error: { readonly status: number }) => error.status,
      );
    expect(await refused({})).toBe(404);
    expect(await refused({ include: ['Article'] })).toBe(403);
    // Under a name of one's own it would be read all the same.
    expect(await refused({ include: ['Article'], as: 'Mine' })).toBe(404);
    expect(await refused({ include: ['MineToo'] })).toBe(404);
    expect(await refused({ include: ['Product'], as: 'Mine' })).toBeUndefined();
    expect((await imports.wait('filesystem', 'all')).status).toBe('SUCCESS');
  });
});
