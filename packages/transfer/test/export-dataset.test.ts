import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type ExportBatch, eq, type IVectorSearchRepository } from '@vecport/abstractions';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { GOLDEN_DIMENSION, goldenPoints, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { compareWithRepository, exportDataset } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

describe('exportDataset', () => {
  it('writes a dataset that is valid and equal to its source', async () => {
    const { repository } = await filled(dense('golden', GOLDEN_DIMENSION), goldenPoints());
    const storage = localStorage(await tempFolder());
    const report = await exportDataset(exporting(repository, storage));
    const dataset = await openDataset(storage);
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, problems: [], rows: goldenPoints().length });
    expect(await compareWithRepository(dataset.collection(), repository)).toMatchObject({
      equal: true,
      differences: [],
    });
    expect(report).toMatchObject({ resumed: 'no', warnings: [] });
  });

  it('exports several collections into one dataset, and an empty one', async () => {
    const { store, repository } = await filled(dense('one', 3), randomPoints(1, 10, 3));
    await store.create(dense('none', 3));
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { repositories: [repository, await store.repository('none')] }));
    const dataset = await openDataset(storage);
    expect(dataset.manifest.collections.map(({ name, counts }) => [name, counts.exported])).toEqual([
      ['one', 10],
      ['none', 0],
    ]);
    expect((await validateDataset(dataset)).ok).toBe(true);
  });

  it('writes the same bytes whatever the workers and the pages', async () => {
    const { repository } = await filled(dense('many', 5), randomPoints(2, 700, 5));
    const hashes = [];
    for (const options of [
      { parallel: 1, batchSize: 1000 },
      { parallel: 8, batchSize: 7 },
      { parallel: 3, batchSize: 64 },
    ]) {
      const folder = await tempFolder();
      await exportDataset(exporting(repository, localStorage(folder), { partRows: 60, ...options }));
      hashes.push(await partHashes(folder));
    }
    expect(hashes[0]?.length).toBe(12);
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });

  it('writes the same files whether collections are read one by one or side by side, also when that was cut', async () => {
    const { store, repository } = await filled(dense('first', 3), randomPoints(1, 300, 3));
    for (const [name, seed] of [['second', 2] as const, ['third', 3] as const]) {
      await store.create(dense(name, 3));
      await (await store.repository(name)).upsertMany(randomPoints(seed, 200, 3));
    }
    const repositories = [repository, await store.repository('second'), await store.repository('third')];
    const options = { repositories, partRows: 40 };
    const [one, three, cut] = [await tempFolder(), await tempFolder(), await tempFolder()];
    await exportDataset(exporting(repository, localStorage(one), options));
    await exportDataset(exporting(repository, localStorage(three), { ...options, parallel: 6, collectionsAtOnce: 3 }));
    const stopped = repositories.map((each) => interrupted(each, 2));
    const sideBySide = { ...options, batchSize: 50, collectionsAtOnce: 2 };
    await expect(
      exportDataset(exporting(repository, localStorage(cut), { ...sideBySide, repositories: stopped })),
    ).rejects.toThrow('cut');
    const { manifest } = await exportDataset(exporting(repository, localStorage(cut), { ...sideBySide, resume: true }));
    expect(manifest.collections.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
    expect(await partHashes(one)).toHaveLength(18);
    expect(await partHashes(three)).toEqual(await partHashes(one));
    expect(await partHashes(cut)).toEqual(await partHashes(one));
  });

  it('leaves no manifest when it is interrupted, and the same files as an uninterrupted run when it is resumed', async () => {
    const { repository } = await filled(dense('many', 4), randomPoints(3, 500, 4));
    const whole = await tempFolder();
    await exportDataset(exporting(repository, localStorage(whole), { partRows: 70 }));
    const folder = await tempFolder();
    const storage = localStorage(folder);
    for (const stopAfter of [0, 3, 5, 9]) {
      const run = exportDataset(
        exporting(interrupted(repository, stopAfter), storage, {
          partRows: 70,
          resume: true,
          batchSize: 20 + stopAfter,
          parallel: stopAfter + 1,
        }),
      );
      await expect(run).rejects.toThrow('cut');
      expect(await readdir(folder)).not.toContain('manifest.json');
    }
    const report = await exportDataset(exporting(repository, storage, { resume: true, partRows: 70, parallel: 2 }));
    expect(report.resumed).toBe('yes');
    expect(await partHashes(folder)).toEqual(await partHashes(whole));
    expect((await openDataset(storage)).collection().digest).toEqual(
      (await openDataset(localStorage(whole))).collection().digest,
    );
    expect((await readdir(folder)).sort()).toEqual(['collections', 'export_metadata.json', 'manifest.json']);
  });

  it('keeps only what filter and fields leave, and says so', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(4, 60, 2));
    const storage = localStorage(await tempFolder());
    const selection = { filter: eq('group', 'amber'), fields: ['n'] };
    await exportDataset(exporting(repository, storage, { selection }));
    const stored = (await openDataset(storage)).collection();
    expect(stored.counts.exported).toBe(await repository.count(selection.filter));
    expect(stored.selection).toEqual(selection);
    expect((await compareWithRepository(stored, repository)).equal).toBe(true);
  });

  it.each([
    ['a complete dataset', async (folder: string) => writeFile(join(folder, 'manifest.json'), '{}')],
    ['an unfinished export', async (folder: string) => writeFile(join(folder, 'plan.json'), '{}')],
    ['anything else', async (folder: string) => writeFile(join(folder, 'thesis.docx'), 'x')],
    [
      'a folder with something',
      async (folder: string) => mkdir(join(folder, 'a')).then(async () => writeFile(join(folder, 'a/b'), 'x')),
    ],
  ])('refuses a target that holds %s, and changes nothing', async (_, prepare) => {
    const { repository } = await filled(dense('c', 2), randomPoints(5, 5, 2));
    const folder = await tempFolder();
    await prepare(folder);
    const before = await readdir(folder, { recursive: true });
    await expect(exportDataset(exporting(repository, localStorage(folder)))).rejects.toMatchObject({
      code: 'already-exists',
    });
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it('finds an already complete export when asked to resume it', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(6, 5, 2));
    const storage = localStorage(await tempFolder());
    const first = await exportDataset(exporting(repository, storage));
    const second = await exportDataset(exporting(repository, storage, { resume: true }));
    expect(second.resumed).toBe('complete');
    expect(second.manifest).toEqual(first.manifest);
  });

  it.each([
    ['selection', { selection: { fields: ['n'] } }],
    ['encoding', { encoding: { format: 'parquet', compression: 'none', vectors: 'plain' } as const }],
    ['partRows', { partRows: 11 }],
    ['source', { source: { provider: 'other' } }],
  ])('refuses to resume with another %s', async (term, options) => {
    const { repository } = await filled(dense('c', 2), randomPoints(7, 100, 2));
    const storage = localStorage(await tempFolder());
    await expect(
      exportDataset(exporting(interrupted(repository, 3), storage, { partRows: 10, batchSize: 10 })),
    ).rejects.toThrow('cut');
    const again = exportDataset(exporting(repository, storage, { partRows: 10, resume: true, ...options }));
    await expect(again).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining(`another ${term}`),
    });
  });

  it('refuses to resume when the collection became another one', async () => {
    const { repository, store } = await filled(dense('c', 2), randomPoints(8, 100, 2));
    const storage = localStorage(await tempFolder());
    await expect(
      exportDataset(exporting(interrupted(repository, 3), storage, { partRows: 10, batchSize: 10 })),
    ).rejects.toThrow('cut');
    await store.drop('c');
    await store.create(dense('c', 3));
    const again = exportDataset(exporting(await store.repository('c'), storage, { resume: true }));
    await expect(again).rejects.toMatchObject({ code: 'source-changed' });
  });

  it.each([
    ['skips a point', (batch: ExportBatch) => without(batch, 0), 'missing'],
    [
      'gives a point twice',
      (batch: ExportBatch) => ({ ...batch, ids: batch.ids.map((id, row) => (row === 1 ? (batch.ids[0] ?? '') : id)) }),
      'more than once',
    ],
  ])('is not complete when the source %s', async (_, lie, reason) => {
    const { repository } = await filled(dense('c', 2), randomPoints(9, 50, 2));
    const storage = localStorage(await tempFolder());
    const run = exportDataset(exporting(lying(repository, lie), storage));
    await expect(run).rejects.toMatchObject({ code: 'incomplete', message: expect.stringContaining(reason) });
    await expect(openDataset(storage)).rejects.toMatchObject({ code: 'incomplete' });
  });

  it('warns with numbers when the source changed, and still exports its state at the start', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(10, 50, 2));
    const storage = localStorage(await tempFolder());
    const report = await exportDataset(
      exporting(repository, storage, {
        onProgress: () => void repository.upsert('late', Float32Array.of(1, 2)),
      }),
    );
    expect(report.warnings).toEqual([
      expect.stringContaining('changed while it was read: 50 points before, 51 after, 50 exported'),
    ]);
    expect((await validateDataset(await openDataset(storage))).ok).toBe(true);
  });

  it('refuses a collection that is named twice, before it reads', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(13, 5, 2));
    const folder = join(await tempFolder(), 'new');
    const run = exportDataset(exporting(repository, localStorage(folder), { repositories: [repository, repository] }));
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument', reason: expect.stringContaining("'c'") });
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  it('keeps a second run off the dataset', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(11, 50, 2));
    const folder = await tempFolder();
    const lock = await localStorage(folder).lock('.vecport.lock');
    await expect(exportDataset(exporting(repository, localStorage(folder)))).rejects.toMatchObject({
      code: 'conflict',
    });
    await lock.release();
    await exportDataset(exporting(repository, localStorage(folder)));
  });

  it('refuses a provider without export, with advice, before it writes', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(12, 5, 2));
    const folder = join(await tempFolder(), 'new');
    const { exportAll: _, ...rest } = repository;
    const run = exportDataset(
      exporting({ ...rest, advise: () => ({ reason: 'It has none.', alternatives: ['other'] }) }, localStorage(folder)),
    );
    await expect(run).rejects.toMatchObject({ code: 'not-supported', message: expect.stringContaining('other') });
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});

