import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, jest } from '@jest/globals';
import { computeContentHash, openLocalEmbeddingCache } from '@vecport/embedding-cache';
import { bitsOf, floatsOf, ODD_BITS } from './support/bits.js';
import { type Child, childCommand, startChild } from './support/child-process.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Ample for tests that start processes, on a busy machine.
jest.setTimeout(60_000);

/** The database in the folder. */
const FILE = 'embeddings.sqlite';

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

  it('loses nothing when processes open, write and end without closing at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const folder = join(await temporaryFolder(), 'cache');
      const children = ['0', '50', '100', '150'].map((from) => startChild(childCommand('store-and-end', folder, from)));
      await startAll(folder, children);
      const cache = await openLocalEmbeddingCache(folder);
      expect(await cache.stats()).toMatchObject({ entries: 200 });
      for (let number = 0; number < 200; number += 1) {
        expect(await cache.get(computeContentHash(`text ${number}`), 'm')).toHaveLength(384);
      }
      await cache.close();
    }
  });

  it('keeps one dimension a model, also when two processes store the first embedding at once', async () => {
    const folder = join(await temporaryFolder(), 'cache');
    const children = [2, 3].map((dimension) => startChild(childCommand('store-dimension', folder, `${dimension}`)));
    const [two, three] = (await startAll(folder, children, 1)) as string[][];
    const cache = await openLocalEmbeddingCache(folder);
    const { models } = await cache.stats();
    expect(models).toHaveLength(30);
    for (const { modelId, dimension, entries } of models) {
      expect(entries).toBe(1);
      const model = Number(modelId.slice('model '.length));
      const expected = dimension === 2 ? ['done', 'dimension-mismatch'] : ['dimension-mismatch', 'done'];
      expect([two?.[model], three?.[model]]).toEqual(expected);
    }
    await cache.close();
  });

  it('opens when another process is done that is making the same file', async () => {
    const folder = await temporaryFolder();
    const other = new DatabaseSync(join(folder, FILE));
    other.exec('BEGIN IMMEDIATE');
    const opening = openLocalEmbeddingCache(folder);
    await expect(Promise.race([opening, turns(100)])).resolves.toBe('waited');
    other.close();
    await (await opening).close();
  });

  it('waits for another process that writes, but not for ever', async () => {
    const folder = await temporaryFolder();
    const cache = await openLocalEmbeddingCache(folder);
    await cache.set(HASH, 'm', Float32Array.of(1));
    const other = new DatabaseSync(join(folder, FILE));
    other.exec('BEGIN IMMEDIATE');
    await expect(cache.set(HASH, 'm', Float32Array.of(2))).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: expect.stringMatching(/Another process is writing/),
    });
    expect(await cache.get(HASH, 'm')).toEqual(Float32Array.of(1));
    other.close();
    await cache.set(HASH, 'm', Float32Array.of(2));
    expect(await cache.get(HASH, 'm')).toEqual(Float32Array.of(2));
    await cache.close();
  });
});

/** Some reads of a file later: long enough for a step that waits for nothing, as the file system is as busy for it. */
async function turns(count: number): Promise<'waited'> {
  for (let turn = 0; turn < count; turn += 1) await readFile(new URL(import.meta.url));
  return 'waited';
}

/** Start them all at once, and wait for their ends. Gives what each of them said, if it says something. */
async function startAll(folder: string, children: readonly Child[], lines = 0): Promise<unknown[]> {
  await Promise.all(children.map(async (child) => child.next()));
  await writeFile(`${folder}.start`, '');
  const said = await Promise.all(children.map(async (child) => (lines > 0 ? child.next() : undefined)));
  await Promise.all(children.map(async (child) => child.ended()));
  return said;
}
