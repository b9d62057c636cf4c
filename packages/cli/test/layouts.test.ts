import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDataset, openForeignDataset, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { importDataset } from '@vecport/transfer';
import { closePlaces, openPlaces, type Place } from './support/every-provider.js';
import { filesIn } from './support/files.js';
import { seedStore, withStore } from './support/seed-store.js';
import { killLeftovers, startScript } from './support/vecport.js';

const SCRIPT = fileURLToPath(new URL('support/export-layout.ts', import.meta.url));
const WEAVIATE = fileURLToPath(new URL('../../dataset/test/layouts/files/weaviate', import.meta.url));

let cwd: string;

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'Things', points: 900, dimension: 8, metric: 'euclidean' }]);
});

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

describe.each(['weaviate', 'qdrant', 'pinecone', 'vdf'])('LanceDB in the layout %s', (layout) => {
  it('is killed while its parts are joined, goes on, and ends with the same bytes; imports back equal', async () => {
    const run = (folder: string, at = 'never', count = 0) =>
      startScript(SCRIPT, [join(cwd, 'data'), join(cwd, folder), layout, at, String(count)], { cwd });
    const whole = `${layout}-whole`;
    expect(await run(whole).exit).toMatchObject({ code: 0, stdout: 'done\n' });
    const folder = `${layout}-killed`;
    for (const [at, count] of [
      ['read', 4],
      ['read', 11],
      ['delete', 3],
    ] as const) {
      const child = run(folder, at, count);
      await child.output('kill me');
      child.kill('SIGKILL');
      expect(await child.exit).toMatchObject({ signal: 'SIGKILL' });
      expect(await filesIn(join(cwd, folder))).not.toContain('manifest.json');
    }
    expect(await run(folder).exit).toMatchObject({ code: 0, stdout: 'done\n' });
    expect(await hashesIn(folder)).toEqual(await hashesIn(whole));

    const dataset = await openDataset(localStorage(join(cwd, folder)));
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: 900 });
    await withStore(join(cwd, `${layout}-back`), async (target) => {
      const report = await importDataset({ dataset, target, mode: 'create', verify: true });
      expect(report).toMatchObject({ complete: true, collections: [{ accepted: 900, comparison: { equal: true } }] });
    });
  });
});

describe("Weaviate's own export", () => {
  let places: readonly Place[];

  beforeAll(async () => {
    places = await openPlaces(['lancedb', 'qdrant']);
  });

  afterAll(async () => closePlaces(places));

  it.each(['Article', 'Named'])(
    '%s imports into LanceDB and Qdrant, and what is read back is equal',
    async (collection) => {
      const dataset = await openForeignDataset(localStorage(WEAVIATE), { layout: 'weaviate', metric: 'euclidean' });
      for (const { store, name } of places) {
        const report = await importDataset({ dataset, collection, target: store, mode: 'create', verify: true });
        expect([name, report.collections[0]?.comparison]).toEqual([name, expect.objectContaining({ equal: true })]);
      }
    },
  );
});

async function hashesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const paths = (await filesIn(join(cwd, folder))).filter((path) => /\.parquet$|schema\.json$/.test(path));
  const entries = paths.map(async (path) => [
    path,
    createHash('sha256')
      .update(await readFile(join(cwd, folder, path)))
      .digest('hex'),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}
