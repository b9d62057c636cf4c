import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type ExportBatch, VecportError } from '@vecport/abstractions';
import { type Dataset, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import {
  GOLDEN_DIMENSION,
  goldenPoints,
  memoryRepositories,
  randomPoints,
  removeTempFolders,
  tempFolder,
} from '@vecport/testkit';
import { exportDataset, importDataset, type TargetStore, verifyDataset } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

describe('importDataset', () => {
  it('gives back an equal collection, golden points included', async () => {
    const { repository } = await filled(dense('golden', GOLDEN_DIMENSION), goldenPoints());
    const { dataset } = await exported(repository, { partRows: 7 });
    const target = memoryRepositories();
    const report = await importDataset({ dataset, target, mode: 'create', verify: true, batchSize: 5 });
    expect(report).toMatchObject({ complete: true, collections: [{ accepted: goldenPoints().length, failed: [] }] });
    expect(report.collections[0]?.comparison).toMatchObject({ equal: true, differences: [] });
    const back = await target.repository('golden');
    const { name: _, ...description } = await back.describe();
    expect({ name: 'golden', ...description }).toEqual(await repository.describe());
  });

  it('imports under another name, and appends by id', async () => {
    const { repository, store } = await filled(dense('c', 3), randomPoints(1, 20, 3));
    const { dataset } = await exported(repository);
    await importDataset({ dataset, target: store, mode: 'create', as: 'copy' });
    await importDataset({ dataset, target: store, mode: 'append', as: 'copy' });
    expect(await (await store.repository('copy')).count()).toBe(20);
  });

  it('replaces a collection only when it was told to', async () => {
    const { repository, store } = await filled(dense('c', 3), randomPoints(2, 20, 3));
    const { dataset } = await exported(repository);
    await repository.upsert('new', Float32Array.of(1, 2, 3));
    await expect(importDataset({ dataset, target: store, mode: 'create' })).rejects.toMatchObject({
      code: 'already-exists',
    });
    expect(await repository.count()).toBe(21);
    await importDataset({ dataset, target: store, mode: 'replace' });
    expect(await (await store.repository('c')).count()).toBe(20);
  });

  it('refuses to append to a collection of another dimension, or to none, and writes nothing', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(3, 20, 3));
    const { dataset } = await exported(repository);
    const target = memoryRepositories();
    await expect(importDataset({ dataset, target, mode: 'append' })).rejects.toMatchObject({ code: 'not-found' });
    await target.create(dense('c', 4));
    const run = importDataset({ dataset, target, mode: 'append' });
    await expect(run).rejects.toMatchObject({
      code: 'dimension-mismatch',
      reason: expect.stringContaining('is 4, not 3'),
    });
    expect(await (await target.repository('c')).count()).toBe(0);
  });

  it('reports the points the target refuses', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(4, 20, 3));
    const { dataset } = await exported(repository);
    const refused = new VecportError('invalid-argument', 'not this one');
    const target = memoryRepositories({ refuseWrite: ({ id }) => (id.endsWith('7') ? refused : undefined) });
    const report = await importDataset({ dataset, target, mode: 'create', verify: true });
    expect(report.complete).toBe(false);
    expect(report.collections[0]).toMatchObject({ accepted: 18, comparison: { equal: true, points: 20 } });
    expect(report.collections[0]?.failed.map(({ id, reason }) => [id, reason])).toEqual([
      ['point-000007', 'not this one'],
      ['point-000017', 'not this one'],
    ]);
  });

  it('makes every target before the first point, so that what was interrupted goes on with append', async () => {
    const { dataset } = await exportedTwo();
    const target = memoryRepositories();
    const cut = new Error('cut');
    const stopped = importDataset({ dataset, target: failing(target, 'upsertMany', cut), mode: 'create' });
    await expect(stopped).rejects.toBe(cut);
    const report = await importDataset({ dataset, target, mode: 'append' });
    expect(report.collections.map(({ target: name, accepted }) => [name, accepted])).toEqual([
      ['one', 30],
      ['two', 30],
    ]);
  });

  it('takes away what it made when a later target cannot be made', async () => {
    const { dataset } = await exportedTwo();
    const target = memoryRepositories();
    const refusal = new VecportError('invalid-argument', 'not this name');
    const picky: TargetStore = {
      ...target,
      create: async (description) => {
        if (description.name === 'two') throw refusal;
        await target.create(description);
      },
    };
    await expect(importDataset({ dataset, target: picky, mode: 'create' })).rejects.toBe(refusal);
    expect(await target.collections()).toEqual([]);
  });

  it('tells what it dropped and made, before the first point', async () => {
    const { repository, store } = await filled(dense('c', 3), randomPoints(12, 5, 3));
    const { dataset } = await exported(repository);
    const events: unknown[] = [];
    const note = (event: unknown): void => void events.push(event);
    await importDataset({ dataset, target: store, mode: 'replace', onTarget: note, onProgress: () => note('point') });
    expect(events.filter((event) => event !== 'point')).toEqual([
      { change: 'dropped', collection: 'c' },
      { change: 'created', collection: 'c' },
    ]);
    expect(events.at(-1)).toBe('point');
  });

  it('does not drop a collection of a store that cannot hold the dataset', async () => {
    const { repository, store } = await filled(dense('c', 3), randomPoints(13, 5, 3));
    const { dataset } = await exported(repository);
    const poor: TargetStore = { ...store, traits: { ...store.traits, maxDimension: 2 } };
    await expect(importDataset({ dataset, target: poor, mode: 'replace' })).rejects.toMatchObject({
      code: 'not-supported',
      reason: expect.stringContaining('nothing was changed'),
    });
    expect(await repository.count()).toBe(5);
  });

  it('writes as many points at once as the provider takes, whatever the pages of the files', async () => {
    const { repository } = await filled(dense('c', 65_536), randomPoints(14, 12, 65_536));
    const { dataset } = await exported(repository);
    const sizes: number[] = [];
    const target = memoryRepositories();
    const counting: TargetStore = {
      ...target,
      repository: async (name) => {
        const whole = await target.repository(name);
        const upsertMany: typeof whole.upsertMany = async (points, options) => {
          const batch = 'ids' in points ? points : undefined;
          sizes.push(batch?.ids.length ?? -1);
          return whole.upsertMany(points, options);
        };
        return { ...whole, traits: { ...whole.traits, maxWritePoints: 9 }, upsertMany };
      },
    };
    await importDataset({ dataset, target: counting, mode: 'create' });
    // A page of the file holds four.
    expect(sizes).toEqual([8, 4]);
  });

  it.each([
    ['a truncated part', async (part: string) => truncate(part, 100)],
    ['a flipped byte', async (part: string) => flip(part)],
  ])('refuses a dataset with %s before the first change', async (_, damage) => {
    const { repository } = await filled(dense('c', 3), randomPoints(5, 50, 3));
    const { dataset, folder } = await exported(repository, { partRows: 20 });
    await damage(join(folder, dataset.collection().parts[2]?.path ?? ''));
    const target = memoryRepositories();
    await expect(importDataset({ dataset, target, mode: 'create' })).rejects.toMatchObject({ code: 'corrupt-data' });
    expect(await target.collections()).toEqual([]);
  });

  it('is stopped by its signal with the reason as it is', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(6, 50, 3));
    const { dataset } = await exported(repository);
    const reason = new Error('enough');
    const abort = new AbortController();
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'read') abort.abort(reason);
    };
    const run = importDataset({
      dataset,
      target: memoryRepositories(),
      mode: 'create',
      batchSize: 10,
      signal: abort.signal,
      onProgress,
    });
    await expect(run).rejects.toBe(reason);
  });
});

