import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { localStorage, openStorage } from '@vecport/storage';

const here = pathToFileURL(process.cwd()).href;

describe('openStorage', () => {
  it.each([
    ['exports/a', `${here}/exports/a/`],
    ['./s3:x', `${here}/s3:x/`],
    ['/a b/c#d', 'file:///a%20b/c%23d/'],
    ['/a/', 'file:///a/'],
    ['file:///a%20b/', 'file:///a%20b/'],
    ['file:/a', 'file:///a/'],
    ['FILE:///a', 'file:///a/'],
    ['file:exports/a%23b', `${here}/exports/a%23b/`],
    // A drive, were this Windows; here a folder of an odd name, but never a scheme.
    ['c:/exports', `${pathToFileURL(join(process.cwd(), 'c:/exports')).href}/`],
  ])('opens %s', (url, expected) => {
    expect(openStorage(url)).toMatchObject({ kind: 'local', url: expected });
  });

  it.each([
    'https://x/y',
    'gcs:bucket',
    '',
    'a\0b',
    'file:',
    'file:///a?b',
    'file:///a#b',
    'file://host/a',
    'file:///%ff',
    'file:///a%2Fb',
  ])('refuses %j', (url) => {
    expect(() => openStorage(url)).toThrow(expect.objectContaining({ name: 'StorageError', code: 'invalid-path' }));
  });
});

describe('localStorage', () => {
  it('refuses an empty root', () => {
    expect(() => localStorage('')).toThrow(expect.objectContaining({ code: 'invalid-path' }));
  });
});
