import { afterAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, VecportError, type VectorRecord } from '@vecport/abstractions';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { type MemoryRepositories, memoryRepositories, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, importDataset, openCollection, verifyDataset } from '../src/index.js';
import { dense } from './stores.js';

afterAll(removeTempFolders);

const TENANTS = ['acme', 'ACME', 'a/b', '..'];

function points(tenant: string, count: number): VectorRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `p${i}`,
    embedding: Float32Array.of(i, tenant.length, 1),
    metadata: { tenant, i },
  }));
}

async function divided(count = 5): Promise<MemoryRepositories> {
  const store = memoryRepositories();
  await store.create({ ...dense('items', 3), multiTenant: true });
  for (const tenant of TENANTS) {
    await store.createTenant('items', tenant);
    const repository = await store.repository('items', { tenant });
    await repository.upsertMany(points(tenant, count));
  }
  return store;
}

async function exported(
  store: MemoryRepositories,
  options: { readonly parallel?: number; readonly tenants?: string[] } = {},
) {
  const storage = localStorage(await tempFolder());
  const report = await exportDataset({
    repositories: await openCollection(store, 'items', { tenants: options.tenants }),
    source: { provider: 'memory' },
    storage,
    id: 'test',
    tool: { name: 'test', version: '0' },
    parallel: options.parallel,
    partRows: 2,
  });
  return { storage, report, dataset: await openDataset(storage) };
}

describe('a collection with tenants', () => {
  it('is exported tenant by tenant, with the same ids in each, into folders of its own', async () => {
    const { report, dataset } = await exported(await divided());
    const [entry] = report.manifest.collections;
    expect(entry?.counts).toEqual({ before: 20, after: 20, exported: 20, quarantined: 0 });
    expect(entry?.tenants?.map(({ name, counts }) => [name, counts.exported])).toEqual(
      TENANTS.toSorted().map((name) => [name, 5]),
    );
    const folders = new Set(entry?.parts.map(({ path }) => path.split('/')[2]?.toLowerCase()));
    expect(folders.size).toBe(TENANTS.length);
    expect((await validateDataset(dataset)).problems).toEqual([]);
  });

  it('gives the same files for any number of workers', async () => {
    const store = await divided(9);
    const hashes = async (parallel: number): Promise<string[]> => {
      const { report } = await exported(store, { parallel });
      return report.manifest.collections.flatMap(({ parts }) => parts.map(({ path, sha256 }) => `${path} ${sha256}`));
    };
    expect(await hashes(4)).toEqual(await hashes(1));
  });

  it('comes back as it was, and is verified tenant by tenant', async () => {
    const store = await divided();
    const { dataset } = await exported(store);
    const target = memoryRepositories();
    const report = await importDataset({ dataset, target, mode: 'create', verify: true });
    expect(report).toMatchObject({ complete: true, collections: [{ accepted: 20, comparison: { equal: true } }] });
    expect((await target.tenants('items')).map(({ name }) => name)).toEqual(TENANTS.toSorted());

    const changed = await target.repository('items', { tenant: 'acme' });
    await changed.upsertMany(batchFromRecords([{ id: 'p0', embedding: Float32Array.of(9, 9, 9) }]));
    const { ok, comparisons } = await verifyDataset({
      dataset,
      against: { items: await openCollection(target, 'items') },
    });
    expect(ok).toBe(false);
    expect(comparisons[0]?.differences).toEqual([
      "Tenant 'acme': The vectors differ.",
      "Tenant 'acme': The metadata differs.",
    ]);
  });

  it('tells which tenants were not there to be compared', async () => {
    const store = await divided();
    const { dataset } = await exported(store);
    const { comparisons } = await verifyDataset({
      dataset,
      against: { items: await openCollection(store, 'items', { tenants: ['acme', 'ACME', 'a/b'] }) },
    });
    expect(comparisons[0]?.differences).toEqual(["The tenant '..' was not there to be compared."]);
  });

  it('can be exported in part, and says so by its tenants', async () => {
    const { report } = await exported(await divided(), { tenants: ['a/b'] });
    expect(report.manifest.collections[0]?.tenants?.map(({ name }) => name)).toEqual(['a/b']);
  });

  it('is not opened with a tenant that is not there or cannot be read', async () => {
    const store = await divided();
    await expect(openCollection(store, 'items', { tenants: ['nobody'] })).rejects.toMatchObject({
      code: 'not-found',
      advice: expect.stringContaining('acme'),
    });
    const sleeping = { ...store, tenants: async () => [{ name: 'cold', unreadable: 'It is inactive.' }] };
    await expect(openCollection(sleeping, 'items')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining("'cold' cannot be read: It is inactive."),
    });
  });

  it('goes on where it was interrupted', async () => {
    const store = await divided(7);
    const whole = await exported(store);
    const storage = localStorage(await tempFolder());
    const request = {
      repositories: await openCollection(store, 'items'),
      source: { provider: 'memory' },
      storage,
      id: 'test',
      tool: { name: 'test', version: '0' },
      partRows: 2,
      parallel: 1,
    };
    const stop = new AbortController();
    let batches = 0;
    const interrupted = exportDataset({
      ...request,
      batchSize: 2,
      signal: stop.signal,
      onProgress: () => {
        batches++;
        if (batches === 9) stop.abort(new Error('stop'));
      },
    });
    await expect(interrupted).rejects.toThrow('stop');
    const { manifest } = await exportDataset({ ...request, parallel: 3, resume: true });
    expect(manifest.collections[0]?.parts.map(({ sha256 }) => sha256)).toEqual(
      whole.report.manifest.collections[0]?.parts.map(({ sha256 }) => sha256),
    );
  });

  it('is refused by a store without tenants before anything is changed', async () => {
    const { dataset } = await exported(await divided());
    const target = { ...memoryRepositories(), multiTenant: false };
    await target.create(dense('items', 3));
    await expect(importDataset({ dataset, target, mode: 'replace' })).rejects.toMatchObject({ code: 'not-supported' });
    expect(await target.collections()).toEqual([{ name: 'items' }]);
  });
});

