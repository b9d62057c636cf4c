import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { metadataText, parseJson, vectorAt } from '@vecport/abstractions';
import { type Dataset, openDataset, openForeignDataset, validateDataset } from '@vecport/dataset';
import { localStorage, type Storage } from '@vecport/storage';
import { removeTempFolders, tempFolder } from '@vecport/testkit';

afterAll(removeTempFolders);

const FILES = join(import.meta.dirname, 'files');
const at = (folder: string): Storage => localStorage(join(FILES, folder));

interface Row {
  readonly id: string;
  readonly metadata: string | undefined;
  readonly vectors: Readonly<Record<string, string>>;
}

async function rowsOf(dataset: Dataset, collection?: string, tenant?: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of dataset.read(dataset.collection(collection), { tenant, batchRows: 3 })) {
    for (const [row, id] of batch.ids.entries()) {
      const vectors = Object.entries(batch.vectors).flatMap(([name, column]) => {
        const value = vectorAt(column, row);
        return value === undefined ? [] : [[name, hexOf(value)] as const];
      });
      rows.push({ id, metadata: metadataText(batch.metadata, row), vectors: Object.fromEntries(vectors) });
    }
  }
  return rows;
}

function hexOf(value: NonNullable<ReturnType<typeof vectorAt>>): string {
  if (Array.isArray(value)) return (value as readonly Float32Array[]).map(hexOf).join('|');
  if ('indices' in value) return `${[...value.indices].join(',')}:${hexOf(value.values)}`;
  return Buffer.from((value as Float32Array).slice().buffer).toString('hex');
}

/** A folder with one file of the fixtures, by the name it is to have. */
async function folderWith(file: string, name = 'Things.parquet'): Promise<string> {
  const folder = await tempFolder();
  await cp(join(FILES, file), join(folder, name));
  return folder;
}

const float = (...values: readonly number[]): string => Buffer.from(Float32Array.from(values).buffer).toString('hex');
const ID = '00000000-0000-4000-8000-00000000000';

describe('an export made by Weaviate 1.39', () => {
  it('has its classes, shards and tenants', async () => {
    const dataset = await openForeignDataset(at('weaviate'), { layout: 'weaviate', metric: 'cosine' });
    expect(dataset.manifest).toMatchObject({
      id: 'exp1',
      layout: 'weaviate',
      source: { provider: 'weaviate' },
      losses: [],
    });
    const shape = dataset.manifest.collections.map(({ name, counts, parts, tenants }) => [
      name,
      counts.exported,
      parts.length,
      tenants?.map((tenant) => [tenant.name, tenant.counts.exported]),
    ]);
    expect(shape).toEqual([
      ['Article', 4, 2, undefined],
      ['Named', 2, 1, undefined],
      [
        'Tenanted',
        2,
        2,
        [
          ['Bob', 1],
          ['alice', 1],
        ],
      ],
    ]);
    expect(dataset.collection('Named').description).toEqual({
      name: 'Named',
      idKinds: ['uuid'],
      vectors: {
        body: { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'cosine' },
        title: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' },
        colbert: { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'cosine' },
      },
    });
    expect(await validateDataset(dataset)).toMatchObject({ ok: true, rows: 8, problems: [] });
  });

  it('gives vectors of every kind and properties as they stand in the files', async () => {
    const dataset = await openForeignDataset(at('weaviate'), { layout: 'weaviate' });
    expect(await rowsOf(dataset, 'Named')).toEqual([
      {
        id: `${ID}1`,
        metadata: '{"title":"all"}',
        vectors: {
          body: float(0.1, 0.2, 1e-7),
          title: float(1, 2),
          colbert: [float(1, 2), float(3, 4), float(5, 6)].join('|'),
        },
      },
      { id: `${ID}2`, metadata: '{"title":"body"}', vectors: { body: float(3, 4, 5) } },
    ]);
    const articles = (await rowsOf(dataset, 'Article')).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    expect(articles.map(({ vectors }) => vectors)).toEqual([
      { default: float(0.1, -0, 3) },
      { default: float(1, 2, 3) },
      {},
      { default: float(4, 5, 6) },
    ]);
    expect(articles[0]?.metadata).toBe(
      '{"b":true,"d":"2024-02-29T12:00:00.123456789+02:00","f":1,"n":9007199254740992,"o":{"x":5},"tags":["a","b"],"title":"ünï \\"x\\"","u":"a0000000-0000-4000-8000-00000000000f"}',
    );
    expect(await rowsOf(dataset, 'Tenanted', 'alice')).toEqual([
      { id: `${ID}1`, metadata: '{"title":"alice1"}', vectors: { default: float(1, 2) } },
    ]);
  });

  it('keeps the times', async () => {
    const dataset = await openForeignDataset(at('weaviate'), { layout: 'weaviate' });
    for await (const { createdAt, updatedAt } of dataset.read(dataset.collection('Named'))) {
      expect([createdAt?.[0], updatedAt?.[1]]).toEqual([1795273618789, 1795273618789]);
    }
  });

  it('is refused when a file is missing, or it did not succeed', async () => {
    const folder = await tempFolder();
    await cp(join(FILES, 'weaviate'), folder, { recursive: true });
    await localStorage(folder).delete('Article_tdChoKGLDBFc_0000.parquet');
    await expect(openForeignDataset(localStorage(folder), { layout: 'weaviate' })).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining("'Article' has 3 objects"),
    });
    const summary = await readFile(join(FILES, 'weaviate/export_metadata.json'), 'utf8');
    await writeFile(join(folder, 'export_metadata.json'), summary.replace('"status": "SUCCESS"', '"status": "FAILED"'));
    await expect(openForeignDataset(localStorage(folder), { layout: 'weaviate' })).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('FAILED'),
    });
  });
});

