import { afterEach, describe, expect, it } from '@jest/globals';
import { createHost, type VecportHost } from '@vecport/core';
import { adapterModule, collectExport, generatedAdapter, memoryAdapter, randomPoints } from '@vecport/testkit';

let host: VecportHost | undefined;
afterEach(async () => host?.close());

async function open(url: string) {
  host ??= await createHost({
    modules: [adapterModule(memoryAdapter()), adapterModule(generatedAdapter())],
    discover: false,
    env: {},
    envFile: false,
  });
  return host.catalog.open(url);
}

describe('URLs', () => {
  it('generated: opens a store of computed points', async () => {
    const store = await open('generated:1000x4#numbers');
    expect(store.defaultCollection).toBe('numbers');
    expect(await store.collections()).toEqual([{ name: 'numbers' }]);
    const repository = await store.repository('numbers');
    expect(await repository.count()).toBe(1000);
    expect((await collectExport(repository, { batchSize: 300 })).ids).toHaveLength(1000);
    await expect(store.drop('numbers')).rejects.toMatchObject({ code: 'not-supported' });
    await expect(store.repository('letters')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('memory: opens the same store under the same name', async () => {
    host = undefined;
    const first = await open('memory:shared');
    await first.create({
      name: 'points',
      vectors: { default: { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'dot' } },
      idKinds: ['string'],
    });
    await (await first.repository('points')).upsertMany(randomPoints(1, 5, 3));
    const second = await open('memory:shared#points');
    expect(second.defaultCollection).toBe('points');
    expect(await (await second.repository('points')).count()).toBe(5);
    expect(await (await open('memory:other')).collections()).toEqual([]);
  });
});
