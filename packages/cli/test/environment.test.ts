import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeQdrant, removeTempFolders, startFakeQdrant, tempFolder } from '@vecport/testkit';
import { environmentOf } from '../src/environment.js';
import { filesIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';

let root: string;
let cwd: string;
let server: FakeQdrant;

/** Run in the working directory of the test. */
const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
  runHere(args, { cwd, env });

/** Requests that read or write points over gRPC so far. */
const overGrpc = (): number =>
  server.requests().filter(({ transport, path }) => transport === 'grpc' && path.startsWith('/qdrant.Points')).length;

beforeAll(async () => {
  root = await tempFolder();
  cwd = join(root, 'project', 'scripts');
  await mkdir(cwd, { recursive: true });
  server = await startFakeQdrant();
  await seedStore(join(root, 'data'), [{ name: 'items', points: 250, dimension: 4 }]);
  const filled = await run(['export', '--from', `lancedb:${root}/data#items`, '--to', join(root, 'seed')]);
  expect(filled).toMatchObject({ code: 0 });
  const store = `qdrant://127.0.0.1:${server.httpPort}/embeddings?grpc-port=${server.grpcPort}`;
  const imported = await run(['import', '--from', join(root, 'seed'), '--to', store]);
  expect({ ...imported, stdout: '' }).toEqual({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('Importing items'),
  });
});

afterAll(async () => {
  await server.close();
  await removeTempFolders();
});

describe('the environment', () => {
  it('is that of the process, then of the nearest .env file', async () => {
    await writeFile(join(root, 'project', '.env'), 'A=outer\nB=outer\nC="two words"\nE=outer\n');
    await writeFile(join(cwd, '.env'), 'B=inner\nD=\n');
    const read = environmentOf({ cwd, env: { A: 'own', E: '' } });
    const { variables, files, nameOf } = await read();
    expect(variables).toMatchObject({ A: 'own', B: 'inner', C: 'two words', E: 'outer' });
    expect(variables['D']).toBeUndefined();
    expect(files.map(({ file, variables: names }) => [file, names.toSorted()])).toEqual([
      ['.env', ['B']],
      ['../.env', ['C', 'E']],
    ]);
    expect([nameOf('A'), nameOf('B'), nameOf('C')]).toEqual(['A', 'B in .env', 'C in ../.env']);
    expect(await read()).toBe(await read());
  });
});

describe('an export by environment alone', () => {
  it('reads the collection QDRANT_COLLECTION_NAME names, from a bare address, and says which file says so', async () => {
    await writeFile(
      join(root, 'project', '.env'),
      `QDRANT_URL=127.0.0.1:${server.grpcPort}\nQDRANT_PORT=${server.httpPort}\nQDRANT_COLLECTION_NAME=embeddings\nQDRANT_API_KEY=\n`,
    );
    await writeFile(join(cwd, '.env'), '');
    const out = join(root, 'out');
    const { code, stdout, stderr } = await run(['export', '--parallel', '8', '--to', `${out}/`]);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('variables are taken from ../.env\n'),
    });
    expect(stdout).toMatch(/│ embeddings\s+│\s+250 │/);
    expect((await filesIn(out)).some((path) => /^embeddings-\d{8}t\d{6}z\/manifest\.json$/.test(path))).toBe(true);
    expect(overGrpc()).toBeGreaterThan(0);
  });

  it('reads over REST with --http', async () => {
    const before = overGrpc();
    const out = join(root, 'over-rest');
    expect(await run(['export', '--http', '--to', out])).toMatchObject({ code: 0 });
    expect(overGrpc()).toBe(before);
    const lance = await run(['export', '--http', '--from', `lancedb:${root}/data#items`, '--to', join(root, 'no')]);
    expect(lance).toMatchObject({ code: 2, stderr: expect.stringContaining('--http is for Qdrant alone') });
  });

  it('tells with --verbose which variables are used, and never their values', async () => {
    const key = 'not-to-be-shown';
    const { stderr } = await run(['export', '--dry-run', '--verbose'], { QDRANT_API_KEY: key });
    expect(stderr).toMatch(/\.\.\/\.env gives QDRANT_URL, QDRANT_PORT, QDRANT_COLLECTION_NAME/);
    expect(stderr).toContain('embeddings of qdrant (qdrant ');
    expect(stderr).not.toContain(key);
  });

  it('hides the secrets of a .env file in errors', async () => {
    await writeFile(join(cwd, '.env'), 'R2_SECRET_ACCESS_KEY=hidden-secret\nQDRANT_URL=http://hidden-secret.invalid\n');
    const { code, stderr } = await run(['export', '--to', join(root, 'never')]);
    expect(code).toBe(1);
    expect(stderr).not.toContain('hidden-secret');
    await writeFile(join(cwd, '.env'), '');
  });

  it('goes to the bucket the environment names, and to none of two', async () => {
    const two = { R2_BUCKET: 'a', SUPABASE_BUCKET: 'b' };
    const { code, stderr } = await run(['export', '--dry-run'], two);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('R2_BUCKET and SUPABASE_BUCKET'),
    });
    const download = await run(['download'], two);
    expect(download).toMatchObject({ code: 2, stderr: expect.stringContaining('Two buckets are configured') });
  });
});

describe('--debug with a bucket', () => {
  it('needs somebody to ask, or --yes, and excludes --stream-upload', async () => {
    const env = { R2_BUCKET: 'b', R2_ACCESS_KEY_ID: 'k', R2_SECRET_ACCESS_KEY: 's', R2_ENDPOINT: 'http://127.0.0.1:9' };
    const debug = await run(['export', '--debug'], env);
    expect(debug).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
    const both = await run(['export', '--debug', '--stream-upload'], env);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('Leave one of them out') });
  });
});
