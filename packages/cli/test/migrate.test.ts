import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { metadataFromTexts } from '@vecport/abstractions';
import { eventually, removeTempFolders, startFakeQdrant, tempFolder } from '@vecport/testkit';
import { filesIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { countsIn, seedStore, withStore } from './support/seed-store.js';
import { killLeftovers, startVecport } from './support/vecport.js';

const POINTS = 500;

/** Has `data`, a LanceDB folder with `items` and `tags`; tests only read it. */
let base: string;
/** The folder of a test. */
let cwd: string;

/** Run a command line in this process; `$` in it is the folder of the test, `@` that with the source. */
async function run(line: string): Promise<RunResult> {
  return runHere(line.replaceAll('$', cwd).replaceAll('@', base).split(' '), { cwd });
}

async function json(line: string): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(`${line} --json`);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Everything of one collection is equal to that of another. */
async function expectEqual(source: string, target: string): Promise<void> {
  const out = join(cwd, `compared-${target}`);
  expect(await run(`export --from ${source} --to ${out}`)).toMatchObject({ code: 0 });
  expect(await run(`verify ${out} --against ${target}`)).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  base = await tempFolder();
  await seedStore(join(base, 'data'), [
    { name: 'items', points: POINTS, dimension: 8 },
    { name: 'tags', points: 30, dimension: 4, seed: 1 },
  ]);
});

beforeEach(async () => {
  cwd = await tempFolder();
});

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

describe('a migration', () => {
  it('moves a collection, verifies it, and leaves nothing behind', async () => {
    const moved = await run('migrate --from lancedb:@/data#items --to lancedb:$/target --verify');
    expect(moved).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/│ items\s+│ items\s+│\s+500 │\s+0 │.*│ equal/),
      stderr: expect.stringContaining('Migrating items: 500 of 500 points (100 %)'),
    });
    expect(moved.stdout).toContain('lancedb keeps everything of lancedb.');
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: POINTS });
    expect((await filesIn(cwd)).filter((path) => !path.startsWith('target/'))).toEqual([]);
    await expectEqual('lancedb:@/data#items', 'lancedb:$/target#items');
  });

  it('moves under another name, of the URL or of --as', async () => {
    expect(await run('migrate --from lancedb:@/data#tags --to lancedb:$/target#by_url')).toMatchObject({ code: 0 });
    expect(await run('migrate --from lancedb:@/data#tags --to lancedb:$/target --as by_option')).toMatchObject({
      code: 0,
    });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ by_url: 30, by_option: 30 });
  });

  it('moves all collections, or what a filter and fields leave of one', async () => {
    expect(await json('migrate --from lancedb:@/data --all --to lancedb:$/all --verify')).toMatchObject({
      exitCode: 0,
      complete: true,
      collections: [
        { name: 'items', read: POINTS, accepted: POINTS, comparison: { equal: true } },
        { name: 'tags', read: 30, accepted: 30, comparison: { equal: true } },
      ],
    });
    const filter = '{"op":"eq","field":"lang","value":"de"}';
    const some = `migrate --from lancedb:@/data#items --to lancedb:$/some --filter ${filter} --fields n --verify`;
    expect(await json(some)).toMatchObject({ exitCode: 0, collections: [{ accepted: 167 }] });
    await withStore(join(cwd, 'some'), async (store) => {
      const [point] = await pointsOf(store, 'id-3');
      expect(point).toBe('{"n":3}');
    });
  });
});

