import { spawnSync } from 'node:child_process';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { filesIn, partsIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { countsIn, seedStore } from './support/seed-store.js';
import { vecportCommand } from './support/vecport.js';

const PART = 'collections/items/_/part-000-00000.parquet';
let cwd: string;

/** Run a command line in this process; a `$` in it is the folder of the test. */
const run = async (line: string): Promise<RunResult> => runHere(argsOf(line), { cwd });

const argsOf = (line: string): readonly string[] => line.replaceAll('$', cwd).split(' ');

async function expectFailure(line: string, code: number, message: string | RegExp): Promise<void> {
  const result = await run(line);
  expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  expect(result.stderr).not.toMatch(/^\s+at /m);
}

/** A copy of the good dataset, to be damaged. */
async function copyDataset(name: string): Promise<string> {
  await cp(join(cwd, 'good'), join(cwd, name), { recursive: true });
  return join(cwd, name);
}

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(path, bytes);
}

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [
    { name: 'items', points: 400, dimension: 8 },
    { name: 'narrow', points: 10, dimension: 4 },
  ]);
  await seedStore(join(cwd, 'changed'), [{ name: 'items', points: 400, dimension: 8, seed: 1 }]);
  expect(await run('export --from lancedb:$/data#items --to $/good')).toMatchObject({ code: 0 });
});

afterAll(removeTempFolders);

describe('exit code 1: it could not be done, and nothing was written over', () => {
  it('a table that is not there', async () => {
    await expectFailure(
      'export --from lancedb:$/data#nothing --to $/x1',
      1,
      /There is no collection 'nothing'[\s\S]*It has: items, narrow/,
    );
    expect(await filesIn(join(cwd, 'x1'))).toEqual([]);
  });

  it('a store that is not there', async () => {
    await expectFailure('export --from lancedb:$/nowhere --all --to $/x2', 1, 'has no collections');
    expect(await filesIn(join(cwd, 'nowhere'))).toEqual([]);
  });

  it('a dataset that is not there', async () => {
    await expectFailure('verify $/nowhere', 1, 'There is no dataset in');
    await expectFailure('inspect $/nowhere', 1, 'There is no dataset in');
    await expectFailure('import --from $/nowhere --to lancedb:$/x3', 1, 'There is no dataset in');
    expect(await filesIn(join(cwd, 'x3'))).toEqual([]);
  });

  it('a collection the dataset does not have', async () => {
    await expectFailure(
      'import --from $/good --to lancedb:$/x4 --collection tags',
      1,
      /no collection 'tags'[\s\S]*items/,
    );
  });

  it('an export to a place that holds something', async () => {
    const before = await readFile(join(cwd, 'good/manifest.json'), 'utf8');
    await expectFailure('export --from lancedb:$/data#narrow --to $/good', 1, 'already holds a complete dataset');
    expect(await readFile(join(cwd, 'good/manifest.json'), 'utf8')).toBe(before);
    await writeFile(join(cwd, 'changed', 'note.txt'), 'mine');
    await expectFailure('export --from lancedb:$/data#narrow --to $/changed', 1, 'is not empty');
  });

  it('an import into a collection that exists', async () => {
    await expectFailure('import --from $/good --to lancedb:$/changed', 1, /'items' exists already[\s\S]*--mode append/);
    expect(await countsIn(join(cwd, 'changed'))).toEqual({ items: 400 });
  });

  it('an import that does not fit', async () => {
    await expectFailure(
      'import --from $/good --to lancedb:$/data#narrow --mode append',
      1,
      /dimension of its vector 'default' is 4, not 8/,
    );
    expect(await countsIn(join(cwd, 'data'))).toEqual({ items: 400, narrow: 10 });
  });

  it('an append to what is not there', async () => {
    await expectFailure('import --from $/good --to lancedb:$/x5 --mode append', 1, 'to append to');
    expect(await filesIn(join(cwd, 'x5'))).toEqual([]);
  });

  it('a folder that may not be written to', async () => {
    // The kernel keeps everybody from making folders there, root as well.
    await expectFailure('export --from lancedb:$/data#items --to /sys/vecport', 1, /\/sys\/vecport/);
  });

  it('a disk that takes no more, and then it goes on', async () => {
    const line = 'export --from lancedb:$/data#items --to $/full --part-rows 150 --compression none --encoding plain';
    const [node = '', ...args] = vecportCommand(argsOf(line));
    // Files of at most 4 blocks of 512 bytes: enough for a plan, not for a part.
    const script = 'ulimit -f 8 && exec "$0" "$@"';
    const { status, stderr } = spawnSync('sh', ['-c', script, node, ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/file of this size is not allowed/),
    });
    expect(await partsIn(join(cwd, 'full'))).toEqual([]);
    expect(await filesIn(join(cwd, 'full'))).not.toContain('manifest.json');
    expect(await run(`${line} --resume`)).toMatchObject({ code: 0 });
    expect(await run('verify $/full --against lancedb:$/data#items')).toMatchObject({ code: 0 });
  });
});

