import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Dataset, openDataset } from '@vecport/dataset';
import { localStorage, type Storage, StorageError } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type ByteProgress, downloadDataset, exportDataset } from '../src/index.js';
import { partHashes } from './faults.js';
import { dense, exporting, filled } from './stores.js';

/** So small that a file of a test takes many. */
const RANGE = 1000;
const PATIENCE = { firstDelayMs: 1 };

let single: string;
let several: string;

beforeAll(async () => {
  const { repository } = await filled(dense('many', 16), randomPoints(1, 400, 16));
  [single, several] = [await tempFolder(), await tempFolder()];
  await exportDataset(exporting(repository, localStorage(single)));
  await exportDataset(exporting(repository, localStorage(several), { partRows: 50 }));
});

afterAll(removeTempFolders);

describe('downloading one file', () => {
  it('gives its bytes, and nothing else', async () => {
    const to = join(await tempFolder(), 'items', 'latest.parquet');
    const seen: ByteProgress[] = [];
    const { dataset, part } = await opened(single);
    const report = await downloadDataset({ dataset, part, to, rangeBytes: RANGE, onProgress: (p) => seen.push(p) });
    expect(report).toEqual({ path: to, files: 1, bytes: part.bytes, kept: 0 });
    expect(await sha256(to)).toBe(part.sha256);
    expect(await readdir(join(to, '..'))).toEqual(['latest.parquet']);
    expect(seen.at(-1)).toEqual({ done: part.bytes, total: part.bytes, moved: part.bytes });
  });

  it('goes on where a run that broke off left it', async () => {
    const to = join(await tempFolder(), 'latest.parquet');
    const { dataset, part } = await opened(single, (storage) => breakingAfter(storage, 5));
    await expect(downloadDataset({ dataset, part, to, rangeBytes: RANGE, parallel: 2 })).rejects.toMatchObject({
      code: 'storage',
    });
    await expect(stat(to)).rejects.toThrow('ENOENT');
    const whole = await opened(single);
    const report = await downloadDataset({ ...whole, to, rangeBytes: RANGE });
    expect(report.kept).toBe(5 * RANGE);
    expect(await sha256(to)).toBe(part.sha256);
  });

  it('begins anew when what was left is not the beginning of the file', async () => {
    const folder = await tempFolder();
    const to = join(folder, 'latest.parquet');
    const { dataset, part } = await opened(single);
    await writeFile(join(folder, `.latest.parquet.${part.sha256.slice(0, 16)}.partial`), new Uint8Array(3 * RANGE));
    const report = await downloadDataset({ dataset, part, to, rangeBytes: RANGE });
    expect(report.kept).toBe(0);
    expect(await sha256(to)).toBe(part.sha256);
  });

  it('tries again what may go away, and no longer than it is allowed', async () => {
    const to = join(await tempFolder(), 'latest.parquet');
    const { dataset, part } = await opened(single, (storage) => unavailableEvery(storage, 3));
    await downloadDataset({ dataset, part, to, rangeBytes: RANGE, retry: PATIENCE });
    expect(await sha256(to)).toBe(part.sha256);
    const gone = await opened(single, (storage) => unavailableEvery(storage, 1));
    const again = downloadDataset({ ...gone, to, force: true, retry: { ...PATIENCE, retries: 2 } });
    await expect(again).rejects.toMatchObject({ code: 'unavailable' });
    expect(await sha256(to)).toBe(part.sha256);
  });

  it('refuses a file that is not what the manifest says', async () => {
    const folder = await tempFolder();
    const to = join(folder, 'latest.parquet');
    const { dataset, part } = await opened(single, flipping);
    await expect(downloadDataset({ dataset, part, to })).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining(part.path),
    });
    await expect(stat(to)).rejects.toThrow('ENOENT');
  });

  it('replaces nothing unless it is told to', async () => {
    const to = join(await tempFolder(), 'latest.parquet');
    await writeFile(to, 'mine');
    const { dataset, part } = await opened(single);
    await expect(downloadDataset({ dataset, part, to })).rejects.toMatchObject({ code: 'already-exists' });
    expect(await readFile(to, 'utf8')).toBe('mine');
    await downloadDataset({ dataset, part, to, force: true });
    expect(await sha256(to)).toBe(part.sha256);
  });

  it('does not replace a file that came into being meanwhile', async () => {
    const to = join(await tempFolder(), 'latest.parquet');
    const { dataset, part } = await opened(single);
    const run = downloadDataset({ dataset, part, to, onProgress: () => void writeFile(to, 'mine') });
    await expect(run).rejects.toMatchObject({ code: 'already-exists' });
    expect(await readFile(to, 'utf8')).toBe('mine');
  });

  it('stops with the reason it is given', async () => {
    const to = join(await tempFolder(), 'latest.parquet');
    const { dataset, part } = await opened(single);
    const reason = new Error('enough');
    const stop = new AbortController();
    const run = downloadDataset({
      dataset,
      part,
      to,
      rangeBytes: RANGE,
      signal: stop.signal,
      onProgress: ({ done }) => done > RANGE && stop.abort(reason),
    });
    await expect(run).rejects.toBe(reason);
  });
});

