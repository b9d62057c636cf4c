import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { localStorage } from '@vecport/storage';
import fc from 'fast-check';
import { openFilesBelow } from './support/open-files.js';
import { temporaryFolder } from './support/temporary-folder.js';

const MIB = 1 << 20;

describe('read', () => {
  it('gives any range exactly', async () => {
    const folder = await temporaryFolder();
    const content = Uint8Array.from({ length: 200 }, (_, index) => index);
    await writeFile(join(folder, 'file'), content);
    const bound = fc.integer({ min: 0, max: 200 });
    await fc.assert(
      fc.asyncProperty(bound, bound, async (left, right) => {
        const range = { start: Math.min(left, right), end: Math.max(left, right) };
        expect(await localStorage(folder).read('file', range)).toEqual(content.slice(range.start, range.end));
      }),
      { numRuns: 50 },
    );
    expect(await localStorage(folder).read('file')).toEqual(content);
  });

  it.each([
    { start: 0, end: 11 },
    { start: 11, end: 11 },
    { start: 5, end: 4 },
    { start: -1, end: 4 },
    { start: 0.5, end: 4 },
    { start: Number.NaN, end: 4 },
  ])('refuses the range %o of ten bytes', async (range) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), new Uint8Array(10));
    await expect(localStorage(folder).read('file', range)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('it has 10 bytes'),
    });
  });

  it('says which file is missing', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'file'), '');
    for (const path of ['missing', 'missing/too', 'file/deeper', 'folder']) {
      await expect(localStorage(folder).read(path)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining(join(folder, path)),
      });
    }
    await expect(localStorage(join(folder, 'no-root')).read('file')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('throws the abort reason as it is', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), 'x');
    const reason = new Error('enough');
    const options = { signal: AbortSignal.abort(reason) };
    const storage = localStorage(folder);
    await expect(storage.read('file', undefined, options)).rejects.toBe(reason);
    await expect(storage.stream('file', options)[Symbol.asyncIterator]().next()).rejects.toBe(reason);
    await expect(storage.head('file', options)).rejects.toBe(reason);
    await expect(storage.list('', options)[Symbol.asyncIterator]().next()).rejects.toBe(reason);
    await expect(storage.delete('file', options)).rejects.toBe(reason);
    await expect(storage.sweep('', options)).rejects.toBe(reason);
    expect(await storage.head('file')).toBeDefined();
  });
});

describe('stream', () => {
  it('gives a file in order, in chunks of a mebibyte that stay as they are', async () => {
    const folder = await temporaryFolder();
    const content = Uint8Array.from({ length: 2 * MIB + 3 }, (_, index) => (index * 7) % 251);
    await writeFile(join(folder, 'file'), content);
    const chunks = await Array.fromAsync(localStorage(folder).stream('file'));
    expect(chunks.map((chunk) => chunk.length)).toEqual([MIB, MIB, 3]);
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
    await writeFile(join(folder, 'empty'), '');
    expect(await Array.fromAsync(localStorage(folder).stream('empty'))).toEqual([]);
  });

  it('fails when the file becomes shorter meanwhile, instead of ending early', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), new Uint8Array(2 * MIB));
    const chunks = localStorage(folder).stream('file')[Symbol.asyncIterator]();
    await chunks.next();
    await truncate(join(folder, 'file'), MIB + 1);
    await expect(chunks.next()).rejects.toMatchObject({ code: 'io' });
  });

  it('closes the file when the loop is left early, by break, error or abort', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), new Uint8Array(2 * MIB));
    const storage = localStorage(folder);
    for await (const _ of storage.stream('file')) {
      expect(await openFilesBelow(folder)).toHaveLength(1);
      break;
    }
    expect(await openFilesBelow(folder)).toEqual([]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const abortedLoop = async () => {
      for await (const _ of storage.stream('file', { signal: controller.signal })) controller.abort(reason);
    };
    await expect(abortedLoop()).rejects.toBe(reason);
    expect(await openFilesBelow(folder)).toEqual([]);
  });
});

describe('links', () => {
  it('are followed inside the root, and refused where they lead out', async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'file'), 'outside');
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'inside'));
    await writeFile(join(folder, 'inside/file'), 'inside');
    await symlink('inside', join(folder, 'latest'));
    await symlink(outside, join(folder, 'out'));
    await symlink(join(outside, 'file'), join(folder, 'out-file'));
    const storage = localStorage(folder);
    expect(new TextDecoder().decode(await storage.read('latest/file'))).toBe('inside');
    for (const refused of [
      async () => storage.read('out/file'),
      async () => storage.read('out-file'),
      async () => storage.head('out/file'),
      async () => storage.put('out/new'),
      async () => storage.put('out/deeper/new'),
      async () => storage.lock('out/a.lock'),
      async () => storage.delete('out/file'),
      async () => storage.sweep('out/'),
      async () => Array.fromAsync(storage.list('out/')),
      async () => storage.within('out').read('file'),
    ]) {
      await expect(refused()).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('link'),
      });
    }
    expect(await Array.fromAsync(localStorage(outside).list(''))).toHaveLength(1);
    const paths = (await Array.fromAsync(storage.list(''))).map(({ path }) => path);
    expect(paths).toEqual(['inside/file']);
  });

  it('may be the root', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'root'));
    const writer = await localStorage(join(folder, 'root')).put('a/file');
    await writer.commit();
    expect(await localStorage(join(folder, 'real')).head('a/file')).toBeDefined();
  });
});

describe('head', () => {
  it('knows no file where there is none, or a folder', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'file'), 'x');
    await chmod(join(folder, 'file'), 0o400);
    const storage = localStorage(folder);
    expect(await storage.head('file')).toMatchObject({ path: 'file', size: 1 });
    for (const path of ['missing', 'folder', 'file/deeper']) expect(await storage.head(path)).toBeUndefined();
  });
});
