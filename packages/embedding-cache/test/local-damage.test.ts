import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, jest } from '@jest/globals';
import { computeContentHash, openLocalEmbeddingCache } from '@vecport/embedding-cache';
import { floatsOf } from './support/bits.js';
import { childCommand, startChild } from './support/child-process.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Ample for tests that start processes, on a busy machine.
jest.setTimeout(60_000);

/** The database in the folder. */
const FILE = 'embeddings.sqlite';

const HASH = computeContentHash('a text');

describe('openLocalEmbeddingCache, when files are damaged, removed or not to be written', () => {
  it('finds out that a stored embedding was damaged', async () => {
    const folder = await temporaryFolder();
    const first = await openLocalEmbeddingCache(folder);
    await first.set(HASH, 'm', floatsOf([0x11223344, 0x55667788]));
    await first.close();
    const file = join(folder, FILE);
    const bytes = await readFile(file);
    const needle = Buffer.from(floatsOf([0x11223344, 0x55667788]).buffer);
    let at = bytes.indexOf(needle);
    expect(at).toBeGreaterThan(0);
    for (; at >= 0; at = bytes.indexOf(needle)) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(file, bytes);
    const second = await openLocalEmbeddingCache(folder);
    await expect(second.get(HASH, 'm')).rejects.toMatchObject({
      name: 'VecportError',
      code: 'corrupt-data',
      message: expect.stringContaining(HASH),
    });
    expect(await second.stats()).toMatchObject({ hits: 0, misses: 0 });
    await second.set(HASH, 'm', Float32Array.of(1, 2));
    expect(await second.get(HASH, 'm')).toEqual(Float32Array.of(1, 2));
    await second.close();
  });

  it.each([
    ['short', Buffer.from('no database')],
    ['long', Buffer.alloc(20_000, 'no database')],
  ])('refuses a file that is no database instead of crashing: %s', async (_name, content) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, FILE), content);
    await expect(openLocalEmbeddingCache(folder)).rejects.toMatchObject({ name: 'VecportError', code: 'corrupt-data' });
    expect(await readFile(join(folder, FILE))).toEqual(content);
  });

  it.each([
    ['half', (size: number) => size / 2],
    ['all but a page', (size: number) => size - 4096],
    ['a piece of the first page', () => 100],
  ])('finds out that the file was cut short: %s', async (_name, sizeOf) => {
    const folder = await temporaryFolder();
    const first = await openLocalEmbeddingCache(folder);
    const entries = Array.from({ length: 50 }, (_, index) => {
      return { contentHash: computeContentHash(`${index}`), modelId: 'm', embedding: new Float32Array(384) };
    });
    await first.setMany(entries);
    await first.close();
    const file = join(folder, FILE);
    await truncate(file, sizeOf((await stat(file)).size));
    await expect(openLocalEmbeddingCache(folder)).rejects.toMatchObject({ name: 'VecportError', code: 'corrupt-data' });
  });

  it('finds out that the file was cut short while it is open', async () => {
    const folder = await temporaryFolder();
    const child = startChild(childCommand('store-one-by-one', folder, '0', '50'));
    await child.next();
    await child.ended();
    const cache = await openLocalEmbeddingCache(folder);
    await truncate(join(folder, FILE), 4096);
    await expect(cache.get(computeContentHash('text 49'), 'm')).rejects.toMatchObject({ code: 'corrupt-data' });
    await cache.close();
  });

  it.each(['dimension = 3', 'dimension = -1', 'dimension = 9223372036854775807'])(
    'finds out that the record of a model was damaged: %s',
    async (change) => {
      const folder = await temporaryFolder();
      const cache = await openLocalEmbeddingCache(folder);
      await cache.set(HASH, 'm', Float32Array.of(1, 2));
      changeBehind(folder, `UPDATE models SET ${change}`);
      await expect(cache.get(HASH, 'm')).rejects.toMatchObject({ code: 'corrupt-data' });
      await cache.close();
    },
  );

  it('refuses a database without its tables', async () => {
    const folder = await temporaryFolder();
    changeBehind(folder, 'PRAGMA user_version = 1');
    await expect(openLocalEmbeddingCache(folder)).rejects.toMatchObject({ name: 'VecportError', code: 'corrupt-data' });
  });

  it.each([
    ['of a newer version', 'PRAGMA user_version = 2', 'not-supported'],
    ['of something else', 'CREATE TABLE theirs (a)', 'corrupt-data'],
  ])('refuses a database %s, and leaves it as it is', async (_name, change, code) => {
    const folder = await temporaryFolder();
    changeBehind(folder, change);
    const before = await readFile(join(folder, FILE));
    await expect(openLocalEmbeddingCache(folder)).rejects.toMatchObject({ name: 'VecportError', code });
    expect(await readFile(join(folder, FILE))).toEqual(before);
    expect(await readdir(folder)).toEqual([FILE]);
  });

  it.each([
    ['the folder', 0o755, 0o666],
    ['the file', 0o777, 0o444],
  ])('says that %s may not be written', async (_name, folderMode, fileMode) => {
    const parent = await temporaryFolder();
    const folder = join(parent, 'cache');
    await (await openLocalEmbeddingCache(folder)).close();
    await chmod(join(folder, FILE), fileMode);
    await chmod(folder, folderMode & (process.getuid?.() === 0 ? 0o777 : 0o555));
    await chmod(parent, 0o755);
    const child = startChild(childCommand('use-without-rights', folder));
    expect(await child.next()).toBe('forbidden');
    await child.ended();
    await chmod(folder, 0o755);
  });

  it('says where it cannot be made', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'deeper')]) {
      await expect(openLocalEmbeddingCache(path)).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringContaining(path),
      });
    }
  });

  it.each(['', 'no\0path'])('refuses %j, which is no path, and makes nothing', async (path) => {
    await expect(openLocalEmbeddingCache(path)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('says so where Linux denies that an existing folder exists', async () => {
    // A second process: what this guards against holds up its process for ever.
    const child = startChild(childCommand('open', '/proc/vecport-cache/deeper'));
    expect(await child.next()).toMatchObject({ code: 'storage', message: expect.stringContaining('/proc/vecport') });
    await child.ended();
  });

  it('does not store where nobody finds it: the folder was removed, or another one took its place', async () => {
    const folder = join(await temporaryFolder(), 'cache');
    const cache = await openLocalEmbeddingCache(folder);
    await cache.set(HASH, 'm', Float32Array.of(1));
    await rm(folder, { recursive: true });
    const removed = {
      code: 'storage',
      message: expect.stringMatching(/were removed while it was open.*Open it again/),
    };
    await expect(cache.set(HASH, 'm', Float32Array.of(2))).rejects.toMatchObject(removed);
    const next = await openLocalEmbeddingCache(folder);
    await next.set(HASH, 'm', Float32Array.of(3));
    await expect(cache.clear()).rejects.toMatchObject(removed);
    // Closing the one that is gone must not take the files of the other.
    await cache.close();
    const third = await openLocalEmbeddingCache(folder);
    expect(await third.get(HASH, 'm')).toEqual(Float32Array.of(3));
    await next.set(HASH, 'm', Float32Array.of(4));
    expect(await third.get(HASH, 'm')).toEqual(Float32Array.of(4));
    await third.close();
    await next.close();
  });

  it('does not say that something is stored when the folder was removed during the call', async () => {
    const folder = join(await temporaryFolder(), 'cache');
    const cache = await openLocalEmbeddingCache(folder);
    const entry = {
      contentHash: HASH,
      modelId: 'm',
      // Asked for in the middle of the transaction.
      get embedding() {
        rmSync(folder, { recursive: true, force: true });
        return Float32Array.of(1);
      },
    };
    await expect(cache.setMany([entry])).rejects.toMatchObject({ code: 'storage' });
    await cache.close();
  });

  it('says that the disk is full, keeps what it has, and the process lives on', async () => {
    const folder = await temporaryFolder();
    const child = startChild(onSmallDisk(folder, childCommand('store-until-refused', folder)));
    expect(await child.next()).toEqual({
      code: 'storage',
      message: expect.stringMatching(/Cannot write to the embedding cache.*disk is not full/),
      intact: true,
    });
    await child.ended();
  });
});

/** Change the database of a folder as no cache would. */
function changeBehind(folder: string, statement: string): void {
  const database = new DatabaseSync(join(folder, FILE));
  database.exec(statement);
  database.close();
}

/**
 * The command on a disk of 1 MiB, mounted at the folder for this command alone (a mount namespace of
 * its own). Where that is not allowed, with a limit on the size of a file, and it says so.
 */
function onSmallDisk(folder: string, command: readonly string[]): string[] {
  const mount = `mount -t tmpfs -o size=1m tmpfs '${folder}'`;
  const flags = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
  const tried = spawnSync('unshare', [...flags, 'sh', '-c', mount], { encoding: 'utf8' });
  if (tried.status === 0) return ['unshare', ...flags, 'sh', '-c', `${mount} && exec "$@"`, 'sh', ...command];
  const reason = tried.error?.message ?? tried.stderr.trim();
  process.stderr.write(`No small disk can be mounted here (${reason}): a file size limit stands in for it.\n`);
  return ['sh', '-c', `trap '' XFSZ; ulimit -f 1024; exec "$@"`, 'sh', ...command];
}
