import { describe, expect, it } from '@jest/globals';
import { testedServers } from '@vecport/testkit';
import { batch, exported, exportedIds, useStore } from './support/test-store.js';

describe.each(testedServers(['weaviate-1.39', 'weaviate-1.35'] as const))('tenants in %s', (server) => {
  const test = useStore(server);

  it('lists them with their state, and reads only active ones, which it never makes active', async () => {
    const divided = await test.create({ multiTenant: true });
    const { name } = await divided.describe({});
    await test.store.tenants?.create(name, 'b', {});
    await test.store.tenants?.create(name, 'a', {});
    await test.raw.rest('PUT', `/schema/${name}/tenants`, [{ name: 'b', activityStatus: 'COLD' }]);
    expect(await test.store.tenants?.list(name, {})).toEqual([
      { name: 'a' },
      { name: 'b', unreadable: expect.stringContaining('COLD') },
    ]);
    await expect(test.store.collection(name, { tenant: 'b' })).rejects.toMatchObject({ code: 'not-supported' });
    await test.store.tenants?.create(name, 'b', {});
    expect(await test.store.tenants?.list(name, {})).toMatchObject([
      { name: 'a' },
      { name: 'b', unreadable: expect.any(String) },
    ]);
    const open = await test.store.collection(name, { tenant: 'a' });
    await open.upsertMany(batch([{ id: 'x' }]), {});
    expect(await exportedIds(open)).toEqual(['x']);
  });

  it('can only be described without one, and says what to do', async () => {
    const divided = await test.create({ multiTenant: true });
    const { name, multiTenant } = await divided.describe({});
    expect(multiTenant).toBe(true);
    const calls = [
      async () => divided.count(undefined, {}),
      async () => divided.upsertMany(batch([{ id: 'x' }]), {}),
      async () => divided.get(['x'], {}),
      async () => divided.deleteMany(['x'], {}),
      async () => divided.search({ vector: Float32Array.of(1, 2), topK: 1 }, {}),
      async () => exported(divided),
      async () => divided.slices?.(2, {}),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'invalid-argument',
        advice: expect.stringContaining('tenant'),
      });
    }
    await expect(test.store.collection(name, { tenant: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('reports a tenant that became inactive while it was open', async () => {
    const divided = await test.create({ multiTenant: true });
    const { name } = await divided.describe({});
    await test.store.tenants?.create(name, 'a', {});
    const open = await test.store.collection(name, { tenant: 'a' });
    await test.raw.rest('PUT', `/schema/${name}/tenants`, [{ name: 'a', activityStatus: 'COLD' }]);
    await expect(exported(open)).rejects.toMatchObject({ code: 'not-supported' });
    const report = await open.upsertMany(batch([{ id: 'x' }]), {});
    expect(report.failed).toMatchObject([{ id: 'x', code: 'not-supported' }]);
  });
});
