import { spawn } from 'node:child_process';
import { mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { connect } from '@lancedb/lancedb';
import { batchFromRecords, isVecportError } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-lancedb';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { toVecportError } from '../src/errors.js';
import { describes, exported, newCollection, newStore, points, write } from './support/tables.js';

jest.setTimeout(60_000);

afterAll(removeTempFolders);

describe('a table', () => {
  it('that does not exist is not-found, with advice', async () => {
    const { store } = await newStore();
    const refusal = { code: 'not-found', provider: 'lancedb', reason: "LanceDB: Table 'nope' was not found." };
    await expect(store.collection('nope', {})).rejects.toMatchObject(refusal);
    await expect(store.drop('nope', {})).rejects.toMatchObject(refusal);
  });

  it('that exists is already-exists and stays as it was', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    await write(collection, points(0, 3));
    await expect(store.create(describes('t', 9), {})).rejects.toMatchObject({ code: 'already-exists' });
    expect(await collection.count(undefined, {})).toBe(3);
    expect((await (await store.collection('t', {})).describe({})).vectors['default']?.dimension).toBe(2);
  });

  it.each(Array.from({ length: 10 }, (_, at) => at))(
    'is made once when several stores make it at once (%i)',
    async () => {
      const { store, path } = await newStore();
      const other = await adapter.open({ path }, {});
      const made = await Promise.allSettled(
        [store, other, store, other].map(async (each, at) => each.create(describes('t', 2 + at), {})),
      );
      const winner = made.findIndex(({ status }) => status === 'fulfilled');
      const { vectors } = await (await store.collection('t', {})).describe({});
      expect(vectors['default']?.dimension).toBe(2 + winner);
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of made) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'already-exists' });
      }
    },
  );

  it.each(['a/b', 'a b', '', 'é', '#'])('cannot be called %j', async (name) => {
    const { store } = await newStore();
    await expect(store.create(describes(name, 2), {})).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await store.collections({})).toEqual([]);
  });

  it('that nobody finished making can be dropped', async () => {
    const { store, path } = await newStore();
    await mkdir(join(path, 't.lance'));
    await expect(store.create(describes('t', 2), {})).rejects.toMatchObject({ code: 'already-exists' });
    await expect(store.collection('t', {})).rejects.toMatchObject({ code: 'not-found' });
    await store.drop('t', {});
    await store.create(describes('t', 2), {});
  });

  it('that was dropped while it was open is not-found', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    await write(collection, points(0, 3));
    await store.drop('t', {});
    await expect(collection.count(undefined, {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(exported(collection)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('with a damaged file is corrupt-data', async () => {
    const { store, path } = await newStore();
    await write(await newCollection(store, describes('t', 2)), points(0, 100));
    const folder = join(path, 't.lance', 'data');
    const [file = ''] = await readdir(folder);
    await truncate(join(folder, file), 20);
    const cut = await (await adapter.open({ path }, {})).collection('t', {});
    await expect(exported(cut)).rejects.toMatchObject({ code: 'corrupt-data' });
    await writeFile(join(folder, file), Buffer.alloc(4000, 7));
    const garbage = await (await adapter.open({ path }, {})).collection('t', {});
    await expect(garbage.get(['p1'], {})).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it.each([
    ['zeros', async (file: string, size: number) => writeFile(file, Buffer.alloc(size))],
    ['half of it', async (file: string, size: number) => truncate(file, size / 2)],
  ])('whose file became %s while it was open is corrupt-data', async (_what, damage) => {
    const { store, path } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    await write(collection, points(0, 3000));
    expect(await exported(collection)).toHaveLength(3);
    const folder = join(path, 't.lance', 'data');
    const [name = ''] = await readdir(folder);
    const { size } = await stat(join(folder, name));
    await damage(join(folder, name), size);
    await expect(exported(collection)).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it('that somebody else replaced while it was written to is a conflict', async () => {
    const path = await tempFolder();
    // Without `readConsistencyInterval` the connection does not look for what others wrote.
    const store = await adapter.open({}, { client: await connect(path) });
    const collection = await newCollection(store, describes('t', 2));
    await write(collection, points(0, 3));
    await (await connect(path)).createTable('t', [{ id: 'x', vector: [1, 2] }], { mode: 'overwrite' });
    await expect(collection.upsertMany(batchFromRecords(points(0, 3)), {})).rejects.toMatchObject({ code: 'conflict' });
    await expect(collection.deleteMany(['p0'], {})).rejects.toMatchObject({ code: 'conflict' });
  });

  it('takes writes of several writers at once', async () => {
    const { store, path } = await newStore();
    await store.create(describes('t', 2), {});
    const writers = Array.from({ length: 8 }, async (_, at) => {
      const other = await adapter.open({ path }, {});
      await write(await other.collection('t', {}), [...points(0, 50), ...points(100 + at * 50, 150 + at * 50)]);
      await other.close();
    });
    await Promise.all(writers);
    expect(await (await store.collection('t', {})).count(undefined, {})).toBe(450);
  });
});

describe('a batch or query that does not fit the table', () => {
  it('is refused as a whole', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    const wide = batchFromRecords([{ id: '1', embedding: Float32Array.of(1, 2, 3) }]);
    await expect(collection.upsertMany(wide, {})).rejects.toMatchObject({ code: 'dimension-mismatch' });
    const other = batchFromRecords([{ id: '1', vectors: { title: Float32Array.of(1, 2) } }]);
    await expect(collection.upsertMany(other, {})).rejects.toMatchObject({ code: 'invalid-argument' });
    const multi = batchFromRecords([{ id: '1', vectors: { default: [Float32Array.of(1, 2)] } }]);
    await expect(collection.upsertMany(multi, {})).rejects.toMatchObject({ code: 'invalid-argument' });
    await write(collection, points(0, 2));
    const search = collection.search({ vector: Float32Array.of(1, 2, 3), topK: 1 }, {});
    await expect(search).rejects.toMatchObject({ code: 'dimension-mismatch' });
    expect(await collection.count(undefined, {})).toBe(2);
  });
});

describe('a folder', () => {
  it('is not made by reading', async () => {
    const path = join(await tempFolder(), 'typo');
    const store = await adapter.open({ path }, {});
    expect(await store.collections({})).toEqual([]);
    await expect(store.collection('t', {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.drop('t', {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(readdir(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await store.create(describes('t', 2), {});
    expect(await store.collections({})).toEqual([{ name: 't' }]);
  });

  it('that is a file is a storage error', async () => {
    const path = join(await tempFolder(), 'file');
    await writeFile(path, 'no folder');
    await expect(adapter.open({ path }, {})).rejects.toMatchObject({ code: 'storage', provider: 'lancedb' });
  });

  it('that cannot be made is a storage error that says why', async () => {
    const store = await adapter.open({ path: '/proc/vecport' }, {});
    await expect(store.create(describes('t', 2), {})).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('/proc/vecport'),
    });
  });

  it('with no room left is a storage error that says so', async () => {
    const path = await tempFolder();
    const output = await withFileSizeLimit(path);
    expect(output).toMatch(/storage .*File too large.* free some space/);
    expect(await (await (await adapter.open({ path }, {})).collection('t', {})).count(undefined, {})).toBe(0);
  });

  it('may not be a URL', async () => {
    await expect(adapter.open({ path: 's3://bucket/tables' }, {})).rejects.toMatchObject({ code: 'not-supported' });
    await expect(adapter.open({ path: 'db://cloud' }, {})).rejects.toMatchObject({ code: 'not-supported' });
  });
});

describe('a closed store', () => {
  it('is unavailable', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    await store.close();
    await expect(collection.count(undefined, {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('waits for a call that is still at work, also one that nobody waits for', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('items', 2));
    await write(collection, points(0, 5000));
    const counting = collection.count(undefined, {});
    await store.close();
    expect(await counting).toBe(5000);
  });

  it('does not close a connection it was given', async () => {
    const client = await connect(await tempFolder(), { readConsistencyInterval: 0 });
    const store = await adapter.open({}, { client });
    await newCollection(store, describes('t', 2));
    await store.close();
    expect(await client.tableNames()).toEqual(['t']);
    client.close();
  });
});

describe('what is no error of LanceDB', () => {
  it('is left as it is', () => {
    for (const error of [
      new Error('x'),
      new TypeError('y'),
      'text',
      Object.assign(new Error('z'), { code: 'ENOENT' }),
    ]) {
      expect(toVecportError(error)).toBe(error);
    }
  });

  it('keeps the error of LanceDB as cause, and an unknown one is provider-error', () => {
    const cause = Object.assign(new Error('lance error: something odd, /rustc/abc/core.rs:1:2  Caused by: something'), {
      code: 'GenericFailure',
    });
    const error = toVecportError(cause);
    expect(isVecportError(error) && [error.code, error.reason, error.cause]).toEqual([
      'provider-error',
      'LanceDB: something odd.',
      cause,
    ]);
  });
});

/** Write 2 MB with LanceDB in a process that may not make files above 200 kB, as on a full disk. */
async function withFileSizeLimit(path: string): Promise<string> {
  const { store } = await newStoreIn(path);
  await store.create(describes('t', 256), {});
  await store.close();
  const require = createRequire(import.meta.url);
  const script = require.resolve('./support/fill-table.mjs');
  const library = require.resolve('@lancedb/lancedb');
  const shell = `trap '' XFSZ; ulimit -f 400; exec "$0" "$1" "$2" "$3"`;
  const child = spawn('sh', ['-c', shell, process.execPath, script, path, library], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = (await Array.fromAsync(child.stdout)).join('').trim();
  const error = toVecportError(Object.assign(new Error(text), { code: 'GenericFailure' }));
  return isVecportError(error) ? `${error.code} ${error.message}` : text;
}

async function newStoreIn(path: string): Promise<{ readonly store: Awaited<ReturnType<typeof adapter.open>> }> {
  return { store: await adapter.open({ path }, {}) };
}
