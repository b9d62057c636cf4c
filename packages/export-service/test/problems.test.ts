import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VecportError } from '@vecport/abstractions';
import { eventually, removeTempFolders, tempFolder } from '@vecport/testkit';
import { bucketBackend, filesystemBackend, type StoreSet } from '../src/index.js';
import { type FakeRunner, fakeRunner } from './support/fake-runner.js';
import {
  type Answer,
  type MemoryStores,
  memoryStores,
  type RunningService,
  request,
  startService,
} from './support/start-service.js';

let stores: MemoryStores;
let runner: FakeRunner;
let service: RunningService;

beforeEach(async () => {
  stores = await memoryStores({ Article: 10, Secret: 3 });
  runner = fakeRunner();
  service = await startService({
    stores: stores.set,
    runner,
    keys: { reader: [{ action: 'read', collections: ['Art*'] }] },
  });
});

afterEach(async () => {
  await service.close();
  await stores.host.close();
});

afterAll(removeTempFolders);

const start = async (body: unknown, key = 'admin', backend = 'filesystem'): Promise<Answer> =>
  request(`${service.url}/v1/export/${backend}`, {
    method: 'POST',
    body,
    headers: key === 'admin' ? {} : { authorization: `Bearer ${service.keys[key]}` },
  });

const restart = async (setup: Partial<Parameters<typeof startService>[0]>): Promise<void> => {
  await service.close();
  service = await startService({ stores: stores.set, ...setup });
};

/** The service with the key `reader` answers nobody else. */
const asReader = async (body: unknown): Promise<Answer> => start(body, 'reader');

function expectProblem(answer: Answer, status: number, code: string, title: string): void {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.json).toMatchObject({ type: `urn:vecport:problem:${code}`, status, code, title });
  expect(answer.json['requestId']).toBe(answer.headers.get('x-request-id'));
  expect(answer.status).toBe(status);
}

describe('the five errors of the export of Weaviate', () => {
  it('backend not available: it is not configured', async () => {
    const answer = await start({ id: 'a', include: ['Article'] }, 'reader', 's3');
    expectProblem(answer, 503, 'backend-not-available', 'backend not available');
  });

  it('authorization failed: READ is missing on a class, whether it is there or not', async () => {
    const there = await asReader({ id: 'a', include: ['Article', 'Secret'] });
    expectProblem(there, 403, 'authorization-failed', 'authorization failed');
    const absent = await asReader({ id: 'a', include: ['Article', 'Nothing'] });
    expect(absent.json['detail']).toBe(String(there.json['detail']).replace('Secret', 'Nothing'));
  });

  it('class does not exist', async () => {
    const answer = await asReader({ id: 'a', include: ['Article', 'Artless'] });
    expectProblem(answer, 422, 'class-does-not-exist', 'class does not exist');
    expect(answer.json['detail']).toContain('Artless');
    expectProblem(
      await asReader({ id: 'a', exclude: ['Artless'] }),
      422,
      'class-does-not-exist',
      'class does not exist',
    );
  });

  it('export already in progress', async () => {
    const body = { id: 'a', include: ['Article'] };
    expect((await asReader(body)).status).toBe(200);
    expectProblem(await asReader(body), 409, 'export-already-in-progress', 'export already in progress');
    (await runner.run(0)).succeed();
    await service.clientOf('reader').exports.wait('filesystem', 'a');
    expect((await asReader(body)).json).toMatchObject({ status: 'SUCCESS' });
  });

  it('export already in progress: two requests at the same moment', async () => {
    const body = { id: 'a', include: ['Article'] };
    const answers = await Promise.all(Array.from({ length: 5 }, async () => asReader(body)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409, 409]);
    expect(runner.runs).toHaveLength(1);
  });

  it('write to backend failed: before the export is begun', async () => {
    const root = join(await tempFolder(), 'file');
    await writeFile(root, '');
    await restart({ backends: [filesystemBackend({ root: join(root, 'below') })] });
    const answer = await start({ id: 'a', include: ['Article'] });
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain(root);
  });

  it('write to backend failed: while it runs', async () => {
    const failing = fakeRunner();
    await restart({ runner: failing });
    await start({ id: 'a', include: ['Article'] });
    (await failing.run(0)).fail(new VecportError('storage', 'No space is left on the device.'));
    expect(await service.client.exports.wait('filesystem', 'a')).toMatchObject({
      status: 'FAILED',
      error: 'write to backend failed: No space is left on the device.',
      progress: { Article: { status: 'FAILED' } },
    });
  });
});

