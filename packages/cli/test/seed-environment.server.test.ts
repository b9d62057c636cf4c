import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStorage, type Storage } from '@vecport/storage';
import {
  type FakeQdrant,
  removeTempFolders,
  serverAccess,
  startFakeQdrant,
  startFaultProxy,
  tempFolder,
  testedServers,
} from '@vecport/testkit';
import { filesIn } from './support/files.js';
import { type RunResult, runHere } from './support/run-here.js';
import { seedStore } from './support/seed-store.js';
import { killLeftovers, vecport } from './support/vecport.js';

/*
 * A project that has a `.env` file with the variables of a Qdrant server and a bucket of Cloudflare R2, and a folder of
 * scripts in it where commands are typed without naming either.
 */
const POINTS = 3000;
const COLLECTION = `embeddings-${randomBytes(4).toString('hex')}`;

let cwd: string;
let server: FakeQdrant;
let access: Readonly<Record<string, string>>;

describe.each(testedServers(['r2']))('a project with a .env file, on %s', (name) => {
  beforeAll(async () => {
    const project = await tempFolder();
    cwd = join(project, 'scripts', 'export');
    await mkdir(cwd, { recursive: true });
    server = await startFakeQdrant();
    access = serverAccess(name);
    const variables = {
      QDRANT_URL: `localhost:${server.grpcPort}`,
      QDRANT_API_KEY: '',
      QDRANT_COLLECTION_NAME: COLLECTION,
      QDRANT_PORT: String(server.httpPort),
      ...access,
    };
    await writeFile(
      join(project, '.env'),
      Object.entries(variables)
        .map((entry) => `${entry.join('=')}\n`)
        .join(''),
    );
    await seedStore(join(cwd, 'data'), [{ name: 'items', points: POINTS, dimension: 32 }]);
    const store = `qdrant://localhost:${server.httpPort}/${COLLECTION}?grpc-port=${server.grpcPort}`;
    await expectDone('export --from lancedb:./data#items --to seed');
    await expectDone(`import --from seed --to ${store}`);
  });

  afterAll(async () => {
    const storage = bucket();
    for await (const { path } of storage.list('')) await storage.delete(path);
    await killLeftovers();
    await server.close();
    await removeTempFolders();
  });

  it('is exported by: vecport export --parallel 8', async () => {
    const { stdout, stderr } = await expectDone('export --parallel 8');
    expect(stdout).toContain(`Dataset: r2://vecport/${COLLECTION}/${COLLECTION}-`);
    expect(stderr).toContain('variables are taken from ../../.env');
    expect(existsSync(join(cwd, 'exports'))).toBe(false);
    await expectDone('download');
    const file = join(cwd, COLLECTION, 'latest.parquet');
    expect(await ask(`SELECT count(*), any_value(len(vector)) FROM read_parquet('${file}')`)).toEqual([
      [BigInt(POINTS), BigInt(32)],
    ]);
    const [row] = await ask(`SELECT vector[1:5], typeof(vector) FROM read_parquet('${file}') LIMIT 1`);
    expect(row?.[1]).toBe('FLOAT[]');
    expect(await expectDone('download --list')).toMatchObject({ stdout: expect.stringContaining(`${COLLECTION}/`) });
  });

  it.each([
    'export --http --strategy parquet-small --row-group-size 500',
    'export --batch-size 500 --retrieve-batch 100 --read two-pass --strategy parquet-med',
    'export --strategy ndjson-gz',
    'export --strategy parquet-large --stream-upload',
    'export --compression snappy --encoding plain --part-rows 1000',
  ])('is exported by: vecport %s', async (line) => {
    await expectDone(`${line} --verify`);
    const { stdout } = await expectDone('download --force --json --output latest');
    const { path, points } = JSON.parse(stdout) as { readonly path: string; readonly points: number };
    expect(points).toBe(POINTS);
    await expectDone(`verify ${path}`);
  });

  it('tells with --dry-run what would be done, and does nothing', async () => {
    const before = await objects();
    const { stdout } = await expectDone('export --dry-run');
    expect(stdout).toContain('Nothing was written.');
    expect(await objects()).toEqual(before);
  });

  it('is uploaded with --debug when somebody agrees, and the files are kept', async () => {
    const before = await objects();
    expect(await run('export --debug')).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
    const asked: string[] = [];
    const answering = (answer: boolean) => async (question: string) => {
      asked.push(question);
      return answer;
    };
    const state = join(cwd, 'debug');
    const env = { VECPORT_STATE: state };
    const declined = await runHere(['export', '--debug'], { cwd, env, confirm: answering(false) });
    expect(declined).toMatchObject({ code: 3, stderr: expect.stringContaining('Nothing was uploaded') });
    expect(asked).toEqual([expect.stringMatching(/^1 file of .* in file:.*\. Upload to r2:\/\/vecport\//)]);
    expect(await objects()).toEqual(before);
    const resumed = await runHere(['export', '--debug', '--resume'], { cwd, env, confirm: answering(true) });
    expect(resumed).toMatchObject({ code: 0 });
    const added = (await objects()).filter((path) => !before.includes(path));
    expect(added.map((path) => path.replace(/^[^/]*\//, ''))).toEqual([
      expect.stringMatching(/^collections\/.*\.parquet$/),
      expect.stringMatching(/\/schema\.json$/),
      'export_metadata.json',
      'manifest.json',
    ]);
    const kept = await filesIn(state);
    expect(kept.filter((path) => path.endsWith('/plan.json') || path.endsWith('.parquet'))).toHaveLength(2);
  });

  it('goes on with an upload from disk that broke off, and keeps no files then', async () => {
    const origin = access['R2_ENDPOINT'] ?? '';
    const proxy = await startFaultProxy({ target: origin });
    try {
      proxy.setFaults(({ method, path }) =>
        method === 'PUT' && /part-001-/.test(path) ? { answer: { status: 403 } } : undefined,
      );
      const env = { R2_ENDPOINT: proxy.url, VECPORT_STATE: join(cwd, 'staged') };
      const args = 'export --no-stream-upload --part-rows 1000';
      const broken = await run(args, env);
      expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('these credentials may not do that') });
      expect(broken.stderr).toMatch(/Go on with: vecport export .* --resume/);
      proxy.setFaults(undefined);
      expect(await run(`${args} --resume --verify`, env)).toMatchObject({ code: 0 });
      expect((await filesIn(join(cwd, 'staged'))).filter((path) => !path.endsWith('.lock'))).toEqual([]);
    } finally {
      await proxy.close();
    }
  });
});

const bucket = (): Storage => openStorage(`r2://vecport/${COLLECTION}`, { environment: access });

async function objects(): Promise<readonly string[]> {
  return (await Array.fromAsync(bucket().list(''))).map(({ path }) => path);
}

async function run(line: string, env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  const { code, stdout, stderr } = await vecport(line.split(' '), { cwd, env });
  return { code: code ?? -1, stdout, stderr };
}

async function expectDone(line: string): Promise<RunResult> {
  const result = await run(line);
  expect({ line, ...result }).toMatchObject({ line, code: 0 });
  return result;
}

async function ask(sql: string): Promise<readonly (readonly unknown[])[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  return (await connection.runAndReadAll(sql)).getRows();
}
