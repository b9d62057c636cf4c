import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { CollectionDescription, VectorRecord } from '@vecport/abstractions';
import { type Layout, openDataset, validateDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { cleanDatasets, exportDataset, importDataset, openCollection, previewExport } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

const FILES: Readonly<Record<Exclude<Layout, 'native'>, string>> = {
  weaviate: 'Things.parquet',
  qdrant: 'Things.parquet',
  pinecone: 'Things/__default__/0.parquet',
  vdf: 'Things/_/1.parquet',
};
const LAYOUTS = Object.keys(FILES) as (keyof typeof FILES)[];

describe.each(LAYOUTS)('an export in the layout %s', (layout) => {
  it('is one file, valid, equal to its source, and imports with an equal digest', async () => {
    const { repository } = await filled(dense('Things', 5), randomPoints(1, 300, 5));
    const folder = await tempFolder();
    const storage = localStorage(folder);
    await exportDataset(exporting(repository, storage, { layout, partRows: 70 }));
    expect((await filesIn(folder)).filter((path) => path.endsWith('.parquet'))).toEqual([FILES[layout]]);
    const dataset = await openDataset(storage);
    expect(dataset.manifest).toMatchObject({ layout, encoding: { vectors: 'plain' }, losses: [] });
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: 300 });
    const target = memoryRepositories();
    const report = await importDataset({ dataset, target, mode: 'create', verify: true });
    expect(report).toMatchObject({ complete: true, collections: [{ accepted: 300, comparison: { equal: true } }] });
  });

  it('has the same bytes after a kill at any moment of the joining', async () => {
    const { repository } = await filled(dense('Things', 3), randomPoints(2, 200, 3));
    const whole = await tempFolder();
    await exportDataset(exporting(repository, localStorage(whole), { layout, partRows: 30 }));
    const expected = await hashesIn(whole);
    const folder = await tempFolder();
    let cuts = 0;
    for (let calls = 1; ; calls++) {
      const storage = dying(localStorage(folder), calls);
      const run = exportDataset(exporting(repository, storage, { layout, partRows: 30, resume: true }));
      const outcome = await run.then(
        () => 'done',
        (error: Error) => error.message,
      );
      if (outcome === 'done') break;
      expect(outcome).toBe('killed');
      cuts++;
    }
    expect(cuts).toBeGreaterThan(8);
    expect(await hashesIn(folder)).toEqual(expected);
    expect((await validateDataset(await openDataset(localStorage(folder)))).ok).toBe(true);
  });

  it('refuses to go on in another layout', async () => {
    const { repository } = await filled(dense('Things', 3), randomPoints(2, 20, 3));
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { layout }));
    const again = exportDataset(
      exporting(repository, storage, {
        resume: true,
        encoding: { format: 'parquet', compression: 'zstd', vectors: 'plain' },
      }),
    );
    await expect(again).rejects.toMatchObject({ code: 'already-exists', message: expect.stringContaining('layout') });
    expect((await exportDataset(exporting(repository, storage, { layout, resume: true }))).resumed).toBe('complete');
  });

  it('has a file for each tenant', async () => {
    const store = memoryRepositories();
    await store.create({ ...dense('Things', 2), multiTenant: true });
    for (const tenant of ['acme', 'ACME', 'a/b']) {
      await store.createTenant('Things', tenant);
      await (await store.repository('Things', { tenant })).upsertMany(randomPoints(3, 25, 2));
    }
    const folder = await tempFolder();
    const storage = localStorage(folder);
    await exportDataset({
      ...exporting(await store.repository('Things', { tenant: 'acme' }), storage, { layout, partRows: 10 }),
      repositories: await openCollection(store, 'Things', {}),
    });
    const dataset = await openDataset(storage);
    expect(new Set(dataset.collection().parts.map(({ tenant }) => tenant))).toEqual(new Set(['acme', 'ACME', 'a/b']));
    expect(dataset.collection().parts.length).toBe(3);
    expect((await validateDataset(dataset)).ok).toBe(true);
    const report = await importDataset({ dataset, target: memoryRepositories(), mode: 'create', verify: true });
    expect(report.complete).toBe(true);
  });
});

const RICH: CollectionDescription = {
  name: 'Rich',
  vectors: {
    default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' },
    title: { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'dot' },
    col: { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'dot' },
  },
  idKinds: ['string'],
};

const RICH_POINTS: readonly VectorRecord[] = [
  {
    id: 'a',
    vectors: { default: Float32Array.of(0.1, -0), title: Float32Array.of(1e-7, 2, 3.4e38) },
    metadataText: '{"n": 9007199254740993}',
  },
  { id: 'b', vectors: { col: [Float32Array.of(1, 2), Float32Array.of(3, 4)] } },
  { id: 'c', metadataText: '{}' },
];

