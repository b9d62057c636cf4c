import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { partHashes, partsIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';

/** Where datasets are, and where they are downloaded to. */
let bucket: string;
let cwd: string;

/** Run a command line; `$` is the folder of datasets, `@` the one of downloads. */
const run = async (line: string, env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
  runHere(line.replaceAll('$', bucket).replaceAll('@', cwd).split(' '), { cwd, env });

beforeAll(async () => {
  bucket = await tempFolder();
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [
    { name: 'items', points: 300, dimension: 8 },
    { name: 'tags', points: 30, dimension: 4 },
  ]);
  for (const line of [
    'export --from lancedb:@/data#items --to $/items/ --limit 20',
    'export --from lancedb:@/data#items --to $/items/',
    'export --from lancedb:@/data#tags --to $/tags/weekly --part-rows 10',
    'export --from lancedb:@/data#tags --to $/tags/lines --strategy ndjson-gz',
  ]) {
    expect(await run(line)).toMatchObject({ code: 0 });
  }
});

afterAll(removeTempFolders);

describe('vecport download', () => {
  it('lists the exports, the newest first', async () => {
    const { code, stdout } = await run('download --from $/ --list');
    expect(code).toBe(0);
    expect(stdout.split('\n').flatMap((line) => /│ (\S+\/\S+)\s/.exec(line)?.[1] ?? [])).toEqual([
      'tags/lines',
      'tags/weekly',
      expect.stringMatching(/^items\/items-/),
      expect.stringMatching(/^items\/items-/),
    ]);
    const listed = await run('download --from $/ --list --collection items --json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ exports: [{ points: 300 }, { points: 20 }] });
  });

  it('gives the latest export of a collection as one file, and replaces it only when it is told to', async () => {
    const output = join(cwd, 'out', 'latest.parquet');
    const first = await run('download --from $/ --output @/out/latest.parquet', { QDRANT_COLLECTION_NAME: 'items' });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('items: 300 points') });
    const [part] = Object.values(await partHashes(await latestOf('items')));
    expect(await sha256(output)).toBe(part);
    const again = await run('download --from $/ --collection items --output @/out/latest.parquet');
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('add --force') });
    const forced = await run('download --from $/ --collection items --output @/out/latest.parquet --force --json');
    expect(JSON.parse(forced.stdout)).toMatchObject({ single: true, path: output, points: 300, kept: 0 });
    expect(await readdir(join(cwd, 'out'))).toEqual(['latest.parquet']);
  });

  it('gives an export of several files as a folder, which is a dataset', async () => {
    expect(await run('download --from $/ --id weekly --output @/weekly')).toMatchObject({ code: 0 });
    expect(await partsIn(join(cwd, 'weekly'))).toHaveLength(3);
    expect(await run('verify @/weekly --against lancedb:@/data#tags')).toMatchObject({ code: 0 });
    const one = await run('download --from $/tags/weekly --output @/weekly.parquet');
    expect(one).toMatchObject({ code: 2, stderr: expect.stringContaining('has 3 files') });
    expect(await run('download --from $/tags/lines --output @/lines')).toMatchObject({ code: 0 });
    expect(await run('verify @/lines')).toMatchObject({ code: 0 });
  });

  it('says what is not there', async () => {
    const none = await run('download --from $/ --collection nothing');
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("of the collection 'nothing'") });
    const empty = await run('download --from @/nowhere/ --list');
    expect(empty).toMatchObject({ code: 0, stdout: expect.stringContaining('There is no export in') });
  });

  it('refuses what is damaged, and leaves nothing', async () => {
    const damaged = join(cwd, 'damaged');
    await cp(await latestOf('items'), damaged, { recursive: true });
    const [path = ''] = await partsIn(damaged);
    const bytes = await readFile(join(damaged, path));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(join(damaged, path), bytes);
    const { code, stderr } = await run('download --from @/damaged --output @/never.parquet');
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is not what its manifest says'),
    });
    expect(existsSync(join(cwd, 'never.parquet'))).toBe(false);
  });
});

describe('vecport clean', () => {
  it('removes an unfinished export, and nothing else', async () => {
    const root = join(cwd, 'half');
    await cp(join(bucket, 'tags'), root, { recursive: true });
    await writeFile(join(root, 'weekly', 'plan.json'), '{}');
    await rm(join(root, 'weekly', 'manifest.json'));
    const dry = await run('clean @/half --older-than 1ms --dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('would be removed') });
    expect(await partsIn(join(root, 'weekly'))).toHaveLength(3);
    expect(await run('clean @/half')).toMatchObject({ code: 0, stdout: expect.stringContaining('--older-than') });
    const { stdout } = await run('clean @/half --older-than 1ms --json');
    expect(JSON.parse(stdout)).toMatchObject({ exports: [{ folder: 'weekly', outcome: 'removed' }] });
    expect(await partsIn(join(root, 'weekly'))).toHaveLength(0);
    expect(await run('verify @/half/lines')).toMatchObject({ code: 0 });
  });
});

describe('vecport inspect --statistics', () => {
  it('tells of the vectors', async () => {
    const { code, stdout } = await run('inspect $/tags/weekly --statistics');
    expect(code).toBe(0);
    expect(stdout).toMatch(/│\s+│ default\s+│ dense float32 × 4\s+│ cosine │/);
    const measured = await run('inspect $/tags/lines --statistics --json');
    const vectors = {
      vectors: 30,
      missing: 0,
      zero: 0,
      notFinite: 0,
      duplicates: 0,
      norm: { min: expect.any(Number) },
    };
    expect(JSON.parse(measured.stdout)).toMatchObject({ statistics: { tags: { default: vectors } } });
  });
});

/** The newest export of a collection. */
async function latestOf(collection: string): Promise<string> {
  const names = await readdir(join(bucket, collection));
  const last = names.toSorted().findLast((name) => name.startsWith(collection));
  if (last === undefined) throw new Error(`There is no export of ${collection}.`);
  return join(bucket, collection, last);
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
