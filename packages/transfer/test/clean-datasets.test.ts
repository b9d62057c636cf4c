import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { cleanDatasets, copyDataset, exportDataset, findDatasets, latestDataset } from '../src/index.js';
import { cutAfter, partHashes } from './faults.js';
import { dense, exporting, filled } from './stores.js';

const HOUR = 3_600_000;

let root: string;

/** Two complete exports of two collections, and one that was cut off. */
beforeEach(async () => {
  root = await tempFolder();
  for (const name of ['one', 'two']) {
    const { repository } = await filled(dense(name, 3), randomPoints(1, 20, 3));
    await exportDataset(exporting(repository, localStorage(join(root, name, 'first')), { partRows: 10 }));
  }
  const { repository } = await filled(dense('one', 3), randomPoints(2, 40, 3));
  const cut = exportDataset(
    exporting(cutAfter(repository, 2), localStorage(join(root, 'one', 'dead')), {
      partRows: 10,
      batchSize: 10,
      parallel: 1,
    }),
  );
  await expect(cut).rejects.toThrow('cut');
});

afterAll(removeTempFolders);

describe('cleaning', () => {
  it('removes what a dead export left, and no complete dataset', async () => {
    await writeFile(join(root, 'one', 'dead', 'notes.txt'), 'mine');
    await age(join(root, 'one', 'dead'));
    const before = await partHashes(join(root, 'two'));
    const storage = localStorage(root);
    const told = await cleanDatasets({ root: storage, olderThanMs: HOUR, dryRun: true });
    expect(told.exports).toMatchObject([{ folder: 'one/dead', outcome: 'removed' }]);
    expect(existsSync(join(root, 'one/dead/plan.json'))).toBe(true);
    const { exports } = await cleanDatasets({ root: storage, olderThanMs: HOUR });
    expect(exports).toEqual(told.exports);
    expect(exports[0]?.files).toBeGreaterThan(2);
    expect(await readdir(join(root, 'one', 'dead'))).toEqual(['notes.txt']);
    expect(await partHashes(join(root, 'two'))).toEqual(before);
    expect(await cleanDatasets({ root: storage, olderThanMs: HOUR })).toEqual({ swept: 0, exports: [] });
  });

  it('leaves what changed a short time ago, and what a process is at work on', async () => {
    const storage = localStorage(root);
    expect(await cleanDatasets({ root: storage, olderThanMs: HOUR })).toMatchObject({
      exports: [{ outcome: 'recent' }],
    });
    await age(join(root, 'one', 'dead'));
    const lock = await storage.within('one/dead').lock('.vecport.lock');
    expect(await cleanDatasets({ root: storage, olderThanMs: HOUR })).toMatchObject({ exports: [{ outcome: 'held' }] });
    await lock.release();
    expect(await cleanDatasets({ root: storage, olderThanMs: HOUR })).toMatchObject({
      exports: [{ outcome: 'removed' }],
    });
  });
});

describe('finding datasets', () => {
  it('gives the newest first, with those that are not complete and those that cannot be read', async () => {
    await mkdir(join(root, 'web'));
    await writeFile(join(root, 'web', 'manifest.json'), '{"name":"an app"}');
    const found = await findDatasets(localStorage(root));
    expect(found.map(({ folder, dataset, problem }) => [folder, dataset !== undefined, problem !== undefined])).toEqual(
      [
        ['two/first', true, false],
        ['one/first', true, false],
        ['web', false, true],
        ['one/dead', false, false],
      ],
    );
    expect(latestDataset(found)?.folder).toBe('two/first');
    expect(latestDataset(found, 'one')?.folder).toBe('one/first');
    expect(latestDataset(found, 'three')).toBeUndefined();
  });
});

describe('copying', () => {
  it('gives the same files, goes on where it was cut off, and does nothing twice', async () => {
    const dataset = await openDataset(localStorage(join(root, 'one', 'first')));
    const target = join(root, 'copy');
    let left = 1;
    const breaking = {
      ...dataset,
      storage: {
        ...dataset.storage,
        stream: (...args: Parameters<typeof dataset.storage.stream>) => {
          if (left-- <= 0) throw new Error('cut');
          return dataset.storage.stream(...args);
        },
      },
    };
    await expect(copyDataset({ dataset: breaking, target: localStorage(target), parallel: 1 })).rejects.toThrow('cut');
    expect(existsSync(join(target, 'manifest.json'))).toBe(false);
    // Without the plan of its export nothing says whose files these are.
    await expect(copyDataset({ dataset, target: localStorage(target) })).rejects.toMatchObject({
      code: 'already-exists',
    });
    await writeFile(join(root, 'one', 'first', 'plan.json'), '{}');
    await writeFile(join(target, 'plan.json'), '{}');
    const report = await copyDataset({ dataset, target: localStorage(target) });
    expect(report.kept).toBeGreaterThan(0);
    expect(await partHashes(target)).toEqual(await partHashes(join(root, 'one', 'first')));
    expect(existsSync(join(target, 'plan.json'))).toBe(false);
    expect(await copyDataset({ dataset, target: localStorage(target) })).toEqual({
      ...report,
      kept: expect.any(Number),
    });
  });
});

/** Let all files of a folder be two hours old. */
async function age(folder: string): Promise<void> {
  const then = new Date(Date.now() - 2 * HOUR);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), then, then);
  }
}
