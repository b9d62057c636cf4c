import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { type RunResult, runHere } from './support/run-here.js';
import { countsIn, seedStore, withStore } from './support/seed-store.js';

let cwd: string;

const run = async (line: string): Promise<RunResult> => runHere(line.replaceAll('$', cwd).split(' '), { cwd });

async function json(line: string): Promise<Record<string, unknown>> {
  const { stdout } = await run(`${line} --json`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Change a point, add one and remove one. */
async function touch(n: number): Promise<void> {
  await withStore(join(cwd, 'data'), async (store) => {
    const items = await store.repository('items');
    await items.upsert(`id-${n}`, Float32Array.of(n, 1, 1, 1), { n, lang: 'changed' });
    await items.upsert(`new-${n}`, Float32Array.of(1, n, 1, 1), { n, lang: 'new' });
    await items.delete(`id-${n + 1}`);
  });
}

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: 100, dimension: 4 }]);
  expect(await run('export --from lancedb:$/data#items --to $/out/monday')).toMatchObject({ code: 0 });
  await touch(10);
  await run('export --from lancedb:$/data#items --to $/out/tuesday --since $/out/monday');
  await touch(20);
});

afterAll(removeTempFolders);

describe('increments', () => {
  it('hold what changed since the dataset that was named, whose parents are found beside it', async () => {
    const { code, stdout } = await run('export --from lancedb:$/data#items --to $/out/wednesday --since $/out/tuesday');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Since tuesday:\n  - items: 1 changed, 1 new, 1 gone; 100 points in all'),
    });
    expect((await run('inspect $/out/wednesday')).stdout).toMatch(/Since\s+an increment to tuesday/);
  });

  it('are the whole together: verified, compared, and imported', async () => {
    const names = '$/out/monday $/out/tuesday $/out/wednesday';
    expect(await run(`verify ${names} --against lancedb:$/data --search-parity 10 --min-recall 1`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Equal to lancedb.*100 points[\s\S]*recall@10 1 over 10 searches/),
    });
    // Its parents are found.
    expect(await run('verify $/out/wednesday --against lancedb:$/data')).toMatchObject({ code: 0 });
    const full = await json('export --from lancedb:$/data#items --to $/out/full');
    const from = names
      .split(' ')
      .map((name) => `--from ${name}`)
      .join(' ');
    const imported = await json(`import ${from} --to lancedb:$/copy --verify`);
    expect(imported).toMatchObject({ exitCode: 0, collections: [{ accepted: 100, comparison: { equal: true } }] });
    expect(await json('export --from lancedb:$/copy#items --to $/out/copied')).toMatchObject({
      digest: full['digest'],
    });
  });

  it('are applied to a store that holds their parent', async () => {
    await run('import --from $/out/tuesday --to lancedb:$/grown');
    const appended = await json('import --from $/out/wednesday --to lancedb:$/grown --mode append');
    expect(appended).toMatchObject({ exitCode: 0, collections: [{ accepted: 2, removed: 1 }] });
    expect(await run('verify $/out/wednesday --against lancedb:$/grown')).toMatchObject({ code: 0 });
  });

  it('are refused with a wrong parent, and where their parent is not found, by name', async () => {
    expect(await run('verify $/out/monday $/out/wednesday')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'wednesday' is an increment to 'tuesday', not to 'monday'"),
    });
    await run('export --from lancedb:$/data#items --to $/elsewhere/thursday --since $/out/wednesday');
    const refused = await run('import --from $/elsewhere/thursday --to lancedb:$/none');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("increment to 'wednesday'") });
    expect(await countsIn(join(cwd, 'none'))).toEqual({});
  });
});

describe('a migration over files', () => {
  it('keeps them, and is verified', async () => {
    const moved = await json('migrate --from lancedb:$/data#items --to lancedb:$/via --via $/out/via --verify');
    expect(moved).toMatchObject({
      exitCode: 0,
      collections: [{ read: 100, accepted: 100, comparison: { equal: true } }],
    });
    expect(await run('verify $/out/via --against lancedb:$/via')).toMatchObject({ code: 0 });
    // The files are there: only the import is done again.
    const again = await json('migrate --from lancedb:$/data#items --to lancedb:$/via2 --via $/out/via --resume');
    expect(again).toMatchObject({ exitCode: 0, collections: [{ accepted: 100 }] });
    expect(await run('migrate --from lancedb:$/data#items --to lancedb:$/via3 --via $/out/')).toMatchObject({
      code: 2,
    });
  });
});
