import { readdir } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { localStorage } from '@vecport/storage';
import { temporaryFolder } from './support/temporary-folder.js';

const BAD_PATHS = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  './a',
  'a/./b',
  '../a',
  'a/../b',
  'a/..',
  'a\\b',
  'a\0b',
  '\ud800',
];

describe('paths', () => {
  it.each(BAD_PATHS.map((path) => [JSON.stringify(path), path]))(
    'refuses %s before anything is touched',
    async (_, path) => {
      const folder = await temporaryFolder();
      const storage = localStorage(folder);
      for (const call of [
        async () => storage.put(path),
        async () => storage.read(path),
        async () => storage.stream(path)[Symbol.asyncIterator]().next(),
        async () => storage.head(path),
        async () => storage.delete(path),
        async () => storage.lock(path),
        async () => storage.within(path),
      ]) {
        await expect(call()).rejects.toMatchObject({ name: 'StorageError', code: 'invalid-path', path });
      }
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it.each(['/', '/a', '../', './a', 'a/../', 'a/../b', 'a//', 'a\\', '\0', '\ud800'])(
    'refuses the prefix %j',
    async (prefix) => {
      const storage = localStorage(await temporaryFolder());
      await expect(Array.fromAsync(storage.list(prefix))).rejects.toMatchObject({ code: 'invalid-path' });
      await expect(storage.sweep(prefix)).rejects.toMatchObject({ code: 'invalid-path' });
    },
  );

  it.each(['a.lock', 'lock', '.vecport.lock', '.x.1-0-00000000.0123456789abcdef.tmp', '.x.0123456789abcdef.claim'])(
    'keeps the name %s for itself',
    async (name) => {
      const storage = localStorage(await temporaryFolder());
      await expect(storage.put(`folder/${name}`)).rejects.toMatchObject({ code: 'invalid-path' });
    },
  );

  it.each(['a', '.a', '..a', 'a..b/c', 'clock', 'a.lock/b', ' ', 'ü/😀', '-', '*?"<>|:', 'x.tmp'])(
    'takes %j as it is',
    async (path) => {
      const storage = localStorage(await temporaryFolder());
      await (await storage.put(path)).commit();
      expect((await Array.fromAsync(storage.list(''))).map((entry) => entry.path)).toEqual([path]);
    },
  );
});
