import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type IVectorSearchRepository } from '@vecport/abstractions';
import { openDataset, openDatasetChain, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import fc from 'fast-check';
import {
  type ExportReport,
  type ExportRequest,
  exportDataset,
  importDataset,
  type Transform,
  verifyDataset,
} from '../src/index.js';
import { cutAfter, partHashes } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

const points = randomPoints(5, 90, 2);
const QUARANTINE = 'collections/c/quarantine.ndjson';

/** The same repository, whose full reads give these bytes as the metadata of some points. */
function spoiled(
  inner: IVectorSearchRepository,
  textOf: (id: string) => Uint8Array | undefined,
): IVectorSearchRepository {
  return {
    ...inner,
    exportAll: async function* (options) {
      for await (const batch of inner.exportAll?.(options) ?? []) {
        const rows = batch.ids.map(
          (id, row) =>
            textOf(id) ?? batch.metadata.bytes.subarray(batch.metadata.offsets[row], batch.metadata.offsets[row + 1]),
        );
        const offsets = new Uint32Array(rows.length + 1);
        rows.forEach((bytes, row) => {
          offsets[row + 1] = (offsets[row] ?? 0) + bytes.length;
        });
        yield { ...batch, metadata: { ...batch.metadata, bytes: Buffer.concat(rows), offsets } };
      }
    },
  };
}

const endsInSeven = (id: string) => (id.endsWith('7') ? Buffer.from('{"n":') : undefined);
const sevens = points.flatMap(({ id }) => (id.endsWith('7') ? [id] : []));

interface Exported extends ExportReport {
  readonly folder: string;
}

async function run(
  repository: IVectorSearchRepository,
  options: Partial<ExportRequest> = {},
  folder?: string,
): Promise<Exported> {
  const place = folder ?? (await tempFolder());
  const report = await exportDataset(
    exporting(repository, localStorage(place), { partRows: 8, batchSize: 7, parallel: 2, ...options }),
  );
  return { ...report, folder: place };
}

async function linesOf(folder: string): Promise<readonly { readonly id: string; readonly reason: string }[]> {
  const text = await readFile(join(folder, QUARANTINE), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; reason: string });
}

describe('an export of points that cannot be carried', () => {
  it('puts them into quarantine with their reasons, and carries the rest', async () => {
    const { repository } = await filled(dense('c', 2), points);
    const source = spoiled(repository, endsInSeven);
    const { manifest, folder, quarantine } = await run(source);
    expect(manifest.collections[0]?.counts).toMatchObject({ before: 90, exported: 81, quarantined: 9 });
    expect(quarantine).toMatchObject([{ path: QUARANTINE, points: 9 }]);
    const lines = await linesOf(folder);
    expect(lines.map(({ id }) => id)).toEqual(sevens);
    expect(lines[0]).toMatchObject({ collection: 'c', code: 'corrupt-data', reason: expect.stringContaining('JSON') });
    const dataset = await openDataset(localStorage(folder));
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: 81 });
  });

  it('verifies such a dataset against its source, and finds a point that is too much there', async () => {
    const { repository } = await filled(dense('c', 2), points);
    const { folder } = await run(spoiled(repository, endsInSeven));
    const dataset = await openDataset(localStorage(folder));
    expect(await verifyDataset({ dataset, against: { c: repository } })).toMatchObject({ ok: true });
    await repository.upsert('more', Float32Array.of(1, 2));
    const report = await verifyDataset({ dataset, against: { c: repository } });
    expect(report.comparisons[0]?.differences).toEqual(['90 points should be there, the collection has 91.']);
  });

  it('is complete when not one point is left, and can be imported', async () => {
    const { repository, store } = await filled(dense('c', 2), points.slice(0, 20));
    const { manifest, folder } = await run(spoiled(repository, () => Uint8Array.of(0xff)));
    expect(manifest.collections[0]?.counts).toMatchObject({ exported: 0, quarantined: 20 });
    const dataset = await openDataset(localStorage(folder));
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: 0 });
    const imported = await importDataset({ dataset, target: store, mode: 'create', as: 'copy', verify: true });
    expect(imported).toMatchObject({ complete: true, collections: [{ accepted: 0 }] });
  });

  it('writes the same files with any workers and pages, and after an interruption at any page', async () => {
    const { repository } = await filled(dense('c', 2), points);
    const source = spoiled(repository, endsInSeven);
    const whole = await run(source);
    const [files, lines] = [await partHashes(whole.folder), await linesOf(whole.folder)];
    const size = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 12 }), size, size, fc.integer({ min: 1, max: 4 }), async (...of) => {
        const [pages, before, after, parallel] = of;
        const folder = await tempFolder();
        await run(cutAfter(source, pages), { batchSize: before, parallel }, folder).catch(() => undefined);
        const { manifest } = await run(source, { batchSize: after, parallel: 5 - parallel, resume: true }, folder);
        expect(manifest.collections[0]?.counts.quarantined).toBe(9);
        expect(await partHashes(folder)).toEqual(files);
        expect(await linesOf(folder)).toEqual(lines);
      }),
      { numRuns: 12 },
    );
  });

  it('makes an increment in which they are gone', async () => {
    const { repository } = await filled(dense('c', 2), points);
    const base = await run(repository, { id: 'base' });
    const since = await openDataset(localStorage(base.folder));
    const { manifest, folder } = await run(spoiled(repository, endsInSeven), { id: 'inc', since });
    const expected = await run(spoiled(repository, endsInSeven));
    expect(manifest.collections[0]?.counts).toMatchObject({ exported: 0, quarantined: 9 });
    expect((await linesOf(folder)).map(({ id }) => id)).toEqual(sevens);
    const chain = await openDatasetChain([since, await openDataset(localStorage(folder))]);
    expect(chain.collection().digest).toEqual(expected.manifest.collections[0]?.digest);
  });
});

