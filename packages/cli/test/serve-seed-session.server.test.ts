import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adapter as weaviate } from '@vecport/adapter-weaviate';
import { createHost, type VecportHost } from '@vecport/core';
import { openStorage } from '@vecport/storage';
import {
  adapterModule,
  eventually,
  type NodeChild,
  randomPoints,
  removeTempFolders,
  serverAccess,
  serverUrl,
  tempFolder,
} from '@vecport/testkit';
import { killLeftovers, startVecport } from './support/vecport.js';

/** As the documentation of Weaviate's export has it, but for the port. */
const START = `curl -s -X POST http://localhost:8080/v1/export/s3 \\
  -H "Content-Type: application/json" \\
  -d '{
    "id": "test-export-1",
    "include": ["Article"],
    "config": {
      "bucket": "weaviate-exports",
      "path": "exports/"
    }
  }'`;
const CHECK = 'curl -s http://localhost:8080/v1/export/s3/test-export-1';

const POINTS = 500;
const BUCKET = 'weaviate-exports';
const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const shell = async (command: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-c', command], { timeout: 30_000 })).stdout;

describe('the export of the documentation, from Weaviate to S3', () => {
  const source = serverUrl('weaviate-1.39');
  const access = serverAccess('s3');
  const endpoint = new URL(serverUrl('s3').replace(/^s3:/, 'http:')).searchParams.get('endpoint') ?? '';
  let host: VecportHost;
  let child: NodeChild;
  let cwd: string;
  let port: string;
  let duckdb: DuckDBConnection | undefined;

  const storage = (folder: string) =>
    openStorage(`s3://${BUCKET}/${folder}?endpoint=${endpoint}&region=us-east-1`, { environment: access });
  const asIs = async (command: string): Promise<Readonly<Record<string, unknown>>> =>
    JSON.parse(await shell(command.replace('localhost:8080', `127.0.0.1:${port}`))) as Readonly<
      Record<string, unknown>
    >;
  const rowsOf = async (sql: string) => (await duckdb?.runAndReadAll(sql))?.getRowObjectsJson() ?? [];

  beforeAll(async () => {
    cwd = await tempFolder();
    await fillWeaviate();
    // Makes the bucket, if an earlier run has not.
    const user = `${access['AWS_ACCESS_KEY_ID']}:${access['AWS_SECRET_ACCESS_KEY']}`;
    const signed = `--aws-sigv4 aws:amz:us-east-1:s3 --user ${user} -H "x-amz-content-sha256: ${SHA256_OF_NOTHING}"`;
    await shell(`curl -s -X PUT ${signed} ${endpoint}/${BUCKET}`);
    await clear();
    await mkdir(join(cwd, 'service'));
    await writeFile(
      join(cwd, 'service/service.json'),
      JSON.stringify({
        stores: { main: source },
        backends: { s3: { buckets: [BUCKET], settings: { endpoint, region: 'us-east-1' } } },
      }),
    );
    child = startVecport(['serve', '--port', '0', '--data', 'service'], { cwd, env: access });
    await child.output('listens at ');
    port = /listens at http:\/\/127\.0\.0\.1:(\d+),/.exec(child.stderr())?.[1] ?? '';
    duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  });

  afterAll(async () => {
    duckdb?.closeSync();
    await killLeftovers();
    await clear();
    await (await host.catalog.open('weaviate')).drop('Article');
    await host.close();
    await removeTempFolders();
  });

  async function fillWeaviate(): Promise<void> {
    const { settings } = weaviate.parseUrl(source);
    host = await createHost({ discover: false, envFile: false, env: {}, modules: [adapterModule(weaviate, settings)] });
    const store = await host.catalog.open('weaviate');
    if ((await store.collections()).some((info) => info.name === 'Article')) await store.drop('Article');
    await store.create({
      name: 'Article',
      vectors: { default: { kind: 'dense', dimension: 8, elementType: 'float32', metric: 'cosine' } },
      idKinds: ['uuid'],
    });
    const { failed } = await (await store.repository('Article')).upsertMany(randomPoints(1, POINTS, 8, 'uuid'));
    expect(failed).toEqual([]);
  }

  async function clear(): Promise<void> {
    for await (const { path } of storage('exports').list('')) await storage('exports').delete(path);
  }

  it('runs as it is written', async () => {
    const begun = await asIs(START);
    expect(begun).toEqual({
      id: 'test-export-1',
      backend: 's3',
      path: 's3://weaviate-exports/exports/test-export-1/',
      status: 'STARTED',
      startedAt: expect.any(String),
      classes: ['Article'],
      progress: { Article: { status: 'STARTED', objectsExported: 0 } },
    });
    const ended = await eventually(
      'the export has ended',
      async () => {
        const status = await asIs(CHECK);
        return status['completedAt'] !== undefined && status;
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(ended).toMatchObject({
      ...begun,
      status: 'SUCCESS',
      progress: { Article: { status: 'SUCCESS', objectsExported: POINTS, fileSizeBytes: expect.any(Number) } },
    });

    const files = (await Array.fromAsync(storage('exports/test-export-1').list(''))).map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(['Article.parquet', 'export_metadata.json']));
    const metadata: unknown = JSON.parse(
      new TextDecoder().decode(await storage('exports/test-export-1').read('export_metadata.json')),
    );
    expect(metadata).toMatchObject({ id: 'test-export-1', backend: 's3', status: 'SUCCESS', classes: ['Article'] });

    const file = join(cwd, 'Article.parquet');
    await writeFile(file, await storage('exports/test-export-1').read('Article.parquet'));
    const columns = await rowsOf(`DESCRIBE SELECT * FROM '${file}'`);
    expect(columns.map((row) => row['column_name'])).toEqual([
      'id',
      'class_name',
      'creation_time',
      'update_time',
      'vector',
      'named_vectors',
      'multi_vectors',
      'properties',
    ]);
    expect(
      await rowsOf(`SELECT count(*) AS n, count(DISTINCT id) AS ids, min(class_name) AS name FROM '${file}'`),
    ).toEqual([{ n: String(POINTS), ids: String(POINTS), name: 'Article' }]);
    const [first] = await rowsOf(
      `SELECT octet_length(vector) AS bytes, json_extract(decode(properties), '$.n') AS n FROM '${file}' ORDER BY id LIMIT 1`,
    );
    expect(first).toEqual({ bytes: String(8 * 4), n: '0' });
  });
});
