import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type CollectionDriver, isVecportError, type StoreDriver, type VectorBatch } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-pgvector';
import { eventually } from '@vecport/testkit';
import {
  COPY_HEADER,
  COPY_TRAILER,
  copyRow,
  type FakeAnswer,
  type FakeHandler,
  type FakePostgres,
  fakePostgres,
  plainServer,
  vectorBytes,
} from './support/fake-postgres.js';
import { TEST_CERTIFICATE } from './support/test-certificate.js';

const stores: StoreDriver[] = [];
const servers: FakePostgres[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const server of servers.splice(0)) await server.close();
});

async function start(handler: FakeHandler, startup?: () => FakeAnswer | undefined): Promise<FakePostgres> {
  const server = await fakePostgres(handler, startup);
  servers.push(server);
  return server;
}

async function open(server: FakePostgres, settings: Readonly<Record<string, string>> = {}): Promise<StoreDriver> {
  const store = await adapter.open({ url: server.url, ...settings }, {});
  stores.push(store);
  return store;
}

const row = (id: number, ...values: number[]): Buffer => copyRow(String(id), vectorBytes(...values), undefined);
const ROWS = [1, 2, 3, 4, 5].map((id) => row(id, id, -id));

interface Reading {
  readonly ids: readonly string[];
  readonly error: unknown;
}

/** What an export gives when the server answers COPY like this. */
async function exportOf(copy: FakeAnswer, settings?: Readonly<Record<string, string>>): Promise<Reading> {
  const server = await start(plainServer((sql) => (sql.startsWith('COPY') ? copy : undefined)));
  const collection = await (await open(server, settings)).collection('t', {});
  return read(collection);
}

async function read(collection: CollectionDriver): Promise<Reading> {
  const ids: string[] = [];
  try {
    for await (const batch of collection.exportAll?.({ batchSize: 2 }) ?? []) ids.push(...batch.ids);
    return { ids, error: undefined };
  } catch (error) {
    return { ids, error };
  }
}

const whole = Buffer.concat([COPY_HEADER, ...ROWS, COPY_TRAILER]);

describe('an export from a server that', () => {
  it('tells the truth is complete, in whatever pieces the rows come', async () => {
    const bytewise = Array.from(whole, (_, at) => whole.subarray(at, at + 1));
    for (const pieces of [[whole], [COPY_HEADER, ...ROWS, COPY_TRAILER], bytewise]) {
      expect(await exportOf({ copy: pieces, rows: 5 })).toEqual({ ids: ['1', '2', '3', '4', '5'], error: undefined });
    }
  });

  it.each<readonly [string, FakeAnswer, string]>([
    ['sends a row twice', { copy: [COPY_HEADER, row(1, 1, 1), row(1, 1, 1), COPY_TRAILER], rows: 2 }, 'corrupt-data'],
    [
      'sends rows out of order',
      { copy: [COPY_HEADER, row(10, 1, 1), row(9, 1, 1), COPY_TRAILER], rows: 2 },
      'corrupt-data',
    ],
    ['says it sent more than it did', { copy: [whole], rows: 6 }, 'incomplete'],
    ['says it sent less than it did', { copy: [whole], rows: 4 }, 'incomplete'],
    ['ends before the trailer', { copy: [COPY_HEADER, ...ROWS], rows: 5 }, 'corrupt-data'],
    ['ends in the middle of a row', { copy: [whole.subarray(0, whole.length - 9)], rows: 5 }, 'corrupt-data'],
    ['ends before the header', { copy: [], rows: 0 }, 'corrupt-data'],
    ['goes on after the trailer', { copy: [whole, row(6, 1, 1)], rows: 6 }, 'corrupt-data'],
    ['sends another format', { copy: [Buffer.from('1\t[1,2]\n'.repeat(9))], rows: 9 }, 'corrupt-data'],
    [
      'sends other columns',
      { copy: [COPY_HEADER, copyRow('1', vectorBytes(1, 2)), COPY_TRAILER], rows: 1 },
      'corrupt-data',
    ],
    [
      'sends a vector of another dimension',
      { copy: [COPY_HEADER, row(1, 1, 2, 3), COPY_TRAILER], rows: 1 },
      'corrupt-data',
    ],
    [
      'sends a row without an identifier',
      { copy: [COPY_HEADER, copyRow(undefined, undefined, undefined), COPY_TRAILER], rows: 1 },
      'corrupt-data',
    ],
    ['cuts the connection in the middle', { copy: [whole.subarray(0, 90)], rows: 5, end: 'cut' }, 'unavailable'],
    ['cuts the connection at the end of the rows', { copy: [whole], rows: 5, end: 'cut' }, 'unavailable'],
    ['refuses with an error', { error: '57P01', message: 'terminating connection' }, 'unavailable'],
    ['refuses the rows', { error: '42501', message: 'permission denied for table t' }, 'forbidden'],
    [
      'hides rows by a policy',
      { error: '42501', message: 'query would be affected by row-level security policy' },
      'forbidden',
    ],
    ['cuts the connection instead of an answer', 'cut', 'unavailable'],
  ])('%s ends in an error', async (_, answer, code) => {
    const { error } = await exportOf(answer);
    expect(isVecportError(error) ? error.code : error).toBe(code);
  });

  it('stops sending ends in a timeout', async () => {
    for (const answer of [{ copy: [whole.subarray(0, 90)], rows: 5, end: 'silent' } as const, 'silent' as const]) {
      const { error } = await exportOf(answer, { timeout: '30' });
      expect(isVecportError(error) ? error.code : error).toBe('timeout');
    }
  });
});

