import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { localStorage, type Storage } from '@vecport/storage';
import fc from 'fast-check';
import { temporaryFolder } from './support/temporary-folder.js';

async function fill(folder: string, paths: readonly string[]): Promise<Storage> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path);
  }
  return localStorage(folder);
}

async function listed(storage: Storage, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(storage.list(prefix))).map(({ path }) => path);
}

describe('list', () => {
  it('goes by the bytes of the whole path, through all folders', async () => {
    const paths = ['a-b', 'a/b', 'a/c/d', 'a0', 'b', 'z', '\u{ffee}', '\u{1f600}'];
    const storage = await fill(await temporaryFolder(), paths.toReversed());
    expect(await listed(storage, '')).toEqual(paths);
  });

  it('gives what starts with the prefix, also within a name and across folders', async () => {
    const part = fc.constantFrom('a', 'b', 'ab', 'a-', '.x', 'é');
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('/')}.f`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { maxLength: 8 }), fc.nat(8), async (paths, cut) => {
        const storage = await fill(await temporaryFolder(), paths);
        const prefix = (paths[0] ?? '').slice(0, cut);
        const expected = paths.filter((one) => one.startsWith(prefix));
        const order = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(await listed(storage, prefix)).toEqual(expected.toSorted(order));
      }),
      { numRuns: 40 },
    );
  });

  it('takes dots at the end of a prefix for the start of names', async () => {
    const folder = await temporaryFolder();
    const storage = await fill(folder, ['a/..b', 'a/.c/d', 'a/e', 'f']);
    expect(await listed(storage.within('a'), '.')).toEqual(['..b', '.c/d']);
    expect(await listed(storage, 'a/..')).toEqual(['a/..b']);
  });

  it('leaves out what is being written, and locks', async () => {
    const storage = localStorage(await temporaryFolder());
    const writer = await storage.put('folder/new');
    const lock = await storage.lock('folder/a.lock');
    expect(await listed(storage, '')).toEqual([]);
    await writer.commit();
    expect(await listed(storage, '')).toEqual(['folder/new']);
    await lock.release();
  });

  it('is empty where there is no folder', async () => {
    const folder = await temporaryFolder();
    const storage = await fill(folder, ['file']);
    expect(await listed(storage, 'missing/')).toEqual([]);
    expect(await listed(storage, 'file/')).toEqual([]);
    expect(await listed(localStorage(join(folder, 'missing')), '')).toEqual([]);
  });

  it('refuses a name that is not UTF-8 instead of leaving it out', async () => {
    const folder = await temporaryFolder();
    await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]), '');
    await expect(listed(localStorage(folder), '')).rejects.toMatchObject({ code: 'invalid-path' });
  });
});

describe('delete', () => {
  it('removes a file, and is content where there is none', async () => {
    const folder = await temporaryFolder();
    const storage = await fill(folder, ['folder/file', 'folder/other']);
    await storage.delete('folder/file');
    expect(await readdir(folder)).toEqual(['folder']);
    for (const path of ['folder/file', 'folder', 'missing/file']) await storage.delete(path);
    expect(await readdir(folder)).toEqual(['folder']);
  });

  it('leaves no empty folders behind, but the root and what is not empty', async () => {
    const folder = await temporaryFolder();
    const storage = await fill(folder, ['a/b/c/file', 'a/other']);
    await storage.delete('a/b/c/file');
    expect(await readdir(folder, { recursive: true })).toEqual(['a', 'a/other']);
    await storage.within('a').delete('other');
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not get in the way of files that come into being beside it', async () => {
    const storage = localStorage(await temporaryFolder());
    const putAndDelete = async (name: string): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        const writer = await storage.put(`a/b/${name}`);
        await writer.write([Buffer.from(name)]);
        await writer.commit();
        await storage.delete(`a/b/${name}`);
      }
    };
    await Promise.all(['one', 'two', 'three'].map(putAndDelete));
    expect(await listed(storage, '')).toEqual([]);
  });
});

describe('within', () => {
  it('is the same storage some folders deeper', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    const inner = storage.within('a b').within('c#d');
    const writer = await inner.put('e/file');
    expect(await writer.commit()).toMatchObject({ path: 'e/file' });
    expect(await listed(storage, '')).toEqual(['a b/c#d/e/file']);
    expect(await listed(inner, 'e/')).toEqual(['e/file']);
    expect(await inner.head('e/file')).toMatchObject({ path: 'e/file' });
    expect(inner.url).toBe(`${storage.url}a%20b/c%23d/`);
    expect(storage.url).toBe(`file://${folder}/`);
    expect(() => storage.within('../out')).toThrow('The path "../out" was refused');
  });
});