describe('verifyDataset', () => {
  it('compares nothing that was not asked for, whatever a collection is called', async () => {
    const { repository } = await filled(dense('constructor', 3), randomPoints(11, 5, 3));
    const { dataset } = await exported(repository);
    expect(await verifyDataset({ dataset, against: {} })).toMatchObject({ ok: true, comparisons: [] });
  });

  it('finds a dataset whole and equal, and then what changed in the collection', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(7, 30, 3));
    const { dataset } = await exported(repository);
    const verify = async () => verifyDataset({ dataset, against: { c: repository } });
    expect(await verify()).toMatchObject({ ok: true, comparisons: [{ equal: true, points: 30 }] });
    await repository.upsert('point-000003', Float32Array.of(9, 9, 9), { n: 3 });
    const changed = await verify();
    expect(changed.ok).toBe(false);
    expect(changed.comparisons[0]?.differences).toEqual(['The vectors differ.', 'The metadata differs.']);
    await repository.delete('point-000004');
    expect((await verify()).comparisons[0]?.differences).toContain('The dataset has 30 points, the collection 29.');
  });

  it.each([
    ['one bit of one float', (batch: ExportBatch) => withBit(batch), ['The vectors differ.']],
    [
      'the vectors of two points',
      (batch: ExportBatch) => ({ ...batch, ids: swapped(batch.ids) }),
      ['The vectors differ.', 'The metadata differs.'],
    ],
    [
      'one point twice instead of another',
      (batch: ExportBatch) => ({ ...batch, ids: batch.ids.with(1, batch.ids[0] ?? '') }),
      ['The ids differ.', 'The vectors differ.', 'The metadata differs.'],
    ],
  ])('finds %s', async (_, change, differences) => {
    const { repository } = await filled(dense('c', 3), randomPoints(15, 30, 3));
    const { dataset } = await exported(repository);
    const changed: typeof repository = {
      ...repository,
      exportAll: async function* (options) {
        for await (const batch of repository.exportAll?.(options) ?? []) yield change(batch);
      },
    };
    const report = await verifyDataset({ dataset, against: { c: changed } });
    expect(report.ok).toBe(false);
    expect(report.comparisons[0]?.differences).toEqual(differences);
  });

  it('reports damage instead of throwing', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(8, 30, 3));
    const { dataset, folder } = await exported(repository);
    await flip(join(folder, dataset.collection().parts[0]?.path ?? ''));
    const report = await verifyDataset({ dataset });
    expect(report.ok).toBe(false);
    expect(report.validation.problems.map(({ code }) => code)).toContain('wrong-checksum');
  });
});