async function partHashes(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.parquet')).sort();
  return Promise.all(
    names.map(
      async (name) =>
        `${name} ${createHash('sha256')
          .update(await readFile(join(folder, name)))
          .digest('hex')}`,
    ),
  );
}

/** Breaks after some batches, over all slices. */
function interrupted(repository: IVectorSearchRepository, batches: number): IVectorSearchRepository {
  let left = batches;
  return lying(repository, (batch) => {
    if (left-- <= 0) throw new Error('cut');
    return batch;
  });
}

function lying(repository: IVectorSearchRepository, lie: (batch: ExportBatch) => ExportBatch): IVectorSearchRepository {
  return {
    ...repository,
    exportAll: async function* (options) {
      for await (const batch of repository.exportAll?.(options) ?? []) yield lie(batch);
    },
  };
}

function without(batch: ExportBatch, row: number): ExportBatch {
  const column = batch.vectors['default'];
  if (column?.kind !== 'dense') throw new Error('expected a dense vector');
  const { dimension } = column;
  return {
    ...batch,
    ids: batch.ids.toSpliced(row, 1),
    vectors: { default: { ...column, values: column.values.slice(dimension) } },
    metadata: { bytes: batch.metadata.bytes, offsets: batch.metadata.offsets.slice(1) },
  };
}
