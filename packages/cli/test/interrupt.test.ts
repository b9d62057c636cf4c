import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type NodeChild, removeTempFolders, tempFolder } from '@vecport/testkit';
import { filesIn, partHashes, partsIn } from './support/files.js';
import { countsIn, seedStore, withStore } from './support/seed-store.js';
import { killLeftovers, startScript, startVecport, vecport } from './support/vecport.js';

const POINTS = 200_000;
const PART_ROWS = 5000;
const PARTS = POINTS / PART_ROWS;
const SOURCE = 'lancedb:./data#items';

let cwd: string;
let uninterrupted: Readonly<Record<string, string>>;

const exportTo = (to: string, ...more: readonly string[]): readonly string[] => [
  'export',
  '--from',
  SOURCE,
  '--to',
  to,
  '--part-rows',
  String(PART_ROWS),
  ...more,
];

/** Wait until the first part of a running export is there, and hold it before it writes all of them. */
async function holdBetweenParts(child: NodeChild, dataset: string): Promise<void> {
  await eventually('a first part is there', async () => (await partsIn(dataset)).length > 0, {
    interval: 2,
    timeout: 30_000,
  });
  child.kill('SIGSTOP');
  const parts = (await partsIn(dataset)).length;
  expect(parts).toBeGreaterThan(0);
  expect(parts).toBeLessThan(PARTS);
}

/** What an export that was stopped on its way may leave: whole parts, its plan and its checkpoints. */
async function expectUnfinished(dataset: string): Promise<void> {
  const visible = await filesIn(dataset);
  expect(visible).toContain('plan.json');
  expect(visible).not.toContain('manifest.json');
  const hashes = await partHashes(dataset);
  expect(Object.keys(hashes).length).toBeLessThan(PARTS);
  for (const [path, hash] of Object.entries(hashes))
    expect({ path, hash }).toEqual({ path, hash: uninterrupted[path] });
}

async function expectResumed(dataset: string, ...args: readonly string[]): Promise<void> {
  expect(await vecport(args, { cwd })).toMatchObject({ code: 0 });
  expect(await partHashes(dataset)).toEqual(uninterrupted);
  const left = (await filesIn(dataset)).filter((path) => !path.endsWith('.parquet'));
  expect(left).toEqual(['collections/items/schema.json', 'export_metadata.json', 'manifest.json']);
}

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'items', points: POINTS, dimension: 16 }]);
  expect(await vecport(exportTo('uninterrupted'), { cwd })).toMatchObject({ code: 0 });
  uninterrupted = await partHashes(join(cwd, 'uninterrupted'));
  expect(Object.keys(uninterrupted)).toHaveLength(PARTS);
}, 60_000);

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

describe.each([0, 1])('an export that is interrupted, with %d threads for parts', (threads) => {
  const flags = ['--workers', String(threads)];

  it('by Ctrl+C exits with 130 and says how to go on; that completes it with the same files', async () => {
    const to = `interrupted-${threads}`;
    const dataset = join(cwd, to);
    const child = startVecport(exportTo(to, ...flags), { cwd });
    await holdBetweenParts(child, dataset);
    child.kill('SIGINT');
    child.kill('SIGCONT');
    const { code, stdout, stderr } = await child.exit;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain(
      `Go on with: vecport export --from '${SOURCE}' --part-rows ${PART_ROWS} --workers ${threads} --to ${to} --resume\n`,
    );
    await expectUnfinished(dataset);
    expect((await filesIn(dataset)).filter((path) => /\.(?:tmp|lock)|temporary/.test(path))).toEqual([]);
    await expectResumed(dataset, ...exportTo(to, '--resume', '--parallel', '4'));
  }, 60_000);

  it('by kill −9 leaves no half part; --resume in its folder finds it and completes it', async () => {
    const to = `killed-${threads}`;
    const child = startVecport(exportTo(`${to}/`, ...flags), { cwd });
    const id = await eventually(
      'the export has a folder',
      async () => (await filesIn(join(cwd, to)))[0]?.split('/')[0],
      { interval: 2 },
    );
    const dataset = join(cwd, to, id);
    await holdBetweenParts(child, dataset);
    child.kill('SIGKILL');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
    await expectUnfinished(dataset);
    await expectResumed(dataset, ...exportTo(`${to}/`, '--resume', '--parallel', '1', '--batch-size', '777'));
    expect(await vecport(['verify', dataset], { cwd })).toMatchObject({ code: 0 });
  }, 60_000);
});