const CODECS = ['none', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli'];

describe('Parquet of other writers in the layout qdrant', () => {
  const same = [
    ...CODECS.flatMap((codec) => [`${codec}-v1`, `${codec}-v2`]),
    ...['plain', 'split', 'fixed-list', 'large-list', 'double', 'duckdb', 'polars'],
  ];

  it.each(same)('%s gives every point back', async (name) => {
    const expected = JSON.parse(await readFile(join(FILES, 'qdrant/expected.json'), 'utf8')) as {
      id: string;
      metadata: string | null;
      vector: string | null;
    }[];
    const folder = await folderWith(`qdrant/${name}.parquet`);
    const dataset = await openForeignDataset(localStorage(folder), { layout: 'qdrant' });
    expect(await rowsOf(dataset)).toEqual(
      expected.map(({ id, metadata, vector }) => ({
        id,
        metadata: metadata ?? undefined,
        vectors: vector === null ? {} : { default: vector },
      })),
    );
    expect(dataset.collection()).toMatchObject({
      name: 'Things',
      description: { idKinds: ['string'], vectors: { default: { kind: 'dense', dimension: 3 } } },
    });
  });

  it('keeps long integers as ids', async () => {
    const folder = await folderWith('qdrant/long-keys.parquet');
    const dataset = await openForeignDataset(localStorage(folder), { layout: 'qdrant' });
    expect(dataset.collection().description.idKinds).toEqual(['u64']);
    expect((await rowsOf(dataset))[1]?.id).toBe('9223372036854775806');
  });

  it.each([
    ['half', float(0)],
    ['ints', float(0)],
  ])('%s are floats that are exact', async (name) => {
    const folder = await folderWith(`qdrant/${name}.parquet`);
    const dataset = await openForeignDataset(localStorage(folder), { layout: 'qdrant' });
    expect(dataset.collection().counts.exported).toBe(24);
  });

  it('refuses doubles that no float32 is', async () => {
    const folder = await folderWith('qdrant/inexact-double.parquet');
    await expect(openForeignDataset(localStorage(folder), { layout: 'qdrant' })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(/Things\.parquet: .*0\.1, which no float32 is.*cast/),
    });
  });

  it('refuses ids that are there twice, across files', async () => {
    const folder = await folderWith('qdrant/plain.parquet', 'a.parquet');
    await cp(join(FILES, 'qdrant/zstd-v2.parquet'), join(folder, 'b.parquet'));
    const options = { layout: 'qdrant', collection: 'Things' } as const;
    await expect(openForeignDataset(localStorage(folder), options)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringMatching(/b\.parquet: 'Things' has the id 'key-0' more than once/),
    });
  });

  it('refuses another layout, naming the columns there are', async () => {
    const folder = await folderWith('qdrant/plain.parquet');
    await expect(openForeignDataset(localStorage(folder), { layout: 'weaviate' })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('key, metadata, vector'),
    });
  });

  it('finds a flipped bit and a cut file', async () => {
    const file = await readFile(join(FILES, 'qdrant/plain.parquet'));
    const folder = await tempFolder();
    for (const damaged of [
      flipped(file, 60),
      file.subarray(0, file.length - 9),
      file.subarray(0, 100),
      Buffer.from('PAR1PAR1'),
    ]) {
      await writeFile(join(folder, 'Things.parquet'), damaged);
      await expect(openForeignDataset(localStorage(folder), { layout: 'qdrant' })).rejects.toMatchObject({
        code: 'corrupt-data',
        message: expect.stringContaining('Things.parquet'),
      });
    }
  });

  it('never ends in anything but an error of ours, whatever byte is changed', async () => {
    const file = await readFile(join(FILES, 'qdrant/gzip-v1.parquet'));
    const folder = await tempFolder();
    for (let at = 4; at < file.length; at += 41) {
      await writeFile(join(folder, 'Things.parquet'), flipped(file, at));
      const outcome = await openForeignDataset(localStorage(folder), { layout: 'qdrant' }).catch(
        (error: unknown) => error,
      );
      if (outcome instanceof Error) expect(outcome.name).toBe('VecportError');
    }
  });
});

