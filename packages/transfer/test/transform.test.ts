import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type JsonObject, metadataFromTexts, metadataText, type VectorBatch } from '@vecport/abstractions';
import { openDataset, readPart } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type ExportReport, exportDataset, loadTransform, type Transform, verifyDataset } from '../src/index.js';
import { cutAfter, partHashes } from './faults.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

const fixed = { name: 'map.mjs', sha256: 'a'.repeat(64) } as const;
const onlyEven: Transform = {
  ...fixed,
  record: (record) => ((record.metadata as { n: number }).n % 2 === 0 ? record : undefined),
};

async function transformed(
  transform: Transform,
  points = randomPoints(3, 40, 2),
): Promise<{ report: ExportReport; texts: readonly (readonly [string, string | undefined])[] }> {
  const { repository } = await filled(dense('c', 2), points);
  const storage = localStorage(await tempFolder());
  const report = await exportDataset(exporting(repository, storage, { transform, batchSize: 7 }));
  const texts: (readonly [string, string | undefined])[] = [];
  for (const part of (await openDataset(storage)).collection().parts) {
    for await (const batch of readPart(storage, part)) {
      texts.push(...batch.ids.map((id, row) => [id, metadataText(batch.metadata, row)] as const));
    }
  }
  return { report, texts };
}

describe('a transform of records', () => {
  it('changes points, drops some, and the export is complete all the same', async () => {
    const { report, texts } = await transformed({
      ...fixed,
      record: async ({ id, vectors, metadata }) => {
        const { n } = metadata as { n: number };
        return n % 2 === 0 ? { id: `x-${id}`, vectors, metadata: { n, big: 2n ** 60n } } : undefined;
      },
    });
    expect(report.warnings).toEqual([]);
    expect(report.manifest.collections[0]).toMatchObject({
      counts: { before: 40, after: 40, exported: 20 },
      selection: { transform: fixed.sha256 },
    });
    expect(texts[1]).toEqual(['x-point-000002', '{"n":2,"big":1152921504606846976}']);
  });

  it('keeps the spelling of metadata it does not change, and the vectors', async () => {
    const points = [
      { id: 'a', embedding: Float32Array.of(1, 2), metadataText: '{ "n": 1.00, "n2":1e2 }' },
      { id: 'b', embedding: Float32Array.of(1, 2), metadataText: '{ "n": 1.00 }' },
      { id: 'c', embedding: Float32Array.of(1, 2) },
    ];
    const { report, texts } = await transformed(
      {
        ...fixed,
        record: (record) => {
          if (record.id === 'b') (record.metadata as JsonObject & { n: number }).n = 2;
          return record;
        },
      },
      points,
    );
    expect(texts).toEqual([
      ['a', '{ "n": 1.00, "n2":1e2 }'],
      ['b', '{"n":2}'],
      ['c', undefined],
    ]);
    const plain = await transformed({ ...fixed, record: (record) => record }, points);
    expect(plain.report.manifest.collections[0]?.digest.vectors).toBe(report.manifest.collections[0]?.digest.vectors);
  });

  it('writes the same files however often it is interrupted, also when whole pages are dropped', async () => {
    const { repository } = await filled(dense('c', 2), randomPoints(5, 200, 2));
    const transform: Transform = {
      ...fixed,
      record: (record) => {
        const { n } = record.metadata as { n: number };
        return n % 50 < 20 ? undefined : record;
      },
    };
    const whole = await tempFolder();
    const options = { transform, partRows: 11, parallel: 1 };
    await exportDataset(exporting(repository, localStorage(whole), options));
    const folder = await tempFolder();
    for (const pages of [2, 9, 1, 14]) {
      const cut = cutAfter(repository, pages);
      const run = exportDataset(
        exporting(cut, localStorage(folder), { ...options, resume: true, batchSize: 3 + (pages % 4) }),
      );
      await expect(run).rejects.toThrow('cut');
    }
    const report = await exportDataset(exporting(repository, localStorage(folder), { ...options, resume: true }));
    expect(await partHashes(folder)).toEqual(await partHashes(whole));
    expect(report).toMatchObject({ warnings: [], manifest: { collections: [{ counts: { exported: 120 } }] } });
  });

  it.each<[string, Transform['record'], string]>([
    ['throws', () => fail('no such language'), "map.mjs failed at the point 'point-000000': no such language."],
    ['gives nothing that is a record', (() => 5) as never, "failed at the point 'point-000000'"],
    ['gives one id twice', (record) => ({ ...record, id: 'same' }), "map.mjs gave the point 'same' twice"],
    ['gives no id', (record) => ({ ...record, id: '' }), 'id is empty'],
    ['gives another vector', (record) => ({ ...record, vectors: { more: Float32Array.of(1) } }), "a vector 'more'"],
    [
      'gives another dimension',
      (record) => ({ ...record, vectors: { default: Float32Array.of(1) } }),
      "a vector 'default' of 1 dimensions from the point 'point-000000' on; the collection's have 2",
    ],
    [
      'gives another kind',
      (record) => ({ ...record, vectors: { default: [Float32Array.of(1, 2)] } }),
      'a multi vector',
    ],
  ])('that %s is refused by name', async (_case, record, message) => {
    await expect(transformed({ ...fixed, record })).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining(message),
    });
  });

  it('that gives an id of another page again is refused', async () => {
    const twice: Transform = { ...fixed, record: (record) => ({ ...record, id: record.id.replace(/.$/, '0') }) };
    await expect(transformed(twice, randomPoints(1, 14, 2))).rejects.toThrow(/twice|more than once/);
  });
});

