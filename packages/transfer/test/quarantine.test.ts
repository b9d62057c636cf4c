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
    const done: number[] = [];
    const report = await importDataset({
      ...work,
      target: store,
      resume: true,
      onProgress: ({ phase, done: points }) => phase === 'read' && done.push(points),
    });
    expect(report).toMatchObject({ resumed: true, quarantine: { points: 6 } });
    // Those of the first run are counted, and told first.
    expect(done[0]).toBeGreaterThan(0);
    expect(done.at(-1)).toBe(60);
    expect(await linesIn(join(folder, 'quarantine.ndjson'))).toEqual(expected);
  });

  it('makes a verified import of which points were refused equal, however many they are, unless another is missing', async () => {
    const many = randomPoints(2, 1400, 3);
    const { repository } = await filled(dense('c', 3), many);
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { partRows: 500 }));
    const dataset = await openDataset(storage);
    const onlyZeros = () => memoryRepositories({ refuseWrite: ({ id }) => (id.endsWith('0') ? undefined : refused) });
    const run = async (target: TargetStore) =>
      importDataset({ dataset, target, mode: 'create', verify: true, state: localStorage(await tempFolder()) });
    const honest = await run(onlyZeros());
    expect(honest.collections[0]).toMatchObject({ accepted: 140, refused: 1260, comparison: { equal: true } });
    const store = onlyZeros();
    const losing: TargetStore = {
      ...store,
      repository: async (name, options) => {
        const inner = await store.repository(name, options);
        return {
          ...inner,
          upsertMany: async (batch, more) => {
            const report = await inner.upsertMany(batch, more);
            await inner.delete('point-000010');
            return report;
          },
        };
      },
    };
    const { complete, collections } = await run(losing);
    expect(complete).toBe(false);
    expect(collections[0]?.comparison?.differences).toEqual([
      "The point 'point-000010' is missing.",
      '140 points should be there, the collection has 139.',
    ]);
  });
});