describe('a provider that is not exact about everything', () => {
  async function exportFrom(
    change: (repository: Awaited<ReturnType<MemoryRepositories['repository']>>) => object,
    filter?: object,
  ) {
    const store = memoryRepositories();
    await store.create(dense('items', 3));
    const repository = await store.repository('items');
    await repository.upsertMany(points('t', 6));
    return exportDataset({
      repositories: [{ ...repository, ...change(repository) }],
      source: { provider: 'memory' },
      storage: localStorage(await tempFolder()),
      id: 'test',
      tool: { name: 'test', version: '0' },
      selection: filter === undefined ? {} : { filter: filter as never, fields: ['i'] },
      batchSize: 2,
    });
  }

  it('may not count: then nothing is expected', async () => {
    const { manifest } = await exportFrom(() => ({
      slices: undefined,
      count: async () => {
        throw new VecportError('not-supported', 'It cannot count.');
      },
    }));
    expect(manifest.collections[0]?.counts).toEqual({ exported: 6, quarantined: 0 });
  });

  it('may count late: then a difference is a warning', async () => {
    const { warnings } = await exportFrom(({ traits }) => ({
      slices: undefined,
      revision: undefined,
      traits: { ...traits, eventual: ['count'] },
      count: async () => 5,
    }));
    expect(warnings).toEqual([expect.stringContaining('its counts may be late')]);
  });

  it('may filter in searches only: then a full read is filtered afterwards, aloud', async () => {
    const filter = { op: 'gte', field: 'i', value: 4 };
    const seen: unknown[] = [];
    const { manifest, warnings } = await exportFrom(
      (repository) => ({
        traits: { ...repository.traits, exportFilterOperators: [] },
        exportAll: (options: object) => {
          seen.push('filter' in options && options.filter !== undefined);
          return repository.exportAll?.(options);
        },
      }),
      filter,
    );
    expect(manifest.collections[0]?.counts).toEqual({ before: 2, after: 2, exported: 2, quarantined: 0 });
    expect(seen).toEqual([false]);
    expect(warnings).toEqual([expect.stringContaining('cannot filter a full read')]);
  });

  it('may hold something for slices: it is given back', async () => {
    const released: unknown[] = [];
    await exportFrom(() => ({ releaseSlices: async (plan: object) => released.push(plan) }));
    expect(released).toHaveLength(1);
  });
});
