import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { type MemoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { compareWithRepository, type ExportReport, type ExportRequest, exportDataset } from '../src/index.js';
import { cutAfter } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

let store: MemoryRepositories;
let repository: IVectorSearchRepository;
let folder: string;
let storage: Storage;

beforeEach(async () => {
  ({ store, repository } = await filled(dense('c', 2), randomPoints(7, 200, 2)));
  folder = await tempFolder();
  storage = localStorage(folder);
});

/** A provider that holds the state of a plan as long as its process lives. */
function pointInTime(
  inner: IVectorSearchRepository,
  afterwards: 'expired' | 'as it is now',
): IVectorSearchRepository & {
  readonly released: string[];
} {
  const held = new Set<string>();
  const released: string[] = [];
  return {
    ...inner,
    released,
    slices: async (count, options) => {
      const plan = await inner.slices?.(count, options);
      for (const { token } of plan?.slices ?? []) held.add(token);
      return { slices: plan?.slices ?? [], consistency: 'point-in-time' };
    },
    releaseSlices: async ({ slices }) => {
      released.push(...slices.map(({ token }) => token));
      if (slices.some(({ token }) => !held.has(token)))
        throw new VecportError('expired', 'There is nothing to release.');
    },
    exportAll: async function* (options = {}) {
      const token = options.slice?.token;
      if (token !== undefined && !held.has(token) && afterwards === 'expired')
        throw new VecportError('expired', 'The point in time is gone.');
      yield* inner.exportAll?.(options) ?? [];
    },
  };
}

const run = async (options: Partial<ExportRequest>): Promise<ExportReport> =>
  exportDataset(exporting(repository, storage, { partRows: 20, batchSize: 10, parallel: 1, ...options }));

/** An export that ends after three parts, with the process that holds its state. */
async function interrupt(afterwards: 'expired' | 'as it is now' = 'expired'): Promise<void> {
  const repositories = [cutAfter(pointInTime(repository, afterwards), 7)];
  await expect(run({ repositories })).rejects.toThrow('cut');
}

async function expectEqualToSource(): Promise<void> {
  const dataset = await openDataset(storage);
  expect((await validateDataset(dataset)).problems).toEqual([]);
  expect(await compareWithRepository(dataset.collection(), repository)).toMatchObject({ equal: true });
}

describe('a state that is gone when an export is resumed', () => {
  it.each([false, true])(
    'is read from its start again when the provider can give no more of it (strict: %s)',
    async (strict) => {
      await interrupt();
      await repository.delete('point-000001');
      await repository.upsertMany(randomPoints(8, 250, 2));
      const events: string[] = [];
      const living = pointInTime(repository, 'expired');
      const report = await run({
        repositories: [living],
        resume: true,
        strict,
        onEvent: (event) => (event.type === 'warning' ? events.push(event.message) : 0),
      });
      expect(report).toMatchObject({
        resumed: 'yes',
        warnings: [],
        restarted: [expect.stringContaining('c: it was read from its start again')],
      });
      expect(events).toEqual(report.restarted);
      expect(report.manifest.collections[0]).toMatchObject({
        consistency: 'point-in-time',
        counts: { before: 250, after: 250, exported: 250 },
      });
      expect(new Set(living.released).size).toBeGreaterThan(10);
      await expectEqualToSource();
    },
  );

  it('is gone on with as it is now when the provider can, and then it is a scan', async () => {
    await interrupt('as it is now');
    const report = await run({ repositories: [pointInTime(repository, 'as it is now')], resume: true });
    expect(report.restarted).toEqual([]);
    expect(report.manifest.collections[0]?.consistency).toBe('scan');
    await expectEqualToSource();
  });

  it('is read from its start again with strict, even if the provider could go on', async () => {
    await interrupt('as it is now');
    await repository.upsertMany(randomPoints(8, 230, 2));
    const repositories = [pointInTime(repository, 'as it is now')];
    const report = await run({ repositories, resume: true, strict: true });
    expect(report.restarted).toHaveLength(1);
    expect(report.manifest.collections[0]).toMatchObject({
      consistency: 'point-in-time',
      counts: { exported: 230, before: 230 },
    });
    await expectEqualToSource();
  });

  it('ends an export that is interrupted again while it is read anew, and can be resumed after that', async () => {
    await interrupt();
    const again = cutAfter(pointInTime(repository, 'expired'), 4);
    await expect(run({ repositories: [again], resume: true })).rejects.toThrow('cut');
    const report = await run({ repositories: [pointInTime(repository, 'expired')], resume: true });
    expect(report.restarted).toHaveLength(1);
    await expectEqualToSource();
  });

  it('is an error in the run that planned it, and when it is gone at once again', async () => {
    const dead: IVectorSearchRepository = {
      ...pointInTime(repository, 'expired'),
      exportAll: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            throw new VecportError('expired', 'The point in time is gone.');
          },
        }),
      }),
    };
    await expect(run({ repositories: [dead] })).rejects.toMatchObject({ code: 'expired' });
    await expect(run({ repositories: [dead], resume: true })).rejects.toMatchObject({ code: 'expired' });
    expect((await run({ repositories: [pointInTime(repository, 'expired')], resume: true })).restarted).toHaveLength(1);
  });

  it('of one collection leaves the others as they are', async () => {
    await store.create(dense('d', 2));
    const other = await store.repository('d');
    await other.upsertMany(randomPoints(9, 30, 2));
    const cut = cutAfter(pointInTime(repository, 'expired'), 7);
    await expect(run({ repositories: [other, cut] })).rejects.toThrow('cut');
    const kept: string[] = [];
    const report = await run({
      repositories: [other, pointInTime(repository, 'expired')],
      resume: true,
      onEvent: (event) => (event.type === 'part' ? kept.push(event.collection) : 0),
    });
    expect(new Set(kept)).toEqual(new Set(['c']));
    expect(report.restarted).toEqual([expect.stringMatching(/^c: /)]);
    expect((await validateDataset(await openDataset(storage))).ok).toBe(true);
  });
});

it('a snapshot that is found again is gone on with, also with strict', async () => {
  await expect(run({ repositories: [cutAfter(repository, 7)] })).rejects.toThrow('cut');
  await repository.upsertMany(randomPoints(8, 250, 2));
  const report = await run({ resume: true, strict: true });
  expect(report.restarted).toEqual([]);
  expect(report.manifest.collections[0]).toMatchObject({ consistency: 'snapshot', counts: { exported: 200 } });
});