describe('what is wrong with a request', () => {
  it.each([
    [{ id: 'Bad Id' }, 'id'],
    [{ id: '../up' }, 'id'],
    [{ id: 'a'.repeat(129) }, 'id'],
    [{}, 'id'],
    [{ id: 'a', include: ['Article'], exclude: ['Article'] }, 'include'],
    [{ id: 'a', unknown: 1 }, 'unknown'],
    [{ id: 'a', config: { endpoint: 'http://169.254.169.254/' } }, 'endpoint'],
    [{ id: 'a', config: { bucket: 'b' } }, 'bucket'],
    [{ id: 'a', compression: 'zstd:99' }, 'compression'],
    [{ id: 'a', strategy: 'ndjson-gz', compression: 'snappy' }, 'snappy'],
    [{ id: 'a', filter: { op: 'like', field: 'a', value: 'b' } }, 'filter'],
    [{ id: 'a', parallel: 0 }, 'parallel'],
    [[], ''],
    ['{"id":', 'JSON'],
    ['{"id":"a","__proto__":{"x":1}}', '__proto__'],
  ])('%j is refused, naming what is wrong', async (body, named) => {
    const answer = await asReader(body);
    expectProblem(answer, 400, 'invalid-request', 'invalid request');
    expect(answer.json['detail']).toContain(named);
    expect(runner.runs).toHaveLength(0);
  });

  it.each([70, 5000])('a filter nested %d deep is refused', async (depth) => {
    const filter = `${'{"op":"not","filter":'.repeat(depth)}{"op":"exists","field":"a"}${'}'.repeat(depth)}`;
    const answer = await asReader(`{"id":"a","filter":${filter}}`);
    expectProblem(answer, 400, 'invalid-request', 'invalid request');
    expect(answer.json['detail']).toContain('nested');
  });

  it.each(['..%2fup', 'UPPER', '%00', 'a%2fb'])('the id %s in a path is refused', async (id) => {
    const headers = { authorization: `Bearer ${service.keys['reader']}` };
    const answer = await request(`${service.url}/v1/export/filesystem/${id}`, { headers });
    expectProblem(answer, 400, 'invalid-request', 'invalid request');
  });

  it.each(['/etc', '..', 'a/../b', './a', 'a//b', 'a\\b', 'a/%2e%2e/b', 'C:/x', '~/x/\u0000', 'a/..', '//host/share'])(
    'the path %j is refused',
    async (path) => {
      expectProblem(await asReader({ id: 'a', config: { path } }), 400, 'invalid-request', 'invalid request');
    },
  );

  it('refuses bodies that are too large, compressed or not JSON', async () => {
    const headers = { authorization: `Bearer ${service.keys['reader']}` };
    const post = async (body: string, more: Record<string, string>): Promise<Answer> =>
      request(`${service.url}/v1/export/filesystem`, { method: 'POST', body, headers: { ...headers, ...more } });
    expectProblem(await post(`{"id":"${'a'.repeat(300_000)}"}`, {}), 413, 'payload-too-large', 'payload too large');
    for (const more of [
      { 'content-type': 'text/plain' },
      { 'content-encoding': 'gzip' },
      { 'content-type': 'application/json; charset=utf-16' },
    ]) {
      expectProblem(await post('{"id":"a"}', more), 415, 'unsupported-media-type', 'unsupported media type');
    }
  });

  it('reads no body that does not end', async () => {
    const headers = { authorization: `Bearer ${service.keys['reader']}`, 'content-type': 'application/json' };
    const sending = httpRequest(`${service.url}/v1/export/filesystem`, { method: 'POST', headers });
    const closed = once(sending, 'close');
    sending.on('error', () => {});
    const send = (): void => {
      if (!sending.destroyed) sending.write('x'.repeat(16_384), () => setImmediate(send));
    };
    send();
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    expect(response).toMatchObject({ statusCode: 413, headers: { connection: 'close' } });
    response.resume();
    await closed;
  });

  it('answers what is not there and what cannot be done with it', async () => {
    const headers = { authorization: `Bearer ${service.keys['reader']}` };
    expectProblem(
      await request(`${service.url}/v1/export/filesystem/none`, { headers }),
      404,
      'not-found',
      'not found',
    );
    expectProblem(await request(`${service.url}/v1/export/a/b/c/d`, { headers }), 404, 'not-found', 'not found');
    const put = await request(`${service.url}/v1/export/filesystem`, { method: 'PUT', headers });
    expectProblem(put, 405, 'method-not-allowed', 'method not allowed');
    expect(put.headers.get('allow')).toBe('POST, GET, HEAD');
    expectProblem(
      await request(`${service.url}/v1/export/ftp`, { headers }),
      400,
      'invalid-request',
      'invalid request',
    );
    expectProblem(
      await asReader({ id: 'a', source: 'nowhere' }),
      422,
      'source-does-not-exist',
      'source does not exist',
    );
  });

  it('refuses a folder that is not empty, and leaves it as it is', async () => {
    await mkdir(join(service.root, 'a'), { recursive: true });
    await writeFile(join(service.root, 'a/precious.txt'), 'mine');
    expectProblem(await asReader({ id: 'a' }), 409, 'target-not-empty', 'target not empty');
    expect(runner.runs).toHaveLength(0);
  });

  it('refuses a link that leads out of the root', async () => {
    const outside = await tempFolder();
    await mkdir(service.root, { recursive: true });
    await symlink(outside, join(service.root, 'link'));
    const answer = await asReader({ id: 'a', config: { path: 'link/deeper' } });
    expectProblem(answer, 502, 'write-to-backend-failed', 'write to backend failed');
    expect(answer.text).not.toContain(outside);
  });
});

