import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { adminOf } from './support/admin.js';
import { itemOf, ownCatalogue } from './support/own-catalogue.js';
import { startTestApplication } from './support/start-test-application.js';

const ODD_IDS = [
  'a/b',
  '100%',
  '../x',
  '?q=1#x',
  '<script>',
  'ü 🦊',
  '‮abc',
  "o'clock",
  '"',
  '\\',
  'é'.normalize('NFD'),
];

describe('A catalogue of other items', () => {
  let application: Application;

  const open = async (items: Parameters<typeof ownCatalogue>[1]): Promise<ReturnType<typeof adminOf>> => {
    const dataFolder = await tempFolder();
    await ownCatalogue(dataFolder, items);
    application = await startTestApplication({ dataFolder });
    return adminOf(application);
  };

  afterEach(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('may have identifiers and titles of any characters', async () => {
    const admin = await open(ODD_IDS.map((id, at) => itemOf(id, at, { label: `${id} 標題 %_\\` })));
    for (const id of ODD_IDS) {
      const response = await admin.get(`/api/items/${encodeURIComponent(id)}/similar?k=3`);
      const answer = (await response.json()) as { item: { id: string }; similar: { item: { id: string } }[] };
      expect([id, response.status]).toEqual([id, 200]);
      expect(answer.item.id).toBe(id);
      expect(answer.similar).toHaveLength(3);
    }
    const found = (await (await admin.get(`/api/items?query=${encodeURIComponent('標題 %_')}`)).json()) as {
      items: unknown[];
    };
    expect(found.items).toHaveLength(ODD_IDS.length);
    expect(await (await admin.get('/api/items?query=%25%25')).json()).toEqual({ items: [] });
    const job = await admin.finished(await admin.started('/admin/exports'));
    expect(job).toMatchObject({ status: 'succeeded', result: { points: ODD_IDS.length } });
  });

  it('may be empty: every view answers, and nothing fails', async () => {
    const admin = await open([]);
    expect(await (await admin.get('/api/overview')).json()).toMatchObject({ items: 0, vectors: 0, problems: [] });
    expect(await (await admin.get('/api/map')).json()).toEqual({ points: [] });
    const filled = await admin.post('/admin/cache/embeddings/export');
    expect(await filled.json()).toMatchObject({ exported: 0, skipped: 0 });
    const plan = await (await admin.post('/admin/exports/plan')).json();
    expect(plan).toMatchObject({ collections: [{ points: 0 }], obstacles: [] });
    expect(await admin.finished(await admin.started('/admin/exports'))).toMatchObject({
      status: 'succeeded',
      result: { points: 0 },
    });
    expect(await admin.finished(await admin.started('/admin/seed'))).toMatchObject({ status: 'succeeded' });
  });

  it('may have 20,000 items: a line of the log for each hundred, the last hundred of them kept, and a map of 5,000', async () => {
    const count = 20_000;
    const admin = await open(
      Array.from({ length: count }, (_, at) => itemOf(`id ${at}`, at, { group: `g ${at % 50}` })),
    );
    const overview = (await (await admin.get('/api/overview')).json()) as { samples: unknown[]; vectors: number };
    expect(overview).toMatchObject({ items: count, vectors: count });
    expect(overview.samples.length).toBeLessThan(50);
    const { points } = (await (await admin.get('/api/map')).json()) as { points: unknown[] };
    expect(points).toHaveLength(5000);

    const job = await admin.finished(await admin.started('/admin/cache/embeddings/export?async=true'));
    expect(job).toMatchObject({ status: 'succeeded', result: { exported: count, skipped: 0 } });
    expect(job.log).toHaveLength(100);
    expect(job.log.map(({ text }) => Number(/\d+/.exec(text)?.[0]))).toEqual(
      Array.from({ length: 100 }, (_, at) => count - 9900 + at * 100),
    );
    const exported = await admin.finished(await admin.started('/admin/exports'));
    expect(exported).toMatchObject({ status: 'succeeded', result: { points: count } });
    expect(exported.log.map(({ text }) => text)).toContain(`Compared ${count} of ${count} points of emoji`);
  });
});