it('an export says every setting that could change what it reads or end it early', async () => {
  const server = await start(plainServer((sql) => (sql.startsWith('COPY') ? { copy: [whole], rows: 5 } : undefined)));
  await read(await (await open(server)).collection('t', {}));
  const copy = server.queries.findIndex((sql) => sql.startsWith('COPY'));
  const begin = server.queries.lastIndexOf('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', copy);
  const said = server.queries.slice(begin, copy).join('\n');
  for (const setting of [
    "statement_timeout TO '0'",
    "idle_in_transaction_session_timeout TO '0'",
    "transaction_timeout TO '0'",
    "row_security TO 'off'",
    'search_path TO pg_catalog, "public"',
  ]) {
    expect(said).toContain(`SET LOCAL ${setting}`);
  }
});

describe('an export that is left', () => {
  it('tells the server to stop and closes its connection', async () => {
    const server = await start(
      plainServer((sql) => (sql.startsWith('COPY') ? { copy: [whole], rows: 5, end: 'silent' } : undefined)),
    );
    const collection = await (await open(server)).collection('t', {});
    for await (const batch of collection.exportAll?.({ batchSize: 2 }) ?? []) {
      expect(batch.ids).toEqual(['1', '2']);
      break;
    }
    await eventually('the query came', () => server.queries.some((sql) => sql.includes('pg_cancel_backend')));
    // The one of the pool is kept.
    await eventually('connections are closed', () => server.connections() === 1);
  });

  it('by its signal throws the reason while the server is silent', async () => {
    const server = await start(plainServer((sql) => (sql.startsWith('COPY') ? 'silent' : undefined)));
    const collection = await (await open(server)).collection('t', {});
    const controller = new AbortController();
    const batches: VectorBatch[] = [];
    const reading = (async () => {
      for await (const batch of collection.exportAll?.({ signal: controller.signal }) ?? []) batches.push(batch);
    })();
    await eventually('the query came', () => server.queries.some((sql) => sql.startsWith('COPY')));
    controller.abort('a text as reason');
    await expect(reading).rejects.toBe('a text as reason');
    expect(batches).toEqual([]);
  });
});