describe('layouts', () => {
  it('weaviate holds named and multi vectors, points without vectors and long integers', async () => {
    const { repository } = await filled(RICH, RICH_POINTS);
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { layout: 'weaviate' }));
    const dataset = await openDataset(storage);
    expect(dataset.manifest.losses).toEqual([]);
    const target = memoryRepositories();
    expect((await importDataset({ dataset, target, mode: 'create', verify: true })).complete).toBe(true);
    const native = localStorage(await tempFolder());
    await exportDataset(exporting(repository, native));
    expect(dataset.collection().digest).toEqual((await openDataset(native)).collection().digest);
  });

  it.each(['qdrant', 'pinecone', 'vdf'] as const)(
    '%s refuses a collection it cannot hold before anything is written',
    async (layout) => {
      const { repository } = await filled(RICH, RICH_POINTS);
      const folder = await tempFolder();
      const run = exportDataset(exporting(repository, localStorage(folder), { layout }));
      await expect(run).rejects.toMatchObject({ code: 'not-supported', advice: expect.stringContaining('native') });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('qdrant names points by a field, says what is lost, and keeps points without it in the quarantine', async () => {
    const records = [7n, 'x', 18446744073709551615n, undefined, 1.5].map((n, row) => ({
      id: `id${row}`,
      embedding: Float32Array.of(row, 1),
      metadata: { n },
    }));
    const { repository } = await filled(dense('Things', 2), records);
    const storage = localStorage(await tempFolder());
    const report = await exportDataset(exporting(repository, storage, { layout: 'qdrant', keyField: 'n' }));
    const dataset = await openDataset(storage);
    expect(dataset.manifest.keyField).toBe('n');
    expect(dataset.manifest.losses).toEqual([expect.stringContaining("field 'n' instead of their ids")]);
    const ids: string[] = [];
    for await (const batch of dataset.read(dataset.collection())) ids.push(...batch.ids);
    expect(ids.sort()).toEqual(['18446744073709551615', '7', 'x']);
    expect(dataset.collection().counts).toMatchObject({ exported: 3, quarantined: 2 });
    expect(report.quarantine.reduce((sum, { points }) => sum + points, 0)).toBe(2);
    expect((await validateDataset(dataset)).ok).toBe(true);
  });

  it('qdrant refuses a field that points share', async () => {
    const records = [1, 2, 1].map((n, row) => ({
      id: `id${row}`,
      embedding: Float32Array.of(row, 1),
      metadata: { n },
    }));
    const { repository } = await filled(dense('Things', 2), records);
    const run = exportDataset(
      exporting(repository, localStorage(await tempFolder()), { layout: 'qdrant', keyField: 'n' }),
    );
    await expect(run).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining("'1'") });
  });

  it('pinecone keeps points it would not import in the quarantine', async () => {
    const { repository } = await filled(dense('Things', 2), [
      { id: 'good', embedding: Float32Array.of(1, 2), metadata: { a: 'x', b: [1.5].map(String), c: true, d: 1 } },
      { id: 'deep', embedding: Float32Array.of(1, 2), metadata: { a: { b: 1 } } },
      { id: 'null', embedding: Float32Array.of(1, 2), metadata: { a: null } },
      { id: 'large', embedding: Float32Array.of(1, 2), metadata: { a: 'x'.repeat(41_000) } },
      { id: 'x'.repeat(513), embedding: Float32Array.of(1, 2) },
      { id: 'bare', metadata: {} },
    ]);
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { layout: 'pinecone' }));
    expect((await openDataset(storage)).collection().counts).toMatchObject({ exported: 1, quarantined: 5 });
  });

  it.each([
    [{ keyField: 'n' }, 'native layout'],
    [{ layout: 'weaviate', keyField: 'n' }, 'no keys'],
    [{ layout: 'qdrant', encoding: { format: 'ndjson', compression: 'gzip' } }, 'Parquet'],
  ] as const)('refuses %j', async (options, message) => {
    const { repository } = await filled(dense('Things', 2), []);
    const run = exportDataset(exporting(repository, localStorage(await tempFolder()), options));
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument', message: expect.stringContaining(message) });
  });

  it('say in a preview what they lose', async () => {
    const { repository } = await filled(dense('Things', 2), randomPoints(1, 3, 2));
    const preview = await previewExport(
      exporting(repository, localStorage(await tempFolder()), { layout: 'qdrant', keyField: 'n' }),
    );
    expect(preview.collections[0]?.warnings).toEqual([expect.stringContaining("field 'n' instead of their ids")]);
  });

  it('vdf describes its files', async () => {
    const { repository } = await filled(dense('Things', 4), randomPoints(1, 9, 4));
    const folder = await tempFolder();
    await exportDataset(exporting(repository, localStorage(folder), { layout: 'vdf' }));
    expect(JSON.parse(await readFile(join(folder, 'VDF_META.json'), 'utf8'))).toMatchObject({
      indexes: {
        Things: [
          {
            namespace: '',
            index_name: 'Things',
            total_vector_count: 9,
            exported_vector_count: 9,
            dimensions: 4,
            vector_columns: ['vector'],
            data_path: 'Things/_',
            metric: 'Euclid',
          },
        ],
      },
      file_structure: ['Things/_/1.parquet'],
      id_column: 'id',
    });
  });
});