describe('--dry-run', () => {
  it('tells what the target cannot keep, and changes nothing', async () => {
    await withQdrant(async (url) => {
      const told = await run(`migrate --from lancedb:@/data#items --to ${url} --dry-run`);
      expect(told).toMatchObject({ code: 0, stderr: '' });
      expect(told.stdout).toContain('Nothing was changed.');
      expect(told.stdout).toContain('items: changed: The vector is compared by cosine, and qdrant then keeps its dir');
      expect(told.stdout).toMatch(/items: mapped: Identifiers that are .*string are stored under a uuid in qdrant/);
      expect(await json(`migrate --from lancedb:@/data#items --to ${url} --dry-run`)).toMatchObject({
        dryRun: true,
        losses: { items: expect.arrayContaining([expect.objectContaining({ kind: 'mapped', subject: 'ids' })]) },
      });
      expect(await json(`migrate --from lancedb:@/data#items --to ${url} --verify`)).toMatchObject({
        exitCode: 0,
        collections: [
          { accepted: POINTS, losses: expect.arrayContaining([expect.objectContaining({ kind: 'mapped' })]) },
        ],
      });
    });
    expect(await filesIn(cwd)).toEqual([]);
  });

  it('does not need --force, and drops nothing', async () => {
    await seedStore(join(cwd, 'target'), [{ name: 'items', points: 3, dimension: 8 }]);
    const before = await filesIn(cwd);
    const line = 'migrate --from lancedb:@/data#items --to lancedb:$/target --mode replace --dry-run';
    expect(await run(line)).toMatchObject({ code: 0, stdout: expect.stringContaining('keeps everything') });
    expect(await filesIn(cwd)).toEqual(before);
  });
});

describe('--mode', () => {
  const line = 'migrate --from lancedb:@/data#items --to lancedb:$/target';

  it('create refuses a target that is there', async () => {
    await seedStore(join(cwd, 'target'), [{ name: 'items', points: 3, dimension: 8 }]);
    expect(await run(line)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining("The collection 'items' exists already; nothing was changed."),
    });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: 3 });
    expect((await filesIn(cwd)).filter((path) => !path.startsWith('target/'))).toEqual([]);
  });

  it('append needs a target that fits, and replaces points by id', async () => {
    expect(await run(`${line} --mode append`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no collection 'items' to append to"),
    });
    await seedStore(join(cwd, 'target'), [
      { name: 'items', points: POINTS + 7, dimension: 8, seed: 5 },
      { name: 'other', points: 3, dimension: 5 },
    ]);
    expect(await run(`${line}#other --mode append`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing was written'),
    });
    expect(await run(`${line} --mode append`)).toMatchObject({ code: 0 });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: POINTS + 7, other: 3 });
    await expectEqualPoint('id-3');
  });

  it('replace drops the target, with --force alone', async () => {
    await seedStore(join(cwd, 'target'), [{ name: 'items', points: 700, dimension: 3 }]);
    expect(await run(`${line} --mode replace`)).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: 700 });
    expect(await run(`${line} --mode replace --force --verify`)).toMatchObject({ code: 0 });
    expect(await countsIn(join(cwd, 'target'))).toEqual({ items: POINTS });
  });
});

describe('points the target refuses', () => {
  beforeEach(async () => {
    await seedStore(join(cwd, 'long'), [{ name: 'items', points: 20, dimension: 2 }]);
    await withStore(join(cwd, 'long'), async (store) =>
      (await store.repository('items')).upsertMany({
        ids: ['far', 'further'],
        vectors: { default: { kind: 'dense', dimension: 2, values: new Float32Array(4).fill(3e38) } },
        metadata: metadataFromTexts(['{"n":-1}', '{"n":-2}']),
      }),
    );
  });

  it.each([
    ['3', '', 3],
    ['0 with --allow-quarantine', ' --allow-quarantine', 0],
  ] as const)('are told with their reasons, exit code %s', async (_what, flag, code) => {
    await withQdrant(async (url) => {
      const moved = await run(`migrate --from lancedb:$/long#items --to ${url}${flag}`);
      expect(moved).toMatchObject({ code, stdout: expect.stringContaining('2 points refused') });
      expect(moved.stdout).toMatch(/items \/ further: .* is too long to be normalised/);
      expect(moved.stdout).toMatch(/│ items\s+│ items\s+│\s+20 │\s+2 │/);
    });
  });
});