describe('a call', () => {
  it('is tried again while the server is starting, and not for ever', async () => {
    let refusals = 2;
    const server = await start(
      plainServer((sql) => (sql.includes('count(*)') && refusals-- > 0 ? { error: '57P03' } : undefined)),
    );
    const collection = await (await open(server)).collection('t', {});
    expect(await collection.count(undefined, {})).toBe(3);
    refusals = 1000;
    await expect(collection.count(undefined, {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(refusals).toBeGreaterThan(990);
  });

  it('that gets no answer ends in a timeout, and one that is aborted with its reason', async () => {
    const server = await start(plainServer((sql) => (sql.includes('count(*)') ? 'silent' : undefined)));
    const patient = await (await open(server)).collection('t', {});
    const controller = new AbortController();
    const counting = patient.count(undefined, { signal: controller.signal });
    await eventually('the query came', () => server.queries.some((sql) => sql.includes('count(*)')));
    const reason = new Error('aborted by the test');
    controller.abort(reason);
    await expect(counting).rejects.toBe(reason);
    const impatient = await (await open(server, { timeout: '20' })).collection('t', {});
    await expect(impatient.count(undefined, {})).rejects.toMatchObject({ code: 'timeout' });
  });

  it('after close is refused, and one that runs then ends', async () => {
    const server = await start(plainServer((sql) => (sql.includes('count(*)') ? 'silent' : undefined)));
    const store = await adapter.open({ url: server.url }, {});
    const collection = await store.collection('t', {});
    const counting = collection.count(undefined, {});
    const ended = expect(counting).rejects.toMatchObject({ code: 'unavailable' });
    await eventually('the query came', () => server.queries.some((sql) => sql.includes('count(*)')));
    await store.close();
    await ended;
    await eventually('connections are closed', () => server.connections() === 0);
  });
});

describe('opening', () => {
  it.each([
    ['28P01', 'unauthorized'],
    ['28000', 'unauthorized'],
    ['3D000', 'not-found'],
    ['42501', 'forbidden'],
    ['53300', 'unavailable'],
    ['57P03', 'unavailable'],
  ])('refused with %s is %s, and shows no password', async (state, code) => {
    const server = await start(
      () => undefined,
      () => ({ error: state, message: 'no' }),
    );
    const error: unknown = await adapter.open({ url: server.url }, {}).catch((thrown: unknown) => thrown);
    expect(isVecportError(error) ? error.code : error).toBe(code);
    expect(String(error)).not.toContain('secret-password');
  });

  it('of a server without pgvector says how to get it', async () => {
    const server = await start(
      plainServer((sql) =>
        sql.includes('server_version_num') ? { rows: [['180004', '18.4', '1', null, null]] } : undefined,
      ),
    );
    await expect(adapter.open({ url: server.url }, {})).rejects.toMatchObject({
      code: 'not-supported',
      advice: expect.stringContaining('CREATE EXTENSION vector'),
    });
    await eventually('connections are closed', () => server.connections() === 0);
  });

  it('of what is not there, says nothing, or is no PostgreSQL is unavailable', async () => {
    const gone = await start(() => undefined);
    await gone.close();
    await expect(adapter.open({ url: gone.url }, {})).rejects.toMatchObject({ code: 'unavailable' });
    const mute = await start(
      () => undefined,
      () => 'silent',
    );
    await expect(adapter.open({ url: mute.url, timeout: '50' }, {})).rejects.toMatchObject({ code: 'unavailable' });
    const rude = await start(
      () => undefined,
      () => 'cut',
    );
    await expect(adapter.open({ url: rude.url }, {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('of a server that drops the connection when TLS is asked for is unavailable', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('N')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const opening = adapter.open({ host: '127.0.0.1', port: String(port), sslmode: 'require', user: 'u' }, {});
    await expect(opening).rejects.toMatchObject({
      code: 'not-supported',
      advice: expect.stringContaining('sslmode=disable'),
    });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('TLS', () => {
  it.each<readonly [mode: string, host: string, ca: string | undefined, code: string | undefined]>([
    ['require', '127.0.0.1', undefined, undefined],
    ['verify-ca', '127.0.0.1', TEST_CERTIFICATE, undefined],
    ['verify-ca', '127.0.0.1', undefined, 'unauthorized'],
    ['verify-full', 'localhost', TEST_CERTIFICATE, undefined],
    ['verify-full', 'localhost', undefined, 'unauthorized'],
    ['verify-full', '127.0.0.1', TEST_CERTIFICATE, 'unauthorized'],
    ['verify-full', 'localhost', '/no/such/file.pem', 'invalid-argument'],
  ])('%s of %s with the authority %#', async (sslmode, host, ca, code) => {
    const server = await start(plainServer((sql) => (sql.startsWith('COPY') ? { copy: [whole], rows: 5 } : undefined)));
    const url = server.url.replace('127.0.0.1', host);
    const opened = await open({ ...server, url }, { sslmode, ...(ca === undefined ? {} : { ca }) }).catch(
      (error: unknown) => error,
    );
    expect(isVecportError(opened) ? opened.code : undefined).toBe(code);
    if (code !== undefined) return;
    const collection = await (opened as StoreDriver).collection('t', {});
    expect((await read(collection)).ids).toHaveLength(5);
  });
});
