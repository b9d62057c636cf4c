import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '@vecport/dataset';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { filesIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { countsIn, seedStore, withStore } from './support/seed-store.js';

let cwd: string;

/** Run a command line in this process; a `$` in it is the folder of the test. */
const run = async (line: string): Promise<RunResult> => runHere(line.replaceAll('$', cwd).split(' '), { cwd });

async function json(line: string): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(`${line} --json`);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [
    { name: 'items', points: 500, dimension: 8 },
    { name: 'tags', points: 30, dimension: 4, seed: 1 },
  ]);
});

afterAll(removeTempFolders);

describe('a collection on its way out and back', () => {
  it('is exported, verified, inspected, imported and equal', async () => {
    const exported = await run('export --from lancedb:$/data#items --to $/out/items --part-rows 100 --verify');
    expect(exported).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Exporting items: 500 of 500 points (100 %)'),
    });
    expect(exported.stdout).toMatch(/│ items\s+│\s+500 │\s+8 │\s+5 │.*│ snapshot/);
    expect(exported.stdout).toContain('Every checksum and digest was verified.');
    expect(exported.stdout).toContain('/out/items/');
    expect(await filesIn(join(cwd, 'out/items'))).toEqual(
      expect.arrayContaining(['export_metadata.json', 'manifest.json']),
    );

    expect(await run('verify $/out/items --against lancedb:$/data#items')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Equal to lancedb / items: 500 points.'),
    });

    const inspected = await run('inspect $/out/items --samples 2');
    expect(inspected).toMatchObject({ code: 0, stderr: '' });
    expect(inspected.stdout).toContain(
      'items: the first 2 points\n  id-0  default [0, 0.8415, 0.9093, 0.1411, …]  {"n":0,"lang":"de"}\n',
    );

    const imported = await run('import --from $/out/items --to lancedb:$/copy#again --verify');
    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/│ items\s+│ again\s+│\s+500 │\s+0 │.*│ equal/),
    });
    expect(await run('verify $/out/items --against lancedb:$/copy#again')).toMatchObject({ code: 0 });
  });

  it('comes back after it was dropped', async () => {
    await seedStore(join(cwd, 'dropped'), [{ name: 'items', points: 200, dimension: 8 }]);
    expect(await run('export --from lancedb:$/dropped#items --to $/out/dropped')).toMatchObject({ code: 0 });
    await withStore(join(cwd, 'dropped'), async (store) => store.drop('items'));
    expect(await run('import --from $/out/dropped --to lancedb:$/dropped')).toMatchObject({ code: 0 });
    expect(await run('verify $/out/dropped --against lancedb:$/dropped')).toMatchObject({ code: 0 });
  });

  it('is replaced when that is asked for with --force', async () => {
    await seedStore(join(cwd, 'target'), [{ name: 'items', points: 7, dimension: 3 }]);
    await run('export --from lancedb:$/data#items --to $/out/replacing');
    const line = 'import --from $/out/replacing --to lancedb:$/target --mode replace';
    expect(await run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: 7 });
    expect(await run(`${line} --force`)).toMatchObject({ code: 0 });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: 500 });
  });

  it('is exported in part, and says so', async () => {
    const filter = '{"op":"eq","field":"n","value":7}';
    const exported = await json(`export --from lancedb:$/data#items --to $/out/part --filter ${filter} --fields lang`);
    expect(exported).toMatchObject({ exitCode: 0, points: 1 });
    const inspected = await json('inspect $/out/part --samples 5');
    expect(inspected).toMatchObject({
      samples: { items: [{ id: 'id-7', metadata: { lang: 'en' } }] },
      collections: [{ name: 'items', partial: true }],
    });
    expect(await run('verify $/out/part --against lancedb:$/data#items')).toMatchObject({ code: 0 });
  });
});

describe('several collections', () => {
  it('go into one dataset', async () => {
    const exported = await json('export --from lancedb:$/data --collection tags --collection items --to $/out/both');
    expect(exported).toMatchObject({
      command: 'export',
      points: 530,
      collections: [{ name: 'tags' }, { name: 'items' }],
    });
    expect(await run('verify $/out/both --against lancedb:$/data')).toMatchObject({ code: 0 });
    expect(await json('import --from $/out/both --to lancedb:$/both --collection tags')).toMatchObject({
      exitCode: 0,
    });
    expect(await countsIn(join(cwd, 'both'))).toEqual({ tags: 30 });
  });

  it('are all exported with --all', async () => {
    expect(await json('export --from lancedb:$/data --all --to $/out/all')).toMatchObject({
      collections: [
        { name: 'items', points: 500 },
        { name: 'tags', points: 30 },
      ],
    });
  });
});