describe('what is typed wrong', () => {
  it.each([
    ['no source', 'migrate --to lancedb:$/target', /--from/],
    ['no target', 'migrate --from lancedb:@/data#items', /--to/],
    ['a mode there is not', 'migrate --from lancedb:@/data#items --to lancedb:$/t --mode merge', /merge/],
    [
      'no collection of several',
      'migrate --from lancedb:@/data --to lancedb:$/t',
      /No collection is named.*items, tags/,
    ],
    [
      'one name for two',
      'migrate --from lancedb:@/data --all --to lancedb:$/t --as one',
      /One name cannot stand for 2/,
    ],
    ['two names for one', 'migrate --from lancedb:@/data#items --to lancedb:$/t#a --as b', /--as names 'b'/],
    ['a filter that is none', 'migrate --from lancedb:@/data#items --to lancedb:$/t --filter {"op":1}', /filter/i],
    ['no number of workers', 'migrate --from lancedb:@/data#items --to lancedb:$/t --parallel 0', /parallel/],
    ['a store there is not', 'migrate --from lancedb:@/data#items --to paper:$/t', /paper/],
  ])('%s is refused with exit code 2', async (_what, line, message) => {
    expect(await run(line)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(await filesIn(cwd)).toEqual([]);
  });

  it('a collection that is not there is told, and makes no target', async () => {
    expect(await run('migrate --from lancedb:@/data#nothing --to lancedb:$/target')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'nothing'"),
    });
    expect(await filesIn(cwd)).toEqual([]);
  });
});

describe('a migration that is killed', () => {
  it('goes on with --resume and nothing else, and is equal in the end', async () => {
    await seedStore(join(cwd, 'large'), [{ name: 'items', points: 60_000, dimension: 16 }]);
    const args = ['migrate', '--from', 'lancedb:./large#items', '--to', 'lancedb:./target', '--batch-size', '1000'];
    const child = startVecport([...args, '--parallel', '1'], { cwd });
    const state = join(cwd, '.vecport');
    await eventually(
      'a first part is committed',
      async () => (await filesIn(state)).some((path) => /slice/.test(path)),
      {
        interval: 2,
        timeout: 60_000,
      },
    );
    child.kill('SIGKILL');
    expect(await child.exit).toMatchObject({ signal: 'SIGKILL' });
    const { items = 0 } = await countsIn(join(cwd, 'target'));
    expect(items).toBeGreaterThan(0);
    expect(items).toBeLessThan(60_000);
    const resume = async (...more: readonly string[]) => startVecport([...args, ...more], { cwd }).exit;

    expect(await resume()).toMatchObject({ code: 1, stderr: expect.stringContaining('holds unfinished work') });
    expect(await resume('--resume', '--mode', 'replace', '--force')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('started with another mode: "create", not "replace"'),
    });
    const done = await resume('--resume', '--parallel', '4', '--batch-size', '777', '--verify', '--json');
    expect(done).toMatchObject({ code: 0 });
    expect(JSON.parse(done.stdout)).toMatchObject({
      resumed: true,
      collections: [{ read: 60_000, accepted: 60_000, comparison: { equal: true } }],
    });
    expect(await filesIn(state)).toEqual([]);
  }, 120_000);
});

async function pointsOf(store: Parameters<Parameters<typeof withStore>[1]>[0], id: string): Promise<readonly string[]> {
  const { metadata } = await (await store.repository('items')).get([id]);
  return [Buffer.from(metadata.bytes).toString()];
}

/** A point of the target is the one of the source. */
async function expectEqualPoint(id: string): Promise<void> {
  const [source, target] = await Promise.all(
    [join(base, 'data'), join(cwd, 'target')].map(async (path) =>
      withStore(path, async (store) => (await (await store.repository('items')).get([id])).vectors),
    ),
  );
  expect(target).toEqual(source);
}

async function withQdrant(work: (url: string) => Promise<void>): Promise<void> {
  const fake = await startFakeQdrant();
  try {
    await work(`qdrant://127.0.0.1:${fake.httpPort}?grpc-port=${fake.grpcPort}`);
  } finally {
    await fake.close();
  }
}