describe('a dataset of the VDF tool', () => {
  it('has its metadata as JSON with exact numbers', async () => {
    const dataset = await openForeignDataset(at('vdf'), { layout: 'vdf' });
    expect(dataset.manifest).toMatchObject({ source: { provider: 'qdrant' }, losses: [] });
    const { description, counts, parts } = dataset.collection('Things');
    expect([counts.exported, parts.length]).toEqual([6, 2]);
    expect(description).toMatchObject({
      embeddingModel: 'm1',
      vectors: { default: { kind: 'dense', dimension: 3, metric: 'cosine' } },
    });
    const rows = await rowsOf(dataset);
    expect(rows[3]).toEqual({
      id: 'id-3',
      vectors: { default: float(3.5, -0.75, 1000) },
      metadata:
        '{"title":"t3 ü","n":9007199254740996,"f":0.75,"ok":false,"tags":[],"deep":{"x":3,"y":[3,4]},"only":"some"}',
    });
    expect(parseJson(rows[4]?.metadata ?? '')).not.toHaveProperty('only');
  });

  it('is refused when its description points outside', async () => {
    const folder = await tempFolder();
    await cp(join(FILES, 'vdf'), folder, { recursive: true });
    const meta = await readFile(join(folder, 'VDF_META.json'), 'utf8');
    await writeFile(join(folder, 'VDF_META.json'), meta.replace('"data_path": "Things"', '"data_path": "../../etc"'));
    await expect(openForeignDataset(localStorage(folder), { layout: 'vdf' })).rejects.toMatchObject({
      code: 'corrupt-data',
    });
  });
});

describe('openForeignDataset', () => {
  it('refuses our own layout, and a folder without files', async () => {
    const storage = localStorage(await tempFolder());
    await expect(openForeignDataset(storage, { layout: 'native' })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(openForeignDataset(storage, { layout: 'qdrant' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(openDataset(storage)).rejects.toMatchObject({ code: 'not-found' });
  });
});

function flipped(file: Buffer, at: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}