describe('where an export goes', () => {
  it('is a new dataset in a folder that ends in a slash', async () => {
    const { id, url } = await json('export --from lancedb:$/data#tags --to $/exports/');
    expect(id).toMatch(/^tags-\d{8}t\d{6}z$/);
    expect(url).toContain(`/exports/${String(id)}/`);
    expect(await filesIn(join(cwd, 'exports', String(id)))).toContain('manifest.json');
  });

  it('is not where there is nothing to resume', async () => {
    expect(await run('export --from lancedb:$/data#tags --to $/nothing/ --resume')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no unfinished export of tags from lancedb:'),
    });
    expect(await filesIn(join(cwd, 'nothing'))).toEqual([]);
  });

  it('is left alone when it is complete already', async () => {
    await run('export --from lancedb:$/data#tags --to $/out/complete');
    expect(await run('export --from lancedb:$/data#tags --to $/out/complete --resume')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('It was complete already; nothing was read.'),
    });
  });

  it('keeps plan and checkpoints with --debug only', async () => {
    await run('export --from lancedb:$/data#tags --to $/out/plain');
    await run('export --from lancedb:$/data#tags --to $/out/debug --debug');
    expect(await filesIn(join(cwd, 'out/plain'))).not.toContain('plan.json');
    expect(await filesIn(join(cwd, 'out/debug'))).toEqual(
      expect.arrayContaining(['plan.json', expect.stringMatching(/^state\//)]),
    );
  });

  it('holds the files as they were asked for', async () => {
    const { encoding } = await json(
      'export --from lancedb:$/data#tags --to $/out/encoded --compression none --encoding plain',
    );
    expect(encoding).toEqual({ format: 'parquet', compression: 'none', vectors: 'plain' });
    expect(await run('verify $/out/encoded --against lancedb:$/data#tags')).toMatchObject({ code: 0 });
  });
});

describe('where an export comes from', () => {
  it('is the store of VECPORT_STORE, also in .env', async () => {
    const line = 'export --collection tags --to $/out/from';
    const args = line.replaceAll('$', cwd).split(' ');
    const store = `lancedb:${cwd}/data`;
    expect(await runHere([...args, '--json'], { cwd, env: { VECPORT_STORE: store } })).toMatchObject({ code: 0 });
    const application = await tempFolder();
    await writeFile(join(application, '.env'), `VECPORT_STORE=${store}\n`);
    expect(await runHere([...args, '--resume'], { cwd: application })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('complete already'),
    });
  });
});

describe('what machines are told', () => {
  it('is one document for each command', async () => {
    const exported = await json('export --from lancedb:$/data#tags --to $/out/json --verify');
    expect(exported).toMatchObject({
      command: 'export',
      exitCode: 0,
      id: 'json',
      url: expect.stringMatching(/^file:.*\/out\/json\/$/),
      resumed: 'no',
      points: 30,
      parts: 1,
      bytes: expect.any(Number),
      milliseconds: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      collections: [{ name: 'tags', points: 30, parts: 1, consistency: 'snapshot', quarantined: 0 }],
      warnings: [],
      validation: { ok: true, problems: [] },
    });
    expect(await json('verify $/out/json --against lancedb:$/data')).toMatchObject({
      command: 'verify',
      exitCode: 0,
      ok: true,
      validation: { ok: true, problems: [], rows: 30 },
      comparisons: [{ provider: 'lancedb', collection: 'tags', equal: true, differences: [], points: 30 }],
    });
    expect(await json('import --from $/out/json --to lancedb:$/json')).toMatchObject({
      command: 'import',
      exitCode: 0,
      complete: true,
      collections: [{ name: 'tags', target: 'tags', accepted: 30, failed: [] }],
    });
    const inspected = await json('inspect $/out/json --samples 1');
    expect(inspected).toMatchObject({
      command: 'inspect',
      id: 'json',
      digest: exported['digest'],
      collections: [{ name: 'tags', vectors: { default: { dimension: 4, metric: 'cosine' } } }],
      samples: { tags: [{ id: 'id-0', vectors: { default: expect.any(Array) }, metadata: { n: 0, lang: 'de' } }] },
    });
    expect(await json('report')).toMatchObject({
      command: 'report',
      adapters: expect.arrayContaining([
        expect.objectContaining({ name: 'lancedb', package: '@vecport/adapter-lancedb', state: 'ready' }),
      ]),
    });
  });

  it('agrees with the manifest', async () => {
    const exported = await json('export --from lancedb:$/data#items --to $/out/agrees');
    const manifest = JSON.parse(await readFile(join(cwd, 'out/agrees/manifest.json'), 'utf8')) as Manifest;
    expect(manifest).toMatchObject({
      id: exported['id'],
      tool: { name: 'vecport' },
      source: { provider: 'lancedb', url: `lancedb:${cwd}/data#items` },
      collections: [{ digest: { content: (exported['collections'] as { digest: string }[])[0]?.digest } }],
    });
  });
});

describe('the boot report', () => {
  it('is printed as text', async () => {
    expect(await runHere(['report'], { cwd, env: { LANCEDB_PATH: `${cwd}/data` } })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/lancedb .*ready[\s\S]*items/),
      stderr: '',
    });
  });
});
