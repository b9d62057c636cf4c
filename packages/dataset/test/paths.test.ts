import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  assertInside,
  collectionFolder,
  collectionFolders,
  folderName,
  folderNames,
  isPartPath,
  nameOfFolder,
  partPath,
} from '../src/paths.js';

const NAME = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom('a', 'A', 'b', 'B', '.', '_', '%', ' ', '/', '\\', 'é', '~'),
      minLength: 1,
      maxLength: 4,
    }),
  )
  .filter((name) => name.isWellFormed());

describe('folderName', () => {
  it.each([
    ['emoji', 'emoji'],
    ['My-Class_2.0', 'My-Class_2.0'],
    ['a/b', 'a%2Fb'],
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['.hidden', '%2Ehidden'],
    ['dot.', 'dot%2E'],
    ['_', '%5F'],
    ['__', '__'],
    ['con', '%63on'],
    ['NUL.txt', '%4EUL.txt'],
    ['console', 'console'],
    ['100%', '100%25'],
    ['Übung 1', '%C3%9Cbung%201'],
    ["it's (a) *test*!~", 'it%27s%20%28a%29%20%2Atest%2A%21%7E'],
    ['絵文字', '%E7%B5%B5%E6%96%87%E5%AD%97'],
  ])('of %j is %j', (name, folder) => {
    expect(folderName(name)).toBe(folder);
    expect(nameOfFolder(folder)).toBe(name);
  });

  it('is reversible and safe for any name', () => {
    fc.assert(
      fc.property(NAME, (name) => {
        const folder = folderName(name);
        expect(folder).toMatch(/^[A-Za-z0-9_%-](?:[A-Za-z0-9._%-]*[A-Za-z0-9_%-])?$/);
        expect(folder).not.toBe('_');
        if (folder.length < 200) expect(nameOfFolder(folder)).toBe(name);
      }),
    );
  });

  it('cuts long names and keeps them apart', () => {
    const long = '絵'.repeat(100);
    const [a, b] = [folderName(`${long}a`), folderName(`${long}b`)];
    expect(a.length).toBeLessThanOrEqual(200);
    expect(a).toMatch(/^(?:%[0-9A-F]{2})+%\.[0-9a-f]{32}$/);
    expect(a).not.toBe(b);
    expect(nameOfFolder(a)).toBeUndefined();
    expect(folderName('x'.repeat(200))).toBe('x'.repeat(200));
  });

  it.each(['', '\ud800'])('refuses %j', (name) => {
    expect(() => folderName(name)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('gives undefined for a folder that is none of ours', () => {
    expect(nameOfFolder('%zz')).toBeUndefined();
  });
});

describe('folderNames', () => {
  it('leaves names alone that differ in more than case', () => {
    expect([...folderNames(['Article', 'Product', 'Article'])]).toEqual([
      ['Article', 'Article'],
      ['Product', 'Product'],
    ]);
  });

  it('encodes the capitals of names that differ in case only', () => {
    expect([...folderNames(['Article', 'article', 'ARTICLE', 'Ä', 'x'])]).toEqual([
      ['Article', '%41rticle'],
      ['article', 'article'],
      ['ARTICLE', '%41%52%54%49%43%4C%45'],
      ['Ä', '%C3%84'],
      ['x', 'x'],
    ]);
  });

  it('keeps any names apart where case does not count, reversibly', () => {
    fc.assert(
      fc.property(fc.uniqueArray(NAME, { maxLength: 30 }), (names) => {
        const folders = folderNames(names);
        expect(new Set([...folders.values()].map((folder) => folder.toLowerCase())).size).toBe(names.length);
        for (const [name, folder] of folders) if (folder.length < 200) expect(nameOfFolder(folder)).toBe(name);
      }),
    );
  });

  it('gives the folders of collections', () => {
    expect([...collectionFolders(['a', 'A'])]).toEqual([
      ['a', 'collections/a'],
      ['A', 'collections/%41'],
    ]);
    expect(collectionFolder('a b')).toBe('collections/a%20b');
  });
});

describe('partPath', () => {
  it('names collection, tenant, slice and index', () => {
    expect(partPath({ collection: 'emoji', slice: 0, index: 0 })).toBe('collections/emoji/_/part-000-00000.parquet');
    expect(partPath({ collection: 'A', tenant: 'x/y', slice: 12, index: 345 })).toBe(
      'collections/A/x%2Fy/part-012-00345.parquet',
    );
    expect(partPath({ collection: 'A', folder: 'collections/%41', slice: 1234, index: 123_456 })).toBe(
      'collections/%41/_/part-1234-123456.parquet',
    );
    expect(isPartPath('collections/A/_/part-1234-123456.parquet')).toBe(true);
    expect(isPartPath('collections/A/_/part-1-1.parquet.tmp')).toBe(false);
  });

  it.each([-1, 0.5, Number.NaN])('refuses the number %d', (slice) => {
    expect(() => partPath({ collection: 'a', slice, index: 0 })).toThrow(/cannot be the number/);
  });
});

describe('assertInside', () => {
  it('lets paths below the folder pass', () => {
    expect(() => {
      assertInside('collections/a/_/part-000-00000.parquet', 'collections/a');
    }).not.toThrow();
  });

  it.each([
    '/etc/passwd',
    '../secret',
    'collections/a/../../x',
    'collections/a/..',
    'collections/a//x',
    'collections/a/./x',
    'collections/a/',
    'collections/a',
    'collections/b/x',
    'collections/ab/x',
    'collections\\a\\x',
    'collections/a/..\\x',
    'collections/a/\0',
    'C:/collections/a/x',
    's3://collections/a/x',
    '',
  ])('refuses %j', (path) => {
    expect(() => {
      assertInside(path, 'collections/a');
    }).toThrow(expect.objectContaining({ code: 'corrupt-data' }));
  });
});
