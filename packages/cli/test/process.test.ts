import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildExit, removeTempFolders, tempFolder } from '@vecport/testkit';
import { filesIn, partHashes } from './support/files.js';
import { seedStore } from './support/seed-store.js';
import { killLeftovers, vecport } from './support/vecport.js';

let cwd: string;

const run = async (line: string, env?: Readonly<Record<string, string>>): Promise<ChildExit> =>
  vecport(line.split(' '), { cwd, env });

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: 300, dimension: 8 }]);
  await seedStore(join(cwd, 'other'), [{ name: 'items', points: 300, dimension: 8, seed: 1 }]);
});

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

describe('the program in a process of its own', () => {
  it('moves a collection out, checks it, and moves it back', async () => {
    expect(await run('export --from lancedb:./data#items --to backup/items --verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('/backup/items/'),
      stderr: expect.stringContaining('Exporting items: 300 of 300 points (100 %)'),
    });
    expect(await run('import --from backup/items --to lancedb:./copy --verify')).toMatchObject({ code: 0 });
    expect(await run('verify backup/items --against lancedb:./copy')).toMatchObject({
      code: 0,
      stderr: expect.any(String),
    });
    expect(await run('inspect backup/items --samples 1')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('verify backup/items --against lancedb:./other#items')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('The vectors differ.'),
    });
  }, 30_000);

  it('writes the same files with and without threads for them', async () => {
    for (const workers of [0, 1, 2]) {
      const { code, stderr } = await run(
        `export --from lancedb:./data#items --to by-${workers} --workers ${workers} --part-rows 100`,
      );
      expect([code, stderr]).toEqual([0, expect.stringContaining('300 of 300 points')]);
    }
    const [none, one, two] = await Promise.all(
      [0, 1, 2].map(async (workers) => partHashes(join(cwd, `by-${workers}`))),
    );
    expect(one).toEqual(none);
    expect(two).toEqual(none);
  }, 60_000);

  it('writes below exports/ of the working directory when nothing else is said', async () => {
    const { code, stdout } = await run('export --collection items --json', { VECPORT_STORE: 'lancedb:./data' });
    expect(code).toBe(0);
    const { id } = JSON.parse(stdout) as { readonly id: string };
    expect(await filesIn(join(cwd, 'exports', id))).toContain('manifest.json');
  }, 30_000);

  it.each([
    ['--version', 0],
    ['export --from lancedb:./data#nothing', 1],
    ['export --form x', 2],
  ])(
    'vecport %s ends with %d',
    async (line, code) => {
      expect(await run(line)).toMatchObject({ code, signal: null });
    },
    30_000,
  );
});
