import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { filesIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';

let cwd: string;

/** Run a command line; `$` is the folder of the test. */
const run = async (line: string): Promise<RunResult> => runHere(line.replaceAll('$', cwd).split(' '), { cwd });

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: 300, dimension: 8 }]);
});

afterAll(removeTempFolders);

describe('the files of an export', () => {
  it.each([
    ['parquet-small', '--strategy parquet-small', 'parquet zstd, vectors split, row groups of 1,000 points'],
    ['a row group of its own', '--row-group-size 50', 'parquet zstd, vectors split, row groups of 50 points'],
    ['gzip with a level', '--compression gzip:3 --encoding plain', 'parquet gzip:3, vectors plain'],
    ['lines', '--strategy ndjson-zst', 'ndjson zstd'],
    ['lines made to Parquet', '--strategy ndjson-gz --convert --encoding plain', 'parquet zstd, vectors plain'],
    ['few bytes a file', '--part-bytes 5kB', 'parquet zstd, vectors split'],
  ])('are as asked for: %s', async (name, flags, expected) => {
    const to = `$/${name.replaceAll(' ', '-')}`;
    const { code, stderr } = await run(`export --from lancedb:$/data#items --to ${to} ${flags} --verify`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await run(`inspect ${to}`)).stdout).toContain(`${expected}\n`);
    expect(await run(`verify ${to} --against lancedb:$/data#items`)).toMatchObject({ code: 0 });
  });

  it('are no lines any more when they were converted, also when that is asked for again', async () => {
    const line = 'export --from lancedb:$/data#items --to $/converted --strategy ndjson-gz --convert';
    expect(await run(line)).toMatchObject({ code: 0 });
    const files = await filesIn(join(cwd, 'converted'));
    expect(files.filter((path) => /ndjson/.test(path))).toEqual([]);
    const again = await run(`${line} --resume`);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('It was complete already') });
    expect(await run(`${line.replace('ndjson-gz', 'parquet-med')}`)).toMatchObject({ code: 2 });
  });

  it('are one for a collection in the layout of another tool', async () => {
    const line = 'export --from lancedb:$/data#items --to $/layout --layout qdrant --key-field lang --part-rows 100';
    // Two points of one key: not one of them is the right one.
    expect((await run(line)).code).not.toBe(0);
    expect(await run('export --from lancedb:$/data#items --to $/keys --layout qdrant --part-rows 100')).toMatchObject({
      code: 0,
    });
    expect((await filesIn(join(cwd, 'keys'))).filter((path) => path.endsWith('.parquet'))).toHaveLength(1);
    const { stdout } = await run('download --from $/keys --output $/latest.parquet --json');
    expect(JSON.parse(stdout)).toMatchObject({ single: true, points: 300 });
  });

  it('are read without a manifest, as files somebody else made', async () => {
    await run('export --from lancedb:$/data#items --to $/theirs --layout qdrant');
    await rm(join(cwd, 'theirs', 'manifest.json'));
    const none = await run('verify $/theirs');
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('with --layout') });
    const inspected = await run('inspect $/theirs --layout qdrant --statistics --samples 1');
    expect(inspected).toMatchObject({ code: 0, stdout: expect.stringContaining('300') });
    const verified = await run('verify $/theirs --layout qdrant --metric cosine --against lancedb:$/data');
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('Equal to lancedb / items') });
    const imported = await run('import --from $/theirs --layout qdrant --metric cosine --to lancedb:$/copy --verify');
    expect(imported).toMatchObject({ code: 0 });
    expect(await run('verify $/theirs --metric cosine')).toMatchObject({ code: 2 });
    expect(await run('import --from $/a --from $/b --layout qdrant --to lancedb:$/no')).toMatchObject({ code: 2 });
  });
});
