import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { IVectorSearchRepository } from '@vecport/abstractions';
import {
  convertDataset,
  type Dataset,
  encodingOf,
  openDataset,
  openDatasetChain,
  recordBytes,
  validateDataset,
} from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import {
  GOLDEN_DIMENSION,
  goldenPoints,
  memoryRepositories,
  randomPoints,
  removeTempFolders,
  tempFolder,
} from '@vecport/testkit';
import { type ExportRequest, exportDataset, importDataset } from '../src/index.js';
import { cutAfter } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

const ENCODINGS = [
  ['ndjson-gz', undefined],
  ['ndjson-zst', undefined],
  ['ndjson-gz', 'none'],
  ['parquet-small', 'gzip'],
  ['parquet-small', 'snappy'],
] as const;

describe.each(ENCODINGS)('an export with the strategy %s (%s)', (strategy, compression) => {
  const encoding = encodingOf(strategy, { compression });

  it('is imported as it was, golden points included', async () => {
    const { repository } = await filled(dense('golden', GOLDEN_DIMENSION), goldenPoints());
    const { dataset } = await exported(repository, { encoding, partRows: 7 });
    expect(dataset.manifest.encoding).toEqual(encoding);
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: goldenPoints().length });
    const target = memoryRepositories();
    const report = await importDataset({ dataset, target, mode: 'create', verify: true, batchSize: 5 });
    expect(report.collections[0]?.comparison).toMatchObject({ equal: true, points: goldenPoints().length });
  });

  it('has the same bytes with any pages and workers, and when it is cut off and resumed', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(3, 200, 3));
    const once = await exported(repository, { encoding, partRows: 60, batchSize: 200 });
    const paged = await exported(repository, { encoding, partRows: 60, batchSize: 7, parallel: 4 });
    expect(await fileHashes(paged.folder)).toEqual(await fileHashes(once.folder));
    const folder = await tempFolder();
    const storage = localStorage(folder);
    const request = { encoding, partRows: 60, batchSize: 10, parallel: 1 };
    const cut = exportDataset(exporting(cutAfter(repository, 9), storage, request));
    await expect(cut).rejects.toThrow('cut');
    await exportDataset(exporting(repository, storage, { ...request, resume: true }));
    expect(await fileHashes(folder)).toEqual(await fileHashes(once.folder));
  });

  it('is a base and an increment', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(4, 50, 3));
    const base = await exported(repository, { encoding, id: 'base' });
    await repository.delete('point-000003');
    await repository.upsert('point-000004', Float32Array.of(9, 9, 9), { changed: true });
    const increment = await exported(repository, { encoding, id: 'inc', since: base.dataset });
    const [collection] = increment.dataset.manifest.collections;
    expect(collection?.increment).toMatchObject({ changed: 1, added: 0, deleted: 1 });
    expect(await validateDataset(increment.dataset)).toMatchObject({ ok: true });
    const chain = await openDatasetChain([base.dataset, increment.dataset]);
    expect(await validateDataset(chain)).toMatchObject({ ok: true, rows: 49 });
  });
});

describe('parts by bytes', () => {
  it('end with the row that fills them, the same ones with any pages and workers', async () => {
    const points = Array.from({ length: 120 }, (_, row) => ({
      id: `point-${String(row).padStart(4, '0')}`,
      embedding: Float32Array.of(row, 1, 2),
      metadata: { text: 'x'.repeat((row * 37) % 90) },
    }));
    const { repository } = await filled(dense('c', 3), points);
    const once = await exported(repository, { partBytes: 1000, batchSize: 120 });
    const paged = await exported(repository, { partBytes: 1000, batchSize: 3, parallel: 3 });
    expect(await fileHashes(paged.folder)).toEqual(await fileHashes(once.folder));
    const { parts } = once.dataset.collection();
    expect(parts.length).toBeGreaterThan(5);
    for (const part of parts) {
      const sizes: number[] = [];
      for await (const batch of once.dataset.readPart(part)) {
        const bytesOf = recordBytes(batch);
        for (const row of batch.ids.keys()) sizes.push(bytesOf(row));
      }
      const beforeLast = sizes.slice(0, -1).reduce((sum, size) => sum + size, 0);
      expect(beforeLast).toBeLessThan(1000);
      const isLastOfSlice = !parts.some(({ slice, index }) => slice === part.slice && index > part.index);
      if (!isLastOfSlice) expect(beforeLast + (sizes.at(-1) ?? 0)).toBeGreaterThanOrEqual(1000);
    }
  });

  it('are the same when the export is cut off and resumed, which must ask for the same', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(5, 200, 3));
    const once = await exported(repository, { partBytes: 900 });
    const folder = await tempFolder();
    const storage = localStorage(folder);
    const request = { partBytes: 900, batchSize: 10, parallel: 1 };
    await expect(exportDataset(exporting(cutAfter(repository, 9), storage, request))).rejects.toThrow('cut');
    const other = exportDataset(exporting(repository, storage, { ...request, partBytes: 901, resume: true }));
    await expect(other).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('partBytes'),
    });
    await exportDataset(exporting(repository, storage, { ...request, resume: true }));
    expect(await fileHashes(folder)).toEqual(await fileHashes(once.folder));
  });
});

