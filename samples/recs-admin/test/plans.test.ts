import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { lancedb } from '@vecport/adapter-lancedb';
import { adapterModule, memoryAdapter, removeTempFolders, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import type { TransferPlan } from '../src/plans/transfer-plan.js';
import { adminOf, type TestAdmin } from './support/admin.js';
import { startTestApplication } from './support/start-test-application.js';

const ITEMS = 1923;

describe('The plan of a transfer', () => {
  let application: Application;
  let admin: TestAdmin;
  let dataFolder: string;

  const start = async (): Promise<void> => {
    dataFolder = await tempFolder();
    const modules = [lancedb({ path: join(dataFolder, 'vectors') }), adapterModule(memoryAdapter())];
    application = await startTestApplication({ dataFolder, settings: { store: 'lancedb' }, host: { modules } });
    admin = adminOf(application);
  };
  const planOf = async (path: string, order: object = {}): Promise<TransferPlan> => {
    const response = await admin.post(`/admin/${path}/plan`, order);
    expect([path, response.status]).toEqual([path, 200]);
    return (await response.json()) as TransferPlan;
  };
  const exported = async (): Promise<string> => {
    const { result } = await admin.finished(await admin.started('/admin/exports'));
    return (result as { readonly id: string }).id;
  };

  afterEach(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('of an export says what is written and where, and writes nothing', async () => {
    await start();
    const plan = await planOf('exports');
    expect(plan).toMatchObject({ from: 'lancedb', to: join(dataFolder, 'exports'), obstacles: [] });
    expect(plan.collections).toMatchObject([
      {
        name: 'emoji',
        points: ITEMS,
        parts: 1,
        embeddingModel: 'all-MiniLM-L6-v2',
        vectors: [{ name: 'default', kind: 'dense', dimension: 384, metric: 'cosine' }],
        losses: [],
      },
    ]);
    const [{ bytes = 0, milliseconds = -1 } = {}] = plan.collections;
    expect(bytes).toBeGreaterThan(ITEMS * 384 * 4);
    expect(milliseconds).toBeGreaterThanOrEqual(0);
    expect(await readdir(dataFolder)).not.toContain('exports');
  });

  it('of an import says what is lost, what is in the way, and how long the last one took', async () => {
    await start();
    const dataset = await exported();
    const taken = await planOf('imports', { dataset });
    expect(taken.obstacles).toEqual([expect.stringContaining("'emoji' exists already")]);
    const absent = await planOf('imports', { dataset, as: 'other', mode: 'append' });
    expect(absent.obstacles).toEqual([expect.stringContaining("no collection 'other'")]);
    const replacing = await planOf('imports', { dataset, mode: 'replace' });
    expect(replacing.obstacles).toEqual([]);
    expect(replacing.collections[0]?.notes[0]).toContain(`dropped first, with the ${ITEMS} points`);

    const first = await planOf('imports', { dataset, as: 'copy' });
    expect(first).toMatchObject({
      to: 'lancedb',
      obstacles: [],
      collections: [{ target: 'copy', points: ITEMS, parts: 1 }],
    });
    expect(first.collections[0]).not.toHaveProperty('milliseconds');
    await admin.finished(await admin.started('/admin/imports', { dataset, as: 'copy' }));
    const second = await planOf('imports', { dataset, as: 'copy', mode: 'append' });
    expect(second.obstacles).toEqual([]);
    expect(second.collections[0]?.milliseconds).toBeGreaterThan(0);
  });

  it('of an import into a collection of another dimension names both', async () => {
    await start();
    const dataset = await exported();
    const store = await application.host.catalog.open();
    await store.create({
      name: 'small',
      vectors: { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } },
      idKinds: ['string'],
    });
    await store.close();
    const { obstacles } = await planOf('imports', { dataset, as: 'small', mode: 'append' });
    expect(obstacles).toEqual(["The dimension of the vector 'default' is 2 there, not 384."]);
  });

  it('of a migration says what the other store cannot keep, and the migration keeps to it', async () => {
    await start();
    const plan = await planOf('migrations', { to: 'memory' });
    expect(plan).toMatchObject({
      from: 'lancedb',
      to: 'memory',
      obstacles: [],
      collections: [
        { points: ITEMS, losses: expect.arrayContaining([expect.objectContaining({ subject: 'settings' })]) },
      ],
    });
    const moved = await admin.finished(await admin.started('/admin/migrations', { to: 'memory' }));
    expect(moved).toMatchObject({
      status: 'succeeded',
      result: [{ collection: 'emoji', accepted: ITEMS, refused: 0 }],
    });
    expect(moved.log.map(({ text }) => text)).toContain(`Copied ${ITEMS} of ${ITEMS} points of emoji`);
  });

  it('of a migration leaves no trace of a folder that is not there', async () => {
    await start();
    const folder = join(dataFolder, 'elsewhere');
    await planOf('migrations', { to: `lancedb:${folder}` });
    expect(await readdir(dataFolder)).not.toContain('elsewhere');
  });

  it('keeps a collection from being replaced by itself, and so does the migration', async () => {
    await start();
    for (const to of [
      'lancedb',
      `lancedb:${join(dataFolder, 'vectors')}`,
      `lancedb:${dataFolder}/../${dataFolder.split('/').at(-1)}/vectors`,
    ]) {
      const { obstacles } = await planOf('migrations', { to, mode: 'replace' });
      expect(obstacles).toEqual([expect.stringContaining('is this one, or an equal copy')]);
      const job = await admin.finished(await admin.started('/admin/migrations', { to, mode: 'replace' }));
      expect(job).toMatchObject({ status: 'failed', error: { code: 'invalid-argument' } });
    }
    expect(await application.repository.count()).toBe(ITEMS);
  });

  it('is refused for what is not there or not understood', async () => {
    await start();
    const cases = [
      ['/admin/imports/plan', { dataset: 'nothing' }, 404],
      ['/admin/imports/plan', { dataset: '../etc' }, 404],
      ['/admin/imports/plan', { surprise: 1 }, 400],
      ['/admin/migrations/plan', { to: 'nowhere://x' }, 400],
      ['/admin/migrations/plan', {}, 400],
    ] as const;
    for (const [path, order, status] of cases) {
      const response = await admin.post(path, order);
      expect([path, order, response.status]).toEqual([path, order, status]);
    }
  });
});
