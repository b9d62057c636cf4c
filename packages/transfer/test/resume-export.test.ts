import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IVectorSearchRepository } from '@vecport/abstractions';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type ExportReport, exportDataset } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let repository: IVectorSearchRepository;
let other: IVectorSearchRepository;
let folder: string;
let storage: Storage;

beforeEach(async () => {
  const filledStore = await filled(dense('c', 2), randomPoints(7, 100, 2));
  await filledStore.store.create(dense('other', 2));
  repository = filledStore.repository;
  other = await filledStore.store.repository('other');
  folder = await tempFolder();
  storage = localStorage(folder);
});

const run = async (options: Partial<Parameters<typeof exportDataset>[0]> = {}): Promise<ExportReport> =>
  exportDataset(exporting(repository, storage, { partRows: 10, batchSize: 10, parallel: 1, ...options }));

/** An export that was cut off after five parts. */
async function cutOff(): Promise<void> {
  let left = 5;
  const cut: IVectorSearchRepository = {
    ...repository,
    exportAll: async function* (options) {
      for await (const batch of repository.exportAll?.(options) ?? []) {
        if (left-- === 0) throw new Error('cut');
        yield batch;
      }
    },
  };
  await expect(run({ repositories: [cut] })).rejects.toThrow('cut');
}

async function change(path: string, edit: (text: string) => string): Promise<void> {
  const file = join(folder, path);
  await writeFile(file, edit(await readFile(file, 'utf8')));
}

async function firstState(): Promise<string> {
  const names = await readdir(join(folder, 'state/000-00000'));
  return `state/000-00000/${names.sort()[0] ?? ''}`;
}

describe('resuming a complete dataset', () => {
  it.each([
    ['source', { source: { provider: 'elsewhere' } }],
    ['selection', { selection: { fields: ['n'] } }],
    ['encoding', { encoding: { format: 'parquet', compression: 'none', vectors: 'plain' } as const }],
  ])('is refused when it has another %s', async (term, options) => {
    await run();
    await expect(run({ resume: true, ...options })).rejects.toMatchObject({
      code: 'already-exists',
      reason: expect.stringContaining(`another ${term}`),
    });
  });

  it('is refused when it holds another collection', async () => {
    await run();
    await expect(run({ resume: true, repositories: [other] })).rejects.toMatchObject({
      code: 'already-exists',
      reason: expect.stringContaining('["c"], not ["other"]'),
    });
  });
});

describe('a damaged unfinished export', () => {
  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of another version', (text: string) => text.replace('"planVersion":1', '"planVersion":2')],
    ['with parts of no rows', (text: string) => text.replace('"partRows":10', '"partRows":0')],
    ['with a negative number of rows', (text: string) => text.replace('"partRows":10', '"partRows":-10')],
    ['without slices', (text: string) => text.replace('"slices":[', '"slices_":[')],
    ['null', () => 'null'],
  ])('is refused when its plan is %s', async (_, edit) => {
    await cutOff();
    await change('plan.json', edit);
    await expect(run({ resume: true, partRows: undefined })).rejects.toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('plan.json'),
      advice: expect.stringContaining('start again'),
    });
    expect(await readdir(folder)).not.toContain('manifest.json');
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['full of zeros', (text: string) => '\0'.repeat(text.length)],
    ['of other parts', () => '{"parts":[{}],"done":true}'],
    ['of negative rows', (text: string) => text.replace('"rows":10', '"rows":-10')],
  ])('is refused when a checkpoint is %s', async (_, edit) => {
    await cutOff();
    await change(await firstState(), edit);
    await expect(run({ resume: true })).rejects.toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('checkpoint state/000-00000/'),
    });
    expect(await readdir(folder)).not.toContain('manifest.json');
  });

  it.each([
    ['changed', async (part: string) => flip(part), 'not as it was written'],
    ['cut off', async (part: string) => writeFile(part, (await readFile(part)).subarray(0, -1)), 'not as it was'],
    ['missing', async (part: string) => rm(part), 'is missing'],
  ])('is refused when a part is %s', async (_, damage, reason) => {
    await cutOff();
    await damage(join(folder, 'collections/c/_/part-000-00000.parquet'));
    await expect(run({ resume: true })).rejects.toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining(reason),
    });
    expect(await readdir(folder)).not.toContain('manifest.json');
  });
});

it('an export takes away parts that its manifest does not name', async () => {
  await cutOff();
  await writeFile(join(folder, 'collections/c/_/part-099-00000.parquet'), 'of a run that died before its checkpoint');
  await run({ resume: true });
  expect((await validateDataset(await openDataset(storage))).problems).toEqual([]);
});

it('a second export that planned while the first was running does not touch what that made', async () => {
  let first: Promise<ExportReport> | undefined;
  // The first export begins and ends between the second one's look at the folder and its lock.
  const slow: Storage = {
    ...storage,
    lock: async (path, options) => {
      first ??= run();
      await first;
      return storage.lock(path, options);
    },
  };
  await expect(exportDataset(exporting(other, slow, { partRows: 10 }))).rejects.toMatchObject({
    code: 'already-exists',
  });
  expect((await first)?.manifest.collections[0]?.name).toBe('c');
  expect((await readdir(folder)).sort()).toEqual(['collections', 'export_metadata.json', 'manifest.json']);
  expect((await validateDataset(await openDataset(storage))).ok).toBe(true);
});

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
}
