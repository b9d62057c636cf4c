import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { computeContentHash, openLocalEmbeddingCache } from '@vecport/embedding-cache';
import { bitsOf, floatsOf, ODD_BITS } from './support/bits.js';
import { childCommand, startChild } from './support/child-process.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Ample for tests that start processes, on a busy machine.
jest.setTimeout(60_000);

const HASH = computeContentHash('a text');

describe('openLocalEmbeddingCache', () => {
  it('keeps embeddings, counts and dimensions when it is closed and opened again', async () => {
    const folder = join(await temporaryFolder(), 'not/there.yet');
    const first = await openLocalEmbeddingCache(folder);
    await first.set(HASH, 'm', floatsOf(ODD_BITS));
    await first.set(HASH, 'other', Float32Array.of(1));
    await first.get(HASH, 'm');
    const { hits: _, ...stats } = await first.stats();
    await first.close();
    const second = await openLocalEmbeddingCache(folder);
    expect(await second.stats()).toEqual({ ...stats, hits: 0 });
    expect(bitsOf(await second.get(HASH, 'm'))).toEqual(ODD_BITS);
    await expect(second.set(HASH, 'm', Float32Array.of(1))).rejects.toMatchObject({ code: 'dimension-mismatch' });
    await second.close();
  });

  it('has everything whose promise was resolved when the process was killed', async () => {
    const folder = await temporaryFolder();
    const child = startChild(childCommand('store-without-end', folder));
    for (let calls = 1; calls < 5; calls += 1) await child.next();
    const stored = Number(await child.next());
    await child.kill();
    const cache = await openLocalEmbeddingCache(folder);
    const { entries } = await cache.stats();
    expect(entries).toBeGreaterThanOrEqual(stored);
    expect(entries % 100).toBe(0);
    for (let number = 0; number < entries; number += 1) {
      const found = await cache.get(computeContentHash(`text ${number}`), 'm');
      expect(bitsOf(found?.subarray(383))).toEqual([number * 384 + 383]);
    }
    expect(await cache.get(computeContentHash(`text ${entries}`), 'm')).toBeUndefined();
    await cache.close();
  });

  it('may be open in two processes: each sees at once what the other stored, also when the file grew', async () => {
    const folder = await temporaryFolder();
    const cache = await openLocalEmbeddingCache(folder);
    await cache.set(HASH, 'm', new Float32Array(384));
    const child = startChild(childCommand('store-and-stay', folder, '3000'));
    expect(await child.next()).toMatchObject({ entries: 3001 });
    expect(await cache.stats()).toMatchObject({ entries: 3001 });
    expect(bitsOf((await cache.get(computeContentHash('text 2999'), 'm'))?.subarray(0, 1))).toEqual([2999 * 384]);
    expect(await cache.clear()).toBe(3001);
    await child.kill();
    await cache.close();
  });

  it('never answers from an older read, even within one turn of the event loop', async () => {
    const folder = await temporaryFolder();
    const cache = await openLocalEmbeddingCache(folder);
    const hash = computeContentHash('text 0');
    expect(await cache.get(hash, 'm')).toBeUndefined();
    const [program = '', ...args] = childCommand('store-one-by-one', folder, '0', '1');
    expect(spawnSync(program, args, { encoding: 'utf8' }).stdout).toBe('"done"\n');
    expect(await cache.get(hash, 'm')).toHaveLength(384);
    await cache.close();
  });

  it('counts right when two processes write at once', async () => {
    const folder = await temporaryFolder();
    const ranges = [
      ['0', '150'],
      ['100', '250'],
    ] as const;
    const children = ranges.map((range) => startChild(childCommand('store-one-by-one', folder, ...range)));
    await Promise.all(children.map(async (child) => child.next()));
    await Promise.all(children.map(async (child) => child.ended()));
    const cache = await openLocalEmbeddingCache(folder);
    expect(await cache.stats()).toMatchObject({ entries: 250 });
    await cache.close();
  });

  it('may be opened twice in one process', async () => {
    const folder = await temporaryFolder();
    const first = await openLocalEmbeddingCache(folder);
    const second = await openLocalEmbeddingCache(folder);
    await first.set(HASH, 'm', Float32Array.of(1));
    expect(await second.get(HASH, 'm')).toEqual(Float32Array.of(1));
    await first.close();
    await second.set(HASH, 'm', Float32Array.of(2));
    expect(await second.get(HASH, 'm')).toEqual(Float32Array.of(2));
    await second.close();
  });

  it('finds out that a stored embedding was damaged', async () => {
    const folder = await temporaryFolder();
    const first = await openLocalEmbeddingCache(folder);
    await first.set(HASH, 'm', floatsOf([0x11223344, 0x55667788]));
    await first.close();
    const file = join(folder, 'data.mdb');
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
    await writeFile(join(folder, 'data.mdb'), content);
    await expect(openLocalEmbeddingCache(folder)).rejects.toMatchObject({ name: 'VecportError', code: 'corrupt-data' });
    expect(await readFile(join(folder, 'data.mdb'))).toEqual(content);
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