describe('buckets', () => {
  it('outside of the allow-list are refused, whether they are there or not', async () => {
    await restart({
      backends: [bucketBackend({ name: 's3', buckets: ['one', 'two'], settings: { endpoint: 'http://127.0.0.1:9' } })],
    });
    for (const bucket of ['three', 'one.evil.example', '169.254.169.254']) {
      const answer = await start({ id: 'a', config: { bucket, path: 'x/' } }, 'admin', 's3');
      expectProblem(answer, 403, 'authorization-failed', 'authorization failed');
    }
    const unnamed = await start({ id: 'a', config: { path: 'x/' } }, 'admin', 's3');
    expectProblem(unnamed, 400, 'invalid-request', 'invalid request');
  });
});

describe('limits', () => {
  it('lets jobs wait, and refuses those that are too many', async () => {
    await restart({ runner, limits: { concurrency: 1, queued: 1 } });
    for (const id of ['a', 'b']) expect((await start({ id, include: ['Article'] })).status).toBe(200);
    const third = await start({ id: 'c', include: ['Article'] });
    expectProblem(third, 503, 'busy', 'too many jobs');
    expect(third.headers.get('retry-after')).toBe('30');
    expect(runner.runs).toHaveLength(1);
    runner.runs[0]?.succeed();
    (await runner.run(1)).succeed();
    expect((await service.client.exports.wait('filesystem', 'b')).status).toBe('SUCCESS');
  });

  it('refuses requests that are too many, and keys that are guessed', async () => {
    await restart({ limits: { requestsPerMinute: 8, failuresPerMinute: 2 } });
    const guess = async (): Promise<number> =>
      (await request(`${service.url}/v1/schedules`, { headers: { authorization: 'Bearer vpk_guess' } })).status;
    expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await request(`${service.url}/healthz`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe('sources', () => {
  it('that cannot be reached are not available', async () => {
    const broken: StoreSet = {
      names: ['main'],
      defaultName: 'main',
      open: async () => {
        throw new VecportError('unavailable', 'The server does not answer.');
      },
    };
    await restart({ stores: broken });
    expectProblem(await start({ id: 'a' }), 503, 'source-not-available', 'source not available');
  });

  it('whose failure is unexpected tell nothing of it', async () => {
    const broken: StoreSet = {
      names: ['main'],
      defaultName: 'main',
      open: async () => {
        throw new Error('password=hunter2 at /home/somebody');
      },
    };
    await restart({ stores: broken });
    const answer = await start({ id: 'a' });
    expectProblem(answer, 500, 'internal-error', 'internal error');
    expect(answer.text).not.toMatch(/hunter2|home|at .*\.ts/);
  });

  it('that vanish while a job waits make it fail with a reason', async () => {
    await restart({});
    await start({ id: 'a', include: ['Article'] });
    await service.client.exports.wait('filesystem', 'a');
    const { data, root } = service;
    await service.close();
    const waiting = fakeRunner();
    service = await startService({ stores: stores.set, data, root, runner: waiting });
    await start({ id: 'b', include: ['Article'] });
    await waiting.run(0);
    await service.close();
    service = await startService({ stores: { names: [], open: stores.set.open }, data, root });
    await eventually(
      'it fails',
      async () => (await service.client.exports.status('filesystem', 'b')).status === 'FAILED',
    );
    expect((await service.client.exports.status('filesystem', 'b')).error).toContain("no store 'main'");
  });
});