async function exported(
  repository: Parameters<typeof exporting>[0],
  options: Parameters<typeof exporting>[2] = {},
): Promise<{ readonly dataset: Dataset; readonly folder: string }> {
  const folder = await tempFolder();
  await exportDataset(exporting(repository, localStorage(folder), options));
  expect(await readdir(folder)).toContain('manifest.json');
  return { folder, dataset: await openDataset(localStorage(folder)) };
}

async function exportedTwo(): Promise<{ readonly dataset: Dataset }> {
  const { repository, store } = await filled(dense('one', 3), randomPoints(9, 30, 3));
  await store.create(dense('two', 3));
  const second = await store.repository('two');
  await second.upsertMany(randomPoints(10, 30, 3));
  return exported(repository, { repositories: [repository, second] });
}

/** The same store, whose repositories fail in one method. */
function failing(store: TargetStore, method: 'upsertMany', reason: Error): TargetStore {
  return {
    ...store,
    repository: async (name) => ({
      ...(await store.repository(name)),
      [method]: async () => {
        throw reason;
      },
    }),
  };
}

function swapped(ids: readonly string[]): readonly string[] {
  return [ids[1] ?? '', ids[0] ?? '', ...ids.slice(2)];
}

function withBit(batch: ExportBatch): ExportBatch {
  const column = batch.vectors['default'];
  if (column?.kind !== 'dense') throw new Error('expected a dense vector');
  const values = column.values.slice();
  new Uint8Array(values.buffer)[0] = (new Uint8Array(values.buffer)[0] ?? 0) ^ 1;
  return { ...batch, vectors: { default: { ...column, values } } };
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[60] = (bytes[60] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