describe('convertDataset', () => {
  it('turns NDJSON into the Parquet files that an export would have written', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(6, 200, 3));
    const parquet = await exported(repository, { partRows: 60 });
    const { dataset, folder } = await exported(repository, { encoding: encodingOf('ndjson-gz'), partRows: 60 });
    const told: string[] = [];
    await convertDataset(dataset, { encoding: encodingOf(), onPart: ({ path }) => told.push(path) });
    expect(await fileHashes(folder)).toEqual(await fileHashes(parquet.folder));
    const converted = await openDataset(localStorage(folder));
    expect(converted.manifest.encoding).toEqual(encodingOf());
    expect(converted.collection().parts).toEqual(parquet.dataset.collection().parts);
    expect(told).toEqual(converted.collection().parts.map(({ path }) => path));
    expect(await validateDataset(converted)).toMatchObject({ ok: true, rows: 200 });
  });

  it('leaves the dataset as it was when it is cut off, and completes it the next time', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(7, 200, 3));
    const { dataset, folder } = await exported(repository, { encoding: encodingOf('ndjson-zst'), partRows: 60 });
    const abort = new AbortController();
    const cut = convertDataset(dataset, {
      encoding: encodingOf(),
      signal: abort.signal,
      onPart: () => abort.abort(new Error('cut')),
    });
    await expect(cut).rejects.toThrow('cut');
    const again = await openDataset(localStorage(folder));
    expect(again.manifest.encoding.format).toBe('ndjson');
    await convertDataset(again, { encoding: encodingOf() });
    const names = await readdir(folder, { recursive: true });
    expect(names.filter((name) => name.includes('ndjson'))).toEqual([]);
    expect(await validateDataset(await openDataset(localStorage(folder)))).toMatchObject({ ok: true });
  });

  it('writes into another folder, with increments and tombstones, and the first stays', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(8, 40, 3));
    const base = await exported(repository, { id: 'base' });
    await repository.delete('point-000003');
    const increment = await exported(repository, { id: 'inc', since: base.dataset });
    const storage = localStorage(await tempFolder());
    await convertDataset(increment.dataset, { encoding: encodingOf('ndjson-zst'), storage });
    const converted = await openDataset(storage);
    expect(converted.collection().increment?.tombstones?.path).toMatch(/\/tombstones\.ndjson\.zst$/);
    const chain = await openDatasetChain([base.dataset, converted]);
    expect(await validateDataset(chain)).toMatchObject({ ok: true, rows: 39 });
    expect(await validateDataset(increment.dataset)).toMatchObject({ ok: true });
    const twice = convertDataset(increment.dataset, { encoding: encodingOf(), storage });
    await expect(twice).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('refuses to write over what it reads', async () => {
    const { repository } = await filled(dense('c', 3), randomPoints(9, 10, 3));
    const { dataset } = await exported(repository);
    const run = convertDataset(dataset, { encoding: encodingOf('parquet-small') });
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument' });
    const chain = { ...dataset, layers: [dataset] };
    const other = convertDataset(chain, { encoding: encodingOf('ndjson-gz') });
    await expect(other).rejects.toMatchObject({ code: 'not-supported' });
  });
});

async function exported(
  repository: IVectorSearchRepository,
  options: Partial<ExportRequest> = {},
): Promise<{ readonly dataset: Dataset; readonly folder: string }> {
  const folder = await tempFolder();
  const storage = localStorage(folder);
  await exportDataset(exporting(repository, storage, options));
  return { folder, dataset: await openDataset(storage) };
}

async function fileHashes(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /part-[^/]*$/.test(name)).sort();
  return Promise.all(
    names.map(
      async (name) =>
        `${name} ${createHash('sha256')
          .update(await readFile(join(folder, name)))
          .digest('hex')}`,
    ),
  );
}