describe('exit code 2: another command line is needed', () => {
  it('no collection is named: they are listed', async () => {
    await expectFailure('export --from lancedb:$/data', 2, /has: items, narrow\.[\s\S]*--collection NAME[\s\S]*--all/);
    expect(await filesIn(join(cwd, 'exports'))).toEqual([]);
  });

  it('two names for one thing', async () => {
    await expectFailure('export --from lancedb:$/data#items --collection narrow', 2, "--collection names 'narrow'");
    await expectFailure('import --from $/good --to lancedb:$/x6#a --as b', 2, "--as names 'b'");
  });

  it('a scheme nobody answers to', async () => {
    await expectFailure('export --from lancedbb:./data#items', 2, /scheme 'lancedbb:'[\s\S]*Known schemes: .*lancedb:/);
    await expectFailure('import --from $/good --to nosuch://x', 2, "scheme 'nosuch:'");
    await expectFailure('verify $/good --against nosuch://x', 2, "scheme 'nosuch:'");
  });

  it('going on with other options', async () => {
    await run('export --from lancedb:$/data#items --to $/other-options --debug');
    await rm(join(cwd, 'other-options/manifest.json'));
    await expectFailure(
      'export --from lancedb:$/data#items --to $/other-options --resume --encoding plain',
      2,
      'another encoding',
    );
  });
});

describe('exit code 3: incomplete or unequal', () => {
  it.each([
    ['a flipped byte', async (path: string) => flipByte(join(path, PART)), /checksum|damaged/],
    ['a truncated part', async (path: string) => truncate(join(path, PART), 100), /bytes/],
    ['a missing part', async (path: string) => rm(join(path, PART)), PART],
  ])('%s: found by verify, and refused by import before the first change', async (name, damage, problem) => {
    const dataset = name.replaceAll(' ', '-');
    await damage(await copyDataset(dataset));
    expect(await run(`verify $/${dataset}`)).toMatchObject({ code: 3, stdout: expect.stringMatching(problem) });
    expect(await run(`verify $/${dataset} --json`)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('"ok":false'),
    });
    await expectFailure(`import --from $/${dataset} --to lancedb:$/store-of-${dataset}`, 3, 'nothing was imported');
    expect(await filesIn(join(cwd, `store-of-${dataset}`))).toEqual([]);
    await expectFailure(
      `import --from $/${dataset} --to lancedb:$/changed --mode replace --force`,
      3,
      'nothing was imported',
    );
    expect(await countsIn(join(cwd, 'changed'))).toEqual({ items: 400 });
  });

  it('a damaged manifest', async () => {
    const dataset = await copyDataset('no-manifest');
    await truncate(join(dataset, 'manifest.json'), 50);
    await expectFailure('verify $/no-manifest', 3, 'manifest.json');
    await expectFailure('inspect $/no-manifest', 3, 'manifest.json');
    await expectFailure('import --from $/no-manifest --to lancedb:$/x7', 3, 'manifest.json');
  });

  it('an export that was not completed', async () => {
    const dataset = await copyDataset('unfinished');
    await cp(join(dataset, 'manifest.json'), join(dataset, 'plan.json'));
    await rm(join(dataset, 'manifest.json'));
    await expectFailure('import --from $/unfinished --to lancedb:$/x8', 3, /was not completed[\s\S]*--resume/);
  });

  it('a store that is not equal', async () => {
    expect(await run('verify $/good --against lancedb:$/changed#items')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('The vectors differ.'),
    });
    expect(await run('verify $/good --against lancedb:$/data#narrow')).toMatchObject({ code: 3 });
  });
});

describe('errors for machines', () => {
  it('are one document on standard output, and nothing else', async () => {
    const { code, stdout, stderr } = await run('export --from lancedb:$/data#nothing --to $/x9 --json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'not-found',
        message: expect.stringContaining("There is no collection 'nothing'"),
        advice: expect.stringContaining('items'),
        provider: 'lancedb',
        collection: 'nothing',
      },
      exitCode: 1,
    });
  });
});
