import { createHash } from 'node:crypto';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { encodingOf, type Manifest, openDataset, type PartEntry, sumDigests } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { memoryRepositories, randomPoints, removeTempFolders, tempFolder } from '@vecport/testkit';
import { exportDataset, importDataset } from '../src/index.js';
import { dense, exporting, filled } from './stores.js';

afterAll(removeTempFolders);

type Strategy = 'ndjson-gz' | 'ndjson-zst' | 'parquet-small';

/** What is done to the dataset in a folder, and what the error must say. */
interface Damage {
  readonly name: string;
  readonly damage: (folder: string, strategy: Strategy) => Promise<void>;
  readonly code: string;
  readonly message: RegExp;
}

const DAMAGES: readonly Damage[] = [
  {
    name: 'a truncated part',
    damage: async (folder) => truncate(join(folder, (await firstPart(folder)).path), 100),
    code: 'corrupt-data',
    message: /part-000-00000\S+ has 100 bytes where the manifest says \d+/,
  },
  {
    name: 'a flipped byte',
    damage: async (folder) =>
      editFile(folder, (await firstPart(folder)).path, (bytes) => {
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        return bytes;
      }),
    code: 'corrupt-data',
    message: /part-000-00000\S+ has the SHA-256/,
  },
  {
    name: 'a missing part',
    damage: async (folder) => rm(join(folder, (await firstPart(folder)).path)),
    code: 'corrupt-data',
    message: /part-000-00000\S+ is missing/,
  },
  {
    name: 'a wrong checksum',
    damage: async (folder) => editFirst(folder, { sha256: '0'.repeat(64) }),
    code: 'corrupt-data',
    message: /part-000-00000\S+ has the SHA-256 \w+ where the manifest says 0{64}/,
  },
  {
    name: 'a manifest of a newer version',
    damage: async (folder) => editManifest(folder, (manifest) => ({ ...manifest, formatVersion: 2 })),
    code: 'not-supported',
    message: /format version 2; this version of Vecport reads up to 1.*newer Vecport/s,
  },
  {
    name: 'a manifest with a format of parts that is not known',
    damage: async (folder) => editManifest(folder, (manifest) => ({ ...manifest, encoding: { format: 'arrow' } })),
    code: 'not-supported',
    message: /in the format "arrow"; this version of Vecport reads parquet and ndjson/,
  },
  {
    name: 'no manifest',
    damage: async (folder) => rm(join(folder, 'manifest.json')),
    code: 'not-found',
    message: /no manifest\.json/,
  },
  {
    name: 'parts of two exports mixed',
    damage: async (folder, strategy) => {
      const other = await exported(strategy, 99);
      const { path } = await firstPart(folder);
      await writeFile(join(folder, path), await readFile(join(other, path)));
    },
    code: 'corrupt-data',
    message: /part-000-00000\S+ has (?:the SHA-256|\d+ bytes where)/,
  },
  {
    name: 'a part of another export beside its own',
    damage: async (folder, strategy) => {
      const other = await exported(strategy, 99);
      const { path } = await firstPart(folder);
      const name = path.replace('part-000-00000', 'part-777-00000');
      await writeFile(join(folder, name), await readFile(join(other, path)));
    },
    code: 'corrupt-data',
    message: /part-777-00000\S+ is not in the manifest: it belongs to another export/,
  },
  {
    name: 'an id in two parts',
    damage: async (folder) => {
      const [first, second] = (await manifestOf(folder)).collections[0]?.parts ?? [];
      if (first === undefined || second === undefined) throw new Error('There are no two parts.');
      await writeFile(join(folder, second.path), await readFile(join(folder, first.path)));
      await editParts(folder, (part) => (part.path === second.path ? { ...first, path: second.path, index: 1 } : part));
    },
    code: 'corrupt-data',
    message: /\d+ ids of 'c' are there more than once, for example 'point-\d+' in \S+part-000\S+ and \S+part-001/,
  },
  ...[
    '../../outside/part-000-00000.parquet',
    '/etc/part-000-00000.parquet',
    'collections/c/_/../../part-000-00000.parquet',
  ].map(
    (path): Damage => ({
      name: `the path ${path}`,
      damage: async (folder) => editFirst(folder, { path }),
      code: 'corrupt-data',
      message: /not inside 'collections\/c\/'.*Do not use this dataset/s,
    }),
  ),
];