describe('downloading a dataset', () => {
  it('gives all its files, and a second run nothing to do', async () => {
    const to = join(await tempFolder(), 'copy');
    const { dataset } = await opened(several);
    const report = await downloadDataset({ dataset, to, rangeBytes: RANGE });
    expect(report.files).toBe((await filesIn(several)).length);
    expect(await filesIn(to)).toEqual(await filesIn(several));
    expect(await partHashes(to)).toEqual(await partHashes(several));
    expect((await openDataset(localStorage(to))).manifest).toEqual(dataset.manifest);
    await expect(downloadDataset({ dataset, to })).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('goes on where a run that broke off left it, and shows nothing before', async () => {
    const folder = await tempFolder();
    const to = join(folder, 'copy');
    for (const reads of [4, 9, 15]) {
      const { dataset } = await opened(several, (storage) => breakingAfter(storage, reads));
      await expect(downloadDataset({ dataset, to, rangeBytes: RANGE })).rejects.toMatchObject({ code: 'storage' });
      expect((await readdir(folder)).filter((name) => !name.startsWith('.'))).toEqual([]);
    }
    const { dataset } = await opened(several);
    const report = await downloadDataset({ dataset, to, rangeBytes: RANGE });
    expect(report.kept).toBeGreaterThan(0);
    expect(await partHashes(to)).toEqual(await partHashes(several));
  });

  it('leaves out what belongs to no dataset, and refuses one with a missing file', async () => {
    const { repository } = await filled(dense('few', 4), randomPoints(2, 20, 4));
    const source = await tempFolder();
    await exportDataset(exporting(repository, localStorage(source), { keepState: true, partRows: 5 }));
    const { dataset } = await opened(source);
    const to = join(await tempFolder(), 'copy');
    await downloadDataset({ dataset, to });
    expect((await filesIn(source)).some((path) => path.startsWith('state'))).toBe(true);
    expect((await filesIn(to)).some((path) => path.startsWith('state') || path === 'plan.json')).toBe(false);
    const [part] = dataset.collection().parts;
    await writeFile(join(source, part?.path ?? ''), 'short');
    await expect(downloadDataset({ dataset, to: `${to}-2` })).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it('replaces a dataset when it is told to, and never another folder', async () => {
    const folder = await tempFolder();
    const to = join(folder, 'copy');
    await downloadDataset({ ...(await wholeOf(single)), to });
    await downloadDataset({ ...(await wholeOf(several)), to, force: true });
    expect(await partHashes(to)).toEqual(await partHashes(several));
    expect(await readdir(folder)).toEqual(['copy']);
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine', 'file'), 'mine');
    const other = downloadDataset({ ...(await wholeOf(single)), to: join(folder, 'mine'), force: true });
    await expect(other).rejects.toMatchObject({ code: 'already-exists' });
  });

  it('is done by one at a time', async () => {
    const to = join(await tempFolder(), 'copy');
    const { dataset } = await wholeOf(several);
    const runs = await Promise.allSettled([downloadDataset({ dataset, to }), downloadDataset({ dataset, to })]);
    expect(runs.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await partHashes(to)).toEqual(await partHashes(several));
  });
});

async function opened(folder: string, around: (storage: Storage) => Storage = (storage) => storage) {
  const dataset = await openDataset(around(localStorage(folder)));
  const [part] = dataset.manifest.collections[0]?.parts ?? [];
  if (part === undefined) throw new Error('The dataset has no part.');
  return { dataset, part };
}

async function wholeOf(folder: string): Promise<{ readonly dataset: Dataset }> {
  return { dataset: (await opened(folder)).dataset };
}

/** The same storage, whose ranges cannot be read after so many. */
function breakingAfter(storage: Storage, reads: number): Storage {
  let left = reads;
  return ranged(storage, (path) => {
    if (left-- <= 0) throw new StorageError('io', `${path} broke`, path);
  });
}

function unavailableEvery(storage: Storage, n: number): Storage {
  let read = 0;
  return ranged(storage, (path) => {
    if (++read % n === 0) throw new StorageError('unavailable', `${path} is not there now`, path);
  });
}

function flipping(storage: Storage): Storage {
  return ranged(storage, (_path, bytes) => {
    bytes[0] = (bytes[0] ?? 0) ^ 1;
  });
}

function ranged(storage: Storage, change: (path: string, bytes: Uint8Array) => void): Storage {
  return {
    ...storage,
    read: async (path, range, options) => {
      const bytes = await storage.read(path, range, options);
      if (range !== undefined) change(path, bytes);
      return bytes;
    },
  };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'));
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).toSorted();
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
