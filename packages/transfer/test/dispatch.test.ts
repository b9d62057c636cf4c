import { readdir } from 'node:fs/promises';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import {
  type Dispatch,
  type DispatchedWork,
  type ExportReport,
  type ExportSliceRequest,
  exportDataset,
  exportSlice,
  readPinnedPlan,
  type SliceTurn,
} from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let repository: IVectorSearchRepository;
let folder: string;
let storage: Storage;

beforeEach(async () => {
  ({ repository } = await filled(dense('c', 2), randomPoints(7, 100, 2)));
  folder = await tempFolder();
  storage = localStorage(folder);
});

const run = async (options: Partial<Parameters<typeof exportDataset>[0]> = {}): Promise<ExportReport> =>
  exportDataset(exporting(repository, storage, { partRows: 10, batchSize: 7, parallel: 1, ...options }));

async function turn(
  work: DispatchedWork,
  slice: number,
  options: Partial<ExportSliceRequest> = {},
): Promise<SliceTurn> {
  return exportSlice({
    storage,
    plan: await readPinnedPlan(storage),
    place: { collection: 0, unit: 0, slice },
    repository,
    batchSize: 7,
    run: work.run,
    maxParts: 1,
    signal: new AbortController().signal,
    ...options,
  });
}

const inTurns: Dispatch = async (work) => {
  const open = new Set(work.slices.keys());
  while (open.size > 0) for (const slice of open) if ((await turn(work, slice)).outcome === 'done') open.delete(slice);
};

async function digestOfOneProcess(): Promise<unknown> {
  const one = await exportDataset(exporting(repository, localStorage(await tempFolder()), { partRows: 10 }));
  return one.manifest.collections[0]?.digest;
}

async function expectWhole({ manifest }: ExportReport): Promise<void> {
  expect(manifest.collections[0]?.digest).toEqual(await digestOfOneProcess());
  const report = await validateDataset(await openDataset(storage));
  expect(report).toMatchObject({ ok: true, problems: [] });
  expect((await readdir(folder)).toSorted()).toEqual(['collections', 'export_metadata.json', 'manifest.json']);
}

describe('an export whose slices others read', () => {
  it('is the dataset of one process, whose parts have names of their own', async () => {
    const report = await run({ dispatch: inTurns });
    await expectWhole(report);
    expect(report.resumed).toBe('no');
    const paths = report.manifest.collections[0]?.parts.map(({ path }) => path) ?? [];
    expect(paths).toHaveLength(10);
    for (const path of paths) expect(path).toMatch(/^collections\/c\/_\/part-\d{3}-\d{5}-[0-9a-f]{8}\.parquet$/);
  });

  it('takes as many turns as a slice has parts, and no turn to see that it is done', async () => {
    const turns: SliceTurn[] = [];
    await run({
      partRows: 25,
      dispatch: async (work) => {
        for (const slice of work.slices.keys()) turns.push(await turn(work, slice, { batchSize: 25 }));
      },
    });
    expect(turns).toEqual(turns.map(() => ({ outcome: 'done', parts: 1, rows: 25 })));
  });

  it('goes on with turns that two take at the same time', async () => {
    const report = await run({
      partRows: 5,
      dispatch: async (work) => {
        for (const slice of work.slices.keys()) {
          const outcomes = async (): Promise<void> => {
            while ((await turn(work, slice)).outcome !== 'done');
          };
          await Promise.all([outcomes(), outcomes(), outcomes()]);
        }
      },
    });
    await expectWhole(report);
  });

  it('is not put back by one that was slow', async () => {
    let late: Promise<SliceTurn> | undefined;
    const gate = Promise.withResolvers<void>();
    const slow: IVectorSearchRepository = {
      ...repository,
      exportAll: async function* (options) {
        await gate.promise;
        yield* repository.exportAll?.(options) ?? [];
      },
    };
    const report = await run({
      dispatch: async (work) => {
        late = turn(work, 0, { repository: slow });
        await turn(work, 0);
        gate.resolve();
        expect(await late).toMatchObject({ outcome: 'overtaken', parts: 0 });
        await inTurns(work);
      },
    });
    await expectWhole(report);
  });

  it('keeps the points that others could not carry', async () => {
    await repository.upsertMany([{ id: 'odd', embedding: Float32Array.of(1, Number.POSITIVE_INFINITY) }]);
    const report = await run({ nonFinite: 'quarantine', dispatch: inTurns });
    expect(report.manifest.collections[0]?.counts).toMatchObject({ exported: 100, quarantined: 1 });
    expect(report.quarantine).toMatchObject([{ points: 1 }]);
  });

  it.each([
    ['held to the end', 'point-in-time', false],
    ['lost on the way', 'scan', true],
  ] as const)('says of a state that was %s: %s', async (_how, consistency, lost) => {
    const planning: IVectorSearchRepository = {
      ...repository,
      slices: async (count, options) => {
        const plan = await repository.slices?.(count, options);
        if (plan === undefined) throw new Error('The store in memory has slices.');
        return { ...plan, consistency: 'point-in-time' };
      },
      exportAll: async function* (options) {
        if (lost) throw new VecportError('expired', 'It is gone.');
        yield* repository.exportAll?.(options) ?? [];
      },
    };
    const { manifest } = await run({ repositories: [planning], dispatch: inTurns });
    expect(manifest.collections[0]?.consistency).toBe(consistency);
  });

  it('is closed to those who come too late', async () => {
    const works: DispatchedWork[] = [];
    await run({
      keepState: true,
      dispatch: async (work) => {
        works.push(work);
        await inTurns(work);
      },
    });
    const files = await readdir(folder, { recursive: true });
    const [work] = works;
    if (work === undefined) throw new Error('Nothing was dispatched.');
    expect(await turn({ ...work, run: 'another' }, 0)).toMatchObject({ outcome: 'done' });
    expect(await readdir(folder, { recursive: true })).toEqual(files);
  });

  it('stops a turn that is under way when the dispatch ends', async () => {
    const gate = Promise.withResolvers<void>();
    let late: Promise<SliceTurn> | undefined;
    const dispatch: Dispatch = async (work) => {
      late = turn(work, 0, {
        repository: {
          ...repository,
          exportAll: async function* (options) {
            await gate.promise;
            yield* repository.exportAll?.(options) ?? [];
          },
        },
      });
      throw new Error('given up');
    };
    await expect(run({ dispatch })).rejects.toThrow('given up');
    gate.resolve();
    expect(await late).toEqual({ outcome: 'closed', parts: 0, rows: 0 });
    await expectWhole(await run({ resume: true }));
  });

  it('is not called complete when a slice was not read', async () => {
    await expect(run({ dispatch: async () => {} })).rejects.toMatchObject({ code: 'incomplete' });
    await expectWhole(await run({ dispatch: inTurns, resume: true }));
  });

  it('goes on with what an earlier run left, with and without others', async () => {
    const dispatch: Dispatch = async (work) => {
      await turn(work, 0);
      await turn(work, 3);
      throw new Error('given up');
    };
    await expect(run({ dispatch })).rejects.toThrow('given up');
    await expect(run({ dispatch, resume: true })).rejects.toThrow('given up');
    const report = await run({ resume: true });
    expect(report.resumed).toBe('yes');
    await expectWhole(report);
  });

  it.each([
    ['limit', { limit: 5 }],
    ['list of ids', { ids: ['1'] }],
    ['strict resume', { resume: true, strict: true }],
  ])('refuses a %s', async (what, options) => {
    await expect(run({ dispatch: inTurns, ...options })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining(what),
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
