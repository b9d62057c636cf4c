import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { startFaultyQdrant } from './support/faulty-qdrant.js';
import { partsIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';
import { runOnSmallDisk } from './support/small-disk.js';
import { vecportCommand } from './support/vecport.js';

/*
 * What goes wrong with the place that is read or written: a target that is dropped, files that are damaged, a disk that
 * is full. There is a clear error, and --resume completes the work.
 */
const POINTS = 6000;

/** Has `data`, a LanceDB folder, and `plain`, a dataset of its points. */
let base: string;

beforeAll(async () => {
  base = await tempFolder();
  await seedStore(join(base, 'data'), [{ name: 'items', points: POINTS, dimension: 64, metric: 'euclidean' }]);
  const exported = ['export', '--from', `lancedb:${join(base, 'data')}#items`, '--to', join(base, 'plain')];
  expect(await runHere([...exported, '--part-rows', '700'], { cwd: base })).toMatchObject({ code: 0 });
}, 30_000);

afterAll(removeTempFolders);

describe.each([
  ['an import', importArgs],
  ['a migration', migrateArgs],
] as const)('%s into Qdrant', (_, argsOf) => {
  it('whose target is dropped makes it again when it is resumed', async () => {
    await withImport(join(base, 'plain'), async ({ server, run, verify }) => {
      const begin = argsOf(server.url('grpc'));
      server.failPoints(async (n) => (n === 8 ? drop(server.fake.httpUrl) : undefined));
      const failed = await run(begin);
      expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/Collection `items` doesn't exist/) });
      expect(failed.stderr).toMatch(/Go on with: vecport (?:import|migrate) .* --resume\n/);
      expect(await run([...begin, '--resume', '--json'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('"resumed":true'),
      });
      await verify();
    });
  }, 60_000);
});

describe('an import into Qdrant', () => {
  it('whose files are damaged goes on when they are restored, and not before', async () => {
    const plain = join(await tempFolder(), 'plain');
    await cp(join(base, 'plain'), plain, { recursive: true });
    const [last = ''] = (await partsIn(plain)).slice(-1);
    const whole = await readFile(join(plain, last));
    await withImport(plain, async ({ server, run, begin, verify }) => {
      server.failPoints(async (n) => (n === 5 ? writeDamaged(join(plain, last), whole) : undefined));
      const failed = await run(begin);
      expect(failed).toMatchObject({ code: 3, stderr: expect.stringContaining(last) });
      expect(failed.stderr).toMatch(/Go on with: vecport import .* --resume\n/);
      expect(await run([...begin, '--resume'])).toMatchObject({ code: 3, stderr: expect.stringContaining(last) });
      await writeFile(join(plain, last), whole);
      expect(await run([...begin, '--resume'])).toMatchObject({ code: 0 });
      await verify();
    });
  }, 60_000);
});

describe('a disk that is full', () => {
  it('ends an export, which goes on when there is room', async () => {
    const folder = await tempFolder();
    const copyTo = await tempFolder();
    const args = ['export', '--from', `lancedb:${join(base, 'data')}#items`, '--to', join(folder, 'out')];
    const first = vecportCommand([...args, '--part-rows', '700', '--encoding', 'plain', '--compression', 'none']);
    const { stdout, stderr } = await runOnSmallDisk({ folder, first, second: [...first, '--resume'], copyTo });
    expect(stdout).toMatch(/codes 1 0\n$/);
    expect(stderr).toMatch(/vecport: .*(?:no space|full|too large)/i);
    expect(stderr).toMatch(/Go on with: vecport export .* --resume\n/);
    const verified = ['verify', join(copyTo, 'out'), '--against', `lancedb:${join(base, 'data')}#items`];
    expect(await runHere(verified, { cwd: base })).toMatchObject({ code: 0 });
  }, 60_000);

  it('ends an import into LanceDB, which goes on when there is room', async () => {
    const folder = await tempFolder();
    const copyTo = await tempFolder();
    const args = ['import', '--from', join(base, 'plain'), '--to', `lancedb:${join(folder, 'target')}`];
    const first = vecportCommand([...args, '--batch-size', '100', '--state', join(folder, 'state')]);
    const { stdout, stderr } = await runOnSmallDisk({ folder, first, second: [...first, '--resume'], copyTo });
    expect(stderr).toMatch(/vecport: .*(?:no space|full|too large)/i);
    expect(stderr).toMatch(/Go on with: vecport import .* --resume\n/);
    expect(stdout).toMatch(/codes 1 0\n$/);
    const verified = ['verify', join(base, 'plain'), '--against', `lancedb:${join(copyTo, 'target')}#items`];
    expect(await runHere(verified, { cwd: base })).toMatchObject({ code: 0 });
  }, 60_000);
});

const SLOWLY = ['--batch-size', '100', '--parallel', '1'];

function importArgs(to: string): readonly string[] {
  return ['import', '--from', join(base, 'plain'), '--to', to, ...SLOWLY];
}

function migrateArgs(to: string): readonly string[] {
  return ['migrate', '--from', `lancedb:${join(base, 'data')}#items`, '--to', to, ...SLOWLY];
}

interface ImportScene {
  readonly server: Awaited<ReturnType<typeof startFaultyQdrant>>;
  readonly begin: readonly string[];
  run(args: readonly string[]): Promise<RunResult>;
  /** The target is equal to the dataset. */
  verify(): Promise<void>;
}

async function withImport(dataset: string, work: (scene: ImportScene) => Promise<void>): Promise<void> {
  const server = await startFaultyQdrant();
  const cwd = await tempFolder();
  const run = async (args: readonly string[]): Promise<RunResult> => runHere(args, { cwd });
  try {
    await work({
      server,
      run,
      begin: ['import', '--from', dataset, '--to', server.url('grpc'), ...SLOWLY],
      verify: async () => {
        server.heal();
        expect(await run(['verify', dataset, '--against', server.url('grpc')])).toMatchObject({ code: 0 });
      },
    });
  } finally {
    await server.close();
  }
}

async function drop(url: string): Promise<undefined> {
  const { ok } = await fetch(`${url}/collections/items`, { method: 'DELETE' });
  expect(ok).toBe(true);
}

async function writeDamaged(path: string, whole: Buffer): Promise<undefined> {
  const damaged = Buffer.from(whole);
  // In the middle of a page of vectors.
  damaged.writeUInt32LE(~damaged.readUInt32LE(whole.length >> 1) >>> 0, whole.length >> 1);
  await writeFile(path, damaged);
}
