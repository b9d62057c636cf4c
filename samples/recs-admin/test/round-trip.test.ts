import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type IVectorSearchRepository, rows, type SearchMatch } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { importDataset } from '@vecport/transfer';
import type { Application } from '../src/application.js';
import { exportAndVerify } from '../src/tasks/export-collection.js';
import { startTestApplication } from './support/start-test-application.js';

/** Every 38th of 1,923 items. */
const SEARCHED = 50;
const STEP = 38;

describe('A collection that was exported, dropped and imported', () => {
  let application: Application;

  beforeAll(async () => {
    application = await startTestApplication();
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  it('is equal to the last bit, and searches for 50 items give the same neighbours', async () => {
    const ids = await everyId(application.repository);
    const searched = Array.from({ length: SEARCHED }, (_, n) => ids[n * STEP] ?? '');
    const before = await neighboursOf(application.repository, searched);
    const { signal } = new AbortController();
    const { folder } = await exportAndVerify(application, await tempFolder(), signal);

    const store = await application.host.catalog.open();
    await store.drop('emoji');
    expect(await store.collections()).toEqual([]);
    const dataset = await openDataset(localStorage(folder));
    const report = await importDataset({ dataset, target: store, mode: 'create', verify: true });

    expect(report.complete).toBe(true);
    expect(report.collections).toMatchObject([
      { accepted: 1923, failed: [], comparison: { equal: true, points: 1923 } },
    ]);
    const after = await neighboursOf(await store.repository('emoji'), searched);
    expect(after).toEqual(before);
    expect(before.flat().length).toBe(SEARCHED * 10);
  });
});

async function everyId(repository: IVectorSearchRepository): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const batch of repository.exportAll?.() ?? []) ids.push(...batch.ids);
  return ids.toSorted();
}

async function neighboursOf(
  repository: IVectorSearchRepository,
  ids: readonly string[],
): Promise<readonly (readonly SearchMatch[])[]> {
  const found: (readonly SearchMatch[])[] = [];
  for (const { embedding } of rows(await repository.get(ids))) {
    if (embedding === undefined) throw new Error('A point has no vector.');
    found.push(await repository.search({ vector: embedding, topK: 10 }));
  }
  return found;
}