describe('numbers that are infinite or none', () => {
  const vectors = [
    [1, 2],
    [Number.NaN, 1],
    [1, Number.NEGATIVE_INFINITY],
    [3, 4],
  ];
  const odd = async () =>
    filled(
      dense('c', 2),
      vectors.map((vector, n) => ({ id: `p${n}`, embedding: Float32Array.from(vector) })),
    );

  it('are carried as they are, unless they are not wanted', async () => {
    const { repository } = await odd();
    expect((await run(repository)).manifest.collections[0]?.counts).toMatchObject({ exported: 4, quarantined: 0 });
    const { manifest, folder } = await run(repository, { nonFinite: 'quarantine' });
    expect(manifest.collections[0]).toMatchObject({
      counts: { exported: 2, quarantined: 2 },
      selection: { nonFinite: 'quarantine' },
    });
    expect((await linesOf(folder)).map(({ id, reason }) => [id, reason])).toEqual([
      ['p1', "The vector 'default' has the number NaN."],
      ['p2', "The vector 'default' has the number -Infinity."],
    ]);
  });

  it('are found in sparse and in multi-vectors too', async () => {
    const { repository } = await filled(
      {
        name: 'c',
        idKinds: ['string'],
        vectors: {
          s: { kind: 'sparse', elementType: 'float32', metric: 'dot' },
          m: { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'dot' },
        },
      },
      [
        { id: 'a', vectors: { s: { indices: Uint32Array.of(1), values: Float32Array.of(Number.NaN) } } },
        { id: 'b', vectors: { s: { indices: Uint32Array.of(1), values: Float32Array.of(2) } } },
        { id: 'c', vectors: { m: [Float32Array.of(1, 2), Float32Array.of(3, Number.POSITIVE_INFINITY)] } },
      ],
    );
    const { folder } = await run(repository, { nonFinite: 'quarantine' });
    expect((await linesOf(folder)).map(({ id }) => id)).toEqual(['a', 'c']);
  });
});

describe('a transform that fails at single points', () => {
  const transform: Transform = {
    name: './odd.mjs',
    sha256: 'b'.repeat(64),
    onError: 'quarantine',
    record: (record) => {
      if (record.id.endsWith('3')) throw new Error('no threes');
      if (record.id.endsWith('4')) return { ...record, vectors: { default: Float32Array.of(1) } };
      return record.id.endsWith('5') ? undefined : record;
    },
  };

  it('puts those into quarantine, in an export', async () => {
    const { repository } = await filled(dense('c', 2), points);
    const { manifest, folder } = await run(repository, { transform });
    expect(manifest.collections[0]?.counts).toMatchObject({ exported: 63, quarantined: 18 });
    const lines = await linesOf(folder);
    expect(lines.slice(0, 2).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no threes'),
      expect.stringContaining('1 dimensions'),
    ]);
    await expect(run(repository, { transform: { ...transform, onError: 'stop' } })).rejects.toThrow('no threes');
  });

  it('puts those into quarantine, in an import that is verified', async () => {
    const { repository, store } = await filled(dense('c', 2), points);
    const { folder } = await run(repository);
    const state = await tempFolder();
    const report = await importDataset({
      dataset: await openDataset(localStorage(folder)),
      target: store,
      as: 'copy',
      mode: 'create',
      transform,
      verify: true,
      state: localStorage(state),
    });
    expect(report).toMatchObject({ complete: false, quarantine: { points: 18 } });
    expect(report.collections[0]).toMatchObject({ accepted: 63, refused: 18, comparison: { equal: true, points: 63 } });
    expect(await readFile(join(state, 'quarantine.ndjson'), 'utf8')).toContain('no threes');
  });

  it('is refused where it changes batches, as nobody knows at which point it failed', async () => {
    const { repository } = await filled(dense('c', 2), points);
    const batches: Transform = { ...transform, record: undefined, batch: () => batchFromRecords([]) };
    await expect(run(repository, { transform: batches })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