describe('a transform of batches', () => {
  it('may give fewer, other and more points', async () => {
    const doubled: Transform = {
      ...fixed,
      batch: async (batch) => ({
        ids: batch.ids.flatMap((id) => [`${id}-a`, `${id}-b`]),
        vectors: {},
        metadata: metadataFromTexts(batch.ids.flatMap(() => ['1', undefined])),
      }),
    };
    const { report, texts } = await transformed(doubled);
    expect(report.manifest.collections[0]?.counts.exported).toBe(80);
    expect(texts.slice(0, 2)).toEqual([
      ['point-000000-a', '1'],
      ['point-000000-b', undefined],
    ]);
  });

  it.each<[string, Transform['batch'], string]>([
    ['throws', () => fail('broken'), "failed in the batch that begins with the point 'point-000000': broken."],
    [
      'gives no batch',
      (() => undefined) as never,
      "gave no batch for the one that begins with the point 'point-000000'",
    ],
    ['gives an id twice', (batch: VectorBatch) => ({ ...batch, ids: batch.ids.map(() => 'x') }), "the point 'x' twice"],
  ])('that %s is refused by name', async (_case, batch, message) => {
    await expect(transformed({ ...fixed, batch })).rejects.toMatchObject({ reason: expect.stringContaining(message) });
  });
});

it('a resumed run refuses another transform, and one more or less', async () => {
  const { repository } = await filled(dense('c', 2), randomPoints(3, 60, 2));
  const storage = localStorage(await tempFolder());
  const options = { partRows: 5, batchSize: 5, parallel: 1 };
  const cut = exporting(cutAfter(repository, 4), storage, { ...options, transform: onlyEven });
  await expect(exportDataset(cut)).rejects.toThrow('cut');
  for (const transform of [{ ...onlyEven, sha256: 'b'.repeat(64) }, undefined]) {
    const run = exportDataset(exporting(repository, storage, { ...options, transform, resume: true }));
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument', reason: expect.stringContaining('selection') });
  }
});

it('a transformed dataset is not compared with its source', async () => {
  const { repository } = await filled(dense('c', 2), randomPoints(3, 6, 2));
  const storage = localStorage(await tempFolder());
  await exportDataset(exporting(repository, storage, { transform: onlyEven }));
  const dataset = await openDataset(storage);
  await expect(verifyDataset({ dataset, against: { c: repository } })).rejects.toMatchObject({
    code: 'not-supported',
    reason: expect.stringContaining('went through a transform'),
  });
  expect((await verifyDataset({ dataset })).ok).toBe(true);
});

describe('loadTransform', () => {
  it('loads a function for batches or one for records, and the hash of the file', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'batch.mjs'), 'export default (batch) => batch;');
    await writeFile(join(folder, 'record.mjs'), 'export const record = (record) => record;');
    const batch = await loadTransform(join(folder, 'batch.mjs'));
    const record = await loadTransform(join(folder, 'record.mjs'));
    expect([typeof batch.batch, typeof batch.record, typeof record.batch, typeof record.record]).toEqual([
      'function',
      'undefined',
      'undefined',
      'function',
    ]);
    expect(batch.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(batch.sha256).not.toBe(record.sha256);
  });

  it.each([
    ['neither', 'export const other = 1;', 'has neither of'],
    ['both', 'export default (x) => x; export const record = (x) => x;', 'has both of'],
    ['an error', 'throw new Error("at once");', 'cannot be loaded: at once'],
  ])('refuses a module with %s', async (_case, text, message) => {
    const path = join(await tempFolder(), 'map.mjs');
    await writeFile(path, text);
    await expect(loadTransform(path)).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining(message),
    });
    await expect(loadTransform(`${path}.not`)).rejects.toMatchObject({ code: 'not-found' });
  });
});

function fail(message: string): never {
  throw new Error(message);
}
