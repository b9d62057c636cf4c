import { describe, expect, it } from '@jest/globals';
import { redactUrl, schemeOf, splitPathUrl } from '@vecport/abstractions';

describe('schemeOf', () => {
  it.each([
    ['lancedb:./data#t', 'lancedb'],
    ['Qdrant+HTTP://host', 'qdrant+http'],
    ['C:\\data', undefined],
    ['./plain/path', undefined],
    ['1x:y', undefined],
  ])('%s', (url, expected) => {
    expect(schemeOf(url)).toBe(expected);
  });
});

describe('redactUrl', () => {
  it.each([
    ['pg://me:pass@host:5432/db', 'pg://me:***@host:5432/db'],
    ['pg://me:p@ss:w@rd@host/db', 'pg://me:***@host/db'],
    ['pg://:pass@host', 'pg://:***@host'],
    ['pg://me@host/a:b@c', 'pg://me@host/a:b@c'],
    ['q://h/c?api_key=abc&x=1', 'q://h/c?api_key=***&x=1'],
    ['q://h/c?x=1&API-Key=abc#f', 'q://h/c?x=1&API-Key=***#f'],
    ['az://h/c?sv=1&sig=abc%3D', 'az://h/c?sv=1&sig=***'],
    [
      'q://h?access_token=a&password=b&pwd=c&client_secret=d',
      'q://h?access_token=***&password=***&pwd=***&client_secret=***',
    ],
    ['lancedb:./data#table', 'lancedb:./data#table'],
  ])('%s', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });
});

describe('splitPathUrl', () => {
  it.each([
    ['lancedb:./data#emoji', './data', 'emoji'],
    ['lancedb:/abs/data', '/abs/data', undefined],
    ['lancedb:///abs/data#t', '/abs/data', 't'],
    ['lancedb:data#', 'data', undefined],
    ['lancedb:my%20data#a%23b', 'my data', 'a#b'],
    ['lancedb:a%23b#t', 'a#b', 't'],
    ['lancedb:a#b#t', 'a#b', 't'],
  ])('%s', (url, path, fragment) => {
    expect(splitPathUrl(url)).toEqual({ path, fragment });
  });

  it.each(['lancedb:', 'lancedb:#t', 'lancedb:100%#t', 'lancedb:a#%zz'])('refuses %s', (url) => {
    expect(() => splitPathUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
