import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, importDataset, migrateCollections, type TargetStore } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

const refused = new VecportError('invalid-argument', 'not this one');
const picky = () => memoryRepositories({ refuseWrite: ({ id }) => (id.endsWith('7') ? refused : undefined) });
const points = randomPoints(1, 60, 3);
const expected = points.flatMap(({ id }) =>
  id.endsWith('7') ? [{ collection: 'c', id, code: 'invalid-argument', reason: 'not this one' }] : [],
);

async function linesIn(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

async function datasetOf() {
  const { repository } = await filled(dense('c', 3), points);
  const storage = localStorage(await tempFolder());
  await exportDataset(exporting(repository, storage, { partRows: 20 }));
  return openDataset(storage);
}

describe('the quarantine', () => {
  it('has every refused point of an import, and is all that is left of its state', async () => {
    const folder = await tempFolder();
    const report = await importDataset({
      dataset: await datasetOf(),
      target: picky(),
      mode: 'create',
      state: localStorage(folder),
    });
    expect(report).toMatchObject({ complete: false, quarantine: { path: 'quarantine.ndjson', points: 6 } });
    expect(await linesIn(join(folder, 'quarantine.ndjson'))).toEqual(expected);
    expect(await readdir(folder)).toEqual(['quarantine.ndjson']);
    // The next run of the same work that refuses nothing takes it away.
    const next = await importDataset({
      dataset: await datasetOf(),
      target: memoryRepositories(),
      mode: 'create',
      state: localStorage(folder),
    });
    expect(next).toMatchObject({ complete: true, quarantine: undefined });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  it('has every refused point of a migration, where it was asked for', async () => {
    const { store } = await filled(dense('c', 3), points);
    const folder = await tempFolder();
    const report = await migrateCollections({
      source: store,
      collections: ['c'],
      target: picky(),
      mode: 'create',
      state: localStorage(await tempFolder()),
      quarantine: { storage: localStorage(folder), path: 'refused.ndjson' },
    });
    expect(report.quarantine).toMatchObject({ path: 'refused.ndjson', points: 6 });
    expect(await linesIn(join(folder, 'refused.ndjson'))).toEqual(expected);
  });

  it('has each point once when the work was interrupted, those before the interruption too', async () => {
    const dataset = await datasetOf();
    const folder = await tempFolder();
    const store = picky();
    let writes = 0;
    const dying: TargetStore = {
      ...store,
      repository: async (name, options) => {
        const whole = await store.repository(name, options);
        return {
          ...whole,
          upsertMany: async (batch, more) => {
            writes += 1;
            if (writes === 5) throw new Error('cut');
            return whole.upsertMany(batch, more);
          },
        };
      },
    };
    const work = { dataset, mode: 'create', parallel: 1, batchSize: 10, state: localStorage(folder) } as const;
    await expect(importDataset({ ...work, target: dying })).rejects.toThrow('cut');
    expect((await readdir(folder)).toSorted()).toContain('quarantine');
    const report = await importDataset({ ...work, target: store, resume: true });
    expect(report).toMatchObject({ resumed: true, quarantine: { points: 6 } });
    expect(await linesIn(join(folder, 'quarantine.ndjson'))).toEqual(expected);
  });
});