describe.each(['parquet-small', 'ndjson-gz', 'ndjson-zst'] as const)('of a damaged dataset (%s)', (strategy) => {
  it.each(DAMAGES)('with $name nothing is imported', async ({ damage, code, message }) => {
    const folder = await exported(strategy, 1);
    await damage(folder, strategy);
    await refused(folder, code, message);
  });
});

describe('of a dataset whose part is a decompression bomb', () => {
  const long = Buffer.alloc(64 << 20, ' ');

  it.each([
    ['ndjson-gz', gzipSync(long)],
    ['ndjson-zst', zstdCompressSync(long)],
  ] as const)('nothing is imported, and it is not unpacked (%s)', async (strategy, bomb) => {
    const folder = await exported(strategy, 1);
    const { path, lines } = await firstPart(folder);
    await writeFile(join(folder, path), bomb);
    const sha256 = createHash('sha256').update(bomb).digest('hex');
    await editFirst(folder, { bytes: bomb.length, sha256 });
    await refused(folder, 'corrupt-data', /part-000-00000\S+: .*line 1 is (?:longer than|not the last)/);
    if (lines === undefined) throw new Error('The manifest says nothing of the lines.');
    await editFirst(folder, { lines: { ...lines, bytes: long.length } });
    await refused(folder, 'corrupt-data', /line 1 is longer than the longest one, which has \d+ bytes/);
    await editFirst(folder, { lines: { ...lines, bytes: long.length, longest: 2 ** 40 } });
    await refused(folder, 'corrupt-data', /lines\.longest/);
  });
});

async function refused(folder: string, code: string, message: RegExp): Promise<void> {
  const target = memoryRepositories();
  const run = openDataset(localStorage(folder)).then(async (dataset) =>
    importDataset({ dataset, target, mode: 'create' }),
  );
  await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(await target.collections()).toEqual([]);
}

/** An export of some points in four parts. */
async function exported(strategy: Strategy, seed: number): Promise<string> {
  const { repository } = await filled(dense('c', 3), randomPoints(seed, 40, 3));
  const folder = await tempFolder();
  const options = { encoding: encodingOf(strategy), partRows: 10, parallel: 1 };
  await exportDataset(exporting(repository, localStorage(folder), options));
  return folder;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
}

async function firstPart(folder: string): Promise<PartEntry> {
  const part = (await manifestOf(folder)).collections[0]?.parts[0];
  if (part === undefined) throw new Error('There is no part.');
  return part;
}

async function editFile(folder: string, path: string, edit: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(join(folder, path), edit(await readFile(join(folder, path))));
}

async function editManifest(folder: string, edit: (manifest: Manifest) => unknown): Promise<void> {
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(edit(await manifestOf(folder))));
}

async function editFirst(folder: string, more: Partial<PartEntry>): Promise<void> {
  const { path } = await firstPart(folder);
  await editParts(folder, (part) => (part.path === path ? { ...part, ...more } : part));
}

/** Change parts, and the sums over them: such a manifest does not contradict itself. */
async function editParts(folder: string, edit: (part: PartEntry) => PartEntry): Promise<void> {
  await editManifest(folder, (manifest) => ({
    ...manifest,
    collections: manifest.collections.map((collection) => {
      const parts = collection.parts.map(edit);
      return { ...collection, parts, digest: sumDigests(parts.map(({ digest }) => digest)) };
    }),
  }));
}
