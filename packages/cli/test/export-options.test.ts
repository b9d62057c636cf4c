import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { partHashes } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';

let cwd: string;

/** Run a command line in this process; a `$` in it is the folder of the test, `further` are arguments with spaces. */
const run = async (line: string, further: readonly string[] = []): Promise<RunResult> =>
  runHere([...line.replaceAll('$', cwd).split(' '), ...further], { cwd });

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: 300, dimension: 8 }]);
});

afterAll(removeTempFolders);

describe('export --dry-run', () => {
  it('tells counts and estimates, and writes nothing', async () => {
    const { code, stdout, stderr } = await run(
      'export --from lancedb:$/data#items --to $/dry --part-rows 100 --dry-run',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/│ items\s+│\s+300 │\s+8 │\s+3 │\s+3 │ .*B │ .* s │ snapshot/);
    expect(stdout).toContain('/dry (free)');
    expect(stdout).toContain('Nothing was written.');
    expect(existsSync(join(cwd, 'dry'))).toBe(false);
  });

  it('gives the plan as JSON', async () => {
    const { code, stdout } = await run('export --from lancedb:$/data#items --to $/dry --limit 7 --dry-run --json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'export',
      dryRun: true,
      target: 'empty',
      collections: [{ name: 'items', points: 7, sample: { points: 300 } }],
      plan: { planVersion: 1, collections: [{ selection: { limit: 7 } }] },
      exitCode: 0,
    });
  });
});

describe('what is exported', () => {
  it('is chosen by an expression, fields that are left out and a limit', async () => {
    const { code, stdout } = await run(
      'export --from lancedb:$/data#items --to $/chosen --exclude-fields n --limit 5 --json',
      ['--filter', "lang = 'de' and not (n < 100)"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ points: 5, retries: 0, missing: { count: 0 } });
    const { stdout: samples } = await run('inspect $/chosen --samples 1');
    expect(samples).toMatch(/id-\d+ .*\{"lang":"de"\}/);
  });

  it('may be a list of ids; one that is not there makes the exit code 3, unless that is allowed', async () => {
    const ids = join(cwd, 'ids.txt');
    await writeFile(ids, 'id-1\nid-299\nnobody\n"id-2"\n');
    const incomplete = await run('export --from lancedb:$/data#items --to $/listed --ids-from $/ids.txt');
    expect(incomplete).toMatchObject({ code: 3, stdout: expect.stringContaining('1 id not found:\n  - nobody') });
    const allowed = await run(
      'export --from lancedb:$/data#items --to $/again --ids-from $/ids.txt --allow-missing --json',
    );
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ points: 3, missing: { count: 1, ids: ['nobody'] } });
    const both = await run('export --from lancedb:$/data#items --to $/both --ids-from $/ids.txt', [
      '--filter',
      'n = 1',
    ]);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('exclude each other') });
  });

  it('goes through a module', async () => {
    const module = join(cwd, 'map.mjs');
    await writeFile(
      module,
      'export const record = (r) => (r.metadata.n < 10 ? { ...r, metadata: { n: r.metadata.n * 2 } } : undefined);',
    );
    const done = await run('export --from lancedb:$/data#items --to $/mapped --transform $/map.mjs --verify --json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ points: 10, collections: [{ partial: true }] });
    expect((await run('inspect $/mapped --samples 2')).stdout).toContain('{"n":2}');
    await writeFile(
      join(cwd, 'bad.mjs'),
      'export const record = (r) => { throw new Error("not this one: " + r.id); };',
    );
    const failed = await run('export --from lancedb:$/data#items --to $/broken --transform $/bad.mjs');
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toMatch(/bad\.mjs failed at the point 'id-\d+': not this one: id-\d+\./);
    expect(await run('export --from lancedb:$/data#items --to $/x --transform $/none.mjs')).toMatchObject({ code: 1 });
  });
});

describe('how it is exported', () => {
  it('changes no byte of the files', async () => {
    await run('export --from lancedb:$/data#items --to $/plain --part-rows 70');
    const options = '--parallel 5 --batch-size 9 --max-memory 1kB --retries 0 --rate-limit 100000/s --timeout 10m';
    const other = await run(`export --from lancedb:$/data#items --to $/other --part-rows 70 ${options}`);
    expect(other.code).toBe(0);
    const [plain, changed] = [await partHashes(join(cwd, 'plain')), await partHashes(join(cwd, 'other'))];
    expect(Object.keys(plain)).toHaveLength(5);
    expect(changed).toEqual(plain);
  });

  it('in two passes has the same points', async () => {
    const once = await run('export --from lancedb:$/data#items --to $/once --json');
    const twice = await run(
      'export --from lancedb:$/data#items --to $/twice --read two-pass --retrieve-batch 17 --json',
    );
    const digests = [once, twice].map(({ stdout }) => (JSON.parse(stdout) as { digest: string }).digest);
    expect(digests[1]).toBe(digests[0]);
    expect(twice.stdout).toContain('"consistency":"scan"');
  });

  it('ends when its time is over', async () => {
    const late = await run('export --from lancedb:$/data#items --to $/late --batch-size 1 --timeout 1ms');
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('It was not done within 0.001 s.') });
    expect(late.stderr).toContain('--resume');
  });

  it.each([
    ['--max-memory lots', 'a number of bytes'],
    ['--rate-limit 0/s', 'points a second'],
    ['--timeout soon', 'a duration'],
    ['--timeout 30d', 'at most 24d'],
    ['--retries -1', 'whole number'],
    ['--read thrice', 'Allowed choices are scan, two-pass'],
    ['--filter lang=', 'At character 6'],
  ])('%s is wrong usage', async (options, message) => {
    expect(await run(`export --from lancedb:$/data#items ${options}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });
});
