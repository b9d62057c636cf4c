import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { type RunResult, runHere } from './support/run-here.js';
import { countsIn, seedStore } from './support/seed-store.js';

let cwd: string;

/** Run a command line in this process; `$` in it is the folder of the tests. */
const run = async (line: string): Promise<RunResult> => runHere(line.replaceAll('$', cwd).split(' '), { cwd });

/** Fails at one point in ten, drops another one. */
const RECORD = `export const record = (point) => {
  if (point.id.endsWith('7')) throw new Error('no sevens');
  return point.id.endsWith('8') ? undefined : { ...point, metadata: { ...point.metadata, seen: true } };
};`;

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: 100, dimension: 4 }]);
  await writeFile(join(cwd, 'map.mjs'), RECORD);
  await writeFile(
    join(cwd, 'good.mjs'),
    RECORD.replace("if (point.id.endsWith('7')) throw new Error('no sevens');", ''),
  );
});

afterAll(removeTempFolders);

describe('points a transform fails at', () => {
  it('end an export, or go to quarantine, which makes the exit code 3 unless it is allowed', async () => {
    const from = 'export --from lancedb:$/data#items --transform $/map.mjs';
    expect(await run(`${from} --to $/stopped`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no sevens'),
    });
    const done = await run(`${from} --to $/out --on-error quarantine`);
    expect(done).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('out/collections/items/quarantine.ndjson'),
    });
    expect(done.stdout).toContain('Quarantine: 10 points in ');
    const lines = (await readFile(join(cwd, 'out/collections/items/quarantine.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      collection: 'items',
      id: expect.stringMatching(/7$/),
      reason: expect.stringContaining('no sevens'),
    });
    const allowed = await run(`${from} --to $/allowed --on-error quarantine --allow-quarantine --json`);
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ points: 80, quarantine: [{ points: 10 }] });
    expect(await run('verify $/out')).toMatchObject({ code: 0 });
  });

  it('go to quarantine in an import and in a migration too, and the rest is verified', async () => {
    expect(await run('export --from lancedb:$/data#items --to $/plain')).toMatchObject({ code: 0 });
    const options = '--transform $/map.mjs --on-error quarantine --verify';
    for (const from of [
      'import --from $/plain --to lancedb:$/imported',
      'migrate --from lancedb:$/data#items --to lancedb:$/moved',
    ]) {
      const { code, stdout } = await run(`${from} ${options}`);
      expect(code).toBe(3);
      expect(stdout).toMatch(/│ items\s+│ items\s+│\s+80 │\s+10 │.*│ equal/);
      expect(stdout).toContain('10 points in ');
      expect(await run(`${from}2 ${options} --allow-quarantine`)).toMatchObject({ code: 0 });
    }
    expect(await countsIn(join(cwd, 'moved'))).toEqual({ items: 80 });
  });
});

describe('a transform', () => {
  it('is applied by an import and a migration as by an export', async () => {
    expect(await run('export --from lancedb:$/data#items --to $/whole')).toMatchObject({ code: 0 });
    const mapped = '--transform $/good.mjs';
    expect(await run(`import --from $/whole --to lancedb:$/a ${mapped} --verify`)).toMatchObject({ code: 0 });
    expect(await run(`migrate --from lancedb:$/data#items --to lancedb:$/b ${mapped} --verify`)).toMatchObject({
      code: 0,
    });
    expect(await run(`export --from lancedb:$/a#items --to $/as-exported`)).toMatchObject({ code: 0 });
    expect(await run('verify $/as-exported --against lancedb:$/b#items')).toMatchObject({ code: 0 });
    expect(await countsIn(join(cwd, 'a'))).toEqual({ items: 90 });
  });

  it('and what is done about its errors belong together', async () => {
    expect(await run('import --from $/whole --to lancedb:$/x --on-error quarantine')).toMatchObject({ code: 2 });
    expect(
      await run('migrate --from lancedb:$/data#items --to lancedb:$/x --transform $/map.mjs --re-embed m'),
    ).toMatchObject({ code: 2 });
  });
});
