import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openForeignDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, removeTempFolders, tempFolder } from '@vecport/testkit';
import { importDataset, verifyDataset } from '../src/index.js';

afterAll(removeTempFolders);

/** Made by Weaviate's own export. */
const WEAVIATE = join(import.meta.dirname, '../../dataset/test/layouts/files/weaviate');

describe('importDataset with files of another tool', () => {
  it('makes the collections with their tenants, and what is written is equal', async () => {
    const dataset = await openForeignDataset(localStorage(WEAVIATE), { layout: 'weaviate', metric: 'cosine' });
    const target = memoryRepositories();
    const report = await importDataset({ dataset, target, mode: 'create', verify: true });
    expect(report.complete).toBe(true);
    expect(report.collections.map(({ name, accepted, comparison }) => [name, accepted, comparison?.equal])).toEqual([
      ['Article', 4, true],
      ['Named', 2, true],
      ['Tenanted', 2, true],
    ]);
    expect((await target.tenants('Tenanted')).map(({ name }) => name)).toEqual(['Bob', 'alice']);
  });

  it('refuses to guess a metric, before anything is made', async () => {
    const dataset = await openForeignDataset(localStorage(WEAVIATE), { layout: 'weaviate' });
    const target = memoryRepositories();
    await expect(importDataset({ dataset, target, mode: 'create' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/'default' of 'Article'.*--metric/),
    });
    expect(await target.collections()).toEqual([]);
  });

  it('notices that a file changed after it was opened', async () => {
    const folder = await tempFolder();
    await cp(WEAVIATE, folder, { recursive: true });
    const dataset = await openForeignDataset(localStorage(folder), { layout: 'weaviate', metric: 'cosine' });
    await cp(join(folder, 'Tenanted_Bob_0000.parquet'), join(folder, 'Tenanted_alice_0000.parquet'));
    const target = memoryRepositories();
    await expect(importDataset({ dataset, target, mode: 'create' })).rejects.toMatchObject({ code: 'corrupt-data' });
    expect(await target.collections()).toEqual([]);
  });

  it('goes on with an import that was cut', async () => {
    const dataset = await openForeignDataset(localStorage(WEAVIATE), { layout: 'weaviate', metric: 'dot' });
    const target = memoryRepositories();
    const state = localStorage(await tempFolder());
    const controller = new AbortController();
    const cut = importDataset({
      dataset,
      target,
      mode: 'create',
      state,
      signal: controller.signal,
      onProgress: ({ phase, collection }) => {
        if (phase === 'read' && collection === 'Named') controller.abort(new Error('cut'));
      },
    });
    await expect(cut).rejects.toThrow('cut');
    const report = await importDataset({ dataset, target, mode: 'create', state, resume: true, verify: true });
    expect(report).toMatchObject({ complete: true, resumed: true });
  });

  it('can be compared with a store', async () => {
    const dataset = await openForeignDataset(localStorage(WEAVIATE), { layout: 'weaviate', metric: 'cosine' });
    const target = memoryRepositories();
    await importDataset({ dataset, target, mode: 'create' });
    const against = { Article: await target.repository('Article') };
    expect(await verifyDataset({ dataset, against })).toMatchObject({
      ok: true,
      validation: { ok: true, rows: 8 },
      comparisons: [{ equal: true }],
    });
  });
});