describe('an export that is interrupted', () => {
  it('keeps others out while it runs', async () => {
    const dataset = join(cwd, 'locked');
    const child = startVecport(exportTo('locked'), { cwd });
    await holdBetweenParts(child, dataset);
    expect(await vecport(exportTo('locked', '--resume'), { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(String(child.pid)),
    });
    expect(await vecport(exportTo('locked'), { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds an unfinished export'),
    });
    child.kill('SIGKILL');
    await child.exit;
    await expectResumed(dataset, ...exportTo('locked', '--resume'));
  }, 60_000);

  it('tells machines in one document', async () => {
    const child = startVecport(exportTo('machine', '--json'), { cwd });
    await holdBetweenParts(child, join(cwd, 'machine'));
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const { code, stdout, stderr } = await child.exit;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'interrupted', resume: expect.stringMatching(/--json --to machine --resume$/) },
      exitCode: 130,
    });
  }, 60_000);

  it('ends at once at the second signal', async () => {
    const child = startScript(fileURLToPath(new URL('support/stubborn.ts', import.meta.url)), [], { cwd });
    await child.output('working');
    child.kill('SIGINT');
    await child.output('asked to stop');
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ code: 130, signal: null });
  });
});

describe('an import that is interrupted', () => {
  it('exits with 130 and says how to go on; that completes it', async () => {
    const child = startVecport(
      ['import', '--from', 'uninterrupted', '--to', 'lancedb:./target', '--batch-size', '500'],
      { cwd },
    );
    const data = join(cwd, 'target', 'items.lance', 'data');
    await eventually('some points are written', async () => (await filesIn(data)).length > 2, {
      interval: 2,
      timeout: 30_000,
    });
    child.kill('SIGINT');
    const { code, stderr } = await child.exit;
    expect(code).toBe(130);
    expect(stderr).toContain(
      'Go on with: vecport import --from uninterrupted --to lancedb:./target --batch-size 500 --resume\n',
    );
    const { items = 0 } = await countsIn(join(cwd, 'target'));
    expect(items).toBeGreaterThan(0);
    expect(items).toBeLessThan(POINTS);
    const again = ['import', '--from', 'uninterrupted', '--to', 'lancedb:./target', '--batch-size', '20000'];
    expect(await vecport(again, { cwd })).toMatchObject({ code: 1, stderr: expect.stringContaining('--resume') });
    const resumed = await vecport([...again, '--resume', '--parallel', '4', '--json'], { cwd });
    expect(resumed).toMatchObject({ code: 0 });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ resumed: true, collections: [{ accepted: POINTS }] });
    expect(await vecport(['verify', 'uninterrupted', '--against', 'lancedb:./target'], { cwd })).toMatchObject({
      code: 0,
    });
  }, 120_000);
});

describe('a source that changes while it is read', () => {
  it.each([
    ['a warning', [], 0],
    ['exit code 3 with --strict', ['--strict'], 3],
  ] as const)(
    'is %s',
    async (_what, flags, code) => {
      const name = `changing-${code}`;
      await seedStore(join(cwd, name), [{ name: 'items', points: 50_000, dimension: 16 }]);
      const args = [
        'export',
        '--from',
        `lancedb:./${name}#items`,
        '--to',
        `${name}-out`,
        '--part-rows',
        '1000',
        ...flags,
      ];
      const child = startVecport(args, { cwd });
      await eventually('a first part is there', async () => (await partsIn(join(cwd, `${name}-out`))).length > 0, {
        interval: 2,
      });
      child.kill('SIGSTOP');
      await withStore(join(cwd, name), async (store) => (await store.repository('items')).delete('id-1'));
      child.kill('SIGCONT');
      const result = await child.exit;
      expect(result.code).toBe(code);
      expect(result.stdout).toContain(
        'the source changed while it was read: 50000 points before, 49999 after, 50000 exported',
      );
      expect(await vecport(['verify', `${name}-out`], { cwd })).toMatchObject({ code: 0 });
    },
    60_000,
  );
});