/** A storage whose process dies at the n-th write, delete or commit: nothing after it happens. */
function dying(storage: Storage, calls: number): Storage {
  let left = calls;
  const step = (): void => {
    left--;
    if (left <= 0) throw new Error('killed');
  };
  return {
    ...storage,
    delete: async (path, options) => {
      step();
      await storage.delete(path, options);
    },
    put: async (path, options) => {
      const file = await storage.put(path, options);
      return {
        ...file,
        commit: async () => {
          try {
            step();
          } catch (error) {
            await file.abort();
            throw error;
          }
          return file.commit();
        },
      };
    },
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  const files: string[] = [];
  for (const path of paths) if ((await stat(join(folder, path))).isFile()) files.push(path.replaceAll('\\', '/'));
  return files.sort();
}

async function hashesIn(folder: string): Promise<readonly (readonly [string, string])[]> {
  const files = (await filesIn(folder)).filter((path) => path.endsWith('.parquet') || path.endsWith('schema.json'));
  return Promise.all(
    files.map(
      async (path) =>
        [
          path,
          createHash('sha256')
            .update(await readFile(join(folder, path)))
            .digest('hex'),
        ] as const,
    ),
  );
}

describe('a dataset in another layout that is damaged', () => {
  async function exported(): Promise<string> {
    const { repository } = await filled(dense('Things', 3), randomPoints(1, 50, 3));
    const folder = await tempFolder();
    await exportDataset(exporting(repository, localStorage(folder), { layout: 'qdrant' }));
    return folder;
  }

  it.each(['../x.parquet', 'collections/Things/x.parquet', 'Things.txt', '/Things.parquet', 'a//b.parquet'])(
    'is not opened when its manifest names %s',
    async (path) => {
      const folder = await exported();
      const file = join(folder, 'manifest.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"Things.parquet"', JSON.stringify(path)));
      await expect(openDataset(localStorage(folder))).rejects.toMatchObject({ code: 'corrupt-data' });
    },
  );

  it('says which file is', async () => {
    const folder = await exported();
    const file = join(folder, 'Things.parquet');
    const bytes = await readFile(file);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeFile(file, bytes);
    await writeFile(join(folder, 'Others.parquet'), bytes);
    const { problems } = await validateDataset(await openDataset(localStorage(folder)));
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['wrong-checksum', 'Things.parquet'],
      ['extra-part', 'Others.parquet'],
    ]);
  });

  it('is cleaned away with its joined files when it was not completed, and nothing else is', async () => {
    const { repository } = await filled(dense('Things', 3), randomPoints(1, 50, 3));
    const folder = await tempFolder();
    const storage = localStorage(folder);
    const options = { layout: 'qdrant', partRows: 10, keepState: true } as const;
    await exportDataset(exporting(repository, storage, options));
    await storage.delete('manifest.json');
    await writeFile(join(folder, 'mine.parquet'), 'x');
    const { exports } = await cleanDatasets({ root: storage, olderThanMs: -60_000 });
    expect(exports).toMatchObject([{ outcome: 'removed' }]);
    expect(await filesIn(folder)).toEqual(['export_metadata.json', 'mine.parquet']);
  });

  it('is no base of an increment when its points are named by a key', async () => {
    const { repository } = await filled(dense('Things', 3), randomPoints(1, 5, 3));
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage, { layout: 'qdrant', keyField: 'n' }));
    const since = await openDataset(storage);
    const run = exportDataset(exporting(repository, localStorage(await tempFolder()), { since }));
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument', message: expect.stringContaining("'n'") });
  });

  it('makes no increments', async () => {
    const { repository } = await filled(dense('Things', 3), randomPoints(1, 5, 3));
    const storage = localStorage(await tempFolder());
    await exportDataset(exporting(repository, storage));
    const since = await openDataset(storage);
    const run = exportDataset(exporting(repository, localStorage(await tempFolder()), { since, layout: 'qdrant' }));
    await expect(run).rejects.toMatchObject({ code: 'not-supported' });
  });
});
