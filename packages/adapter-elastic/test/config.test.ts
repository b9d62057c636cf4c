import { describe, expect, it } from '@jest/globals';
import { adapter } from '@vecport/adapter-elastic';
import { readConfig } from '../src/config.js';
import { indexNameOf, isPossibleName } from '../src/index-name.js';

describe('store URLs', () => {
  it.each([
    ['elastic://host:9200/points', { url: 'http://host:9200' }, 'points'],
    ['elastic+https://host/points', { url: 'https://host' }, 'points'],
    ['elastic://host:9200', { url: 'http://host:9200' }, undefined],
    ['elastic://host:9200/', { url: 'http://host:9200' }, undefined],
    ['elastic+https://host/behind/proxy/points', { url: 'https://host/behind/proxy' }, 'points'],
    ['elastic://u:p%40ss@host/points', { url: 'http://host', username: 'u', password: 'p@ss' }, 'points'],
    [
      'elastic://host/p%C3%A9?refresh=false&timeout=5000',
      { url: 'http://host', refresh: 'false', timeout: '5000' },
      'pé',
    ],
    ['elastic://[::1]:9200/points', { url: 'http://[::1]:9200' }, 'points'],
  ])('%s', (url, settings, collection) => {
    expect(adapter.parseUrl(url)).toEqual({ settings, collection, tenant: undefined });
  });

  it('keeps a tenant for core to refuse', () => {
    expect(adapter.parseUrl('elastic://host/points#north').tenant).toBe('north');
  });

  it.each(['elastic://', 'elastic:points', 'elastic://host/points?colour=red', 'elastic://host/%zz'])(
    'refuses %s',
    (url) => {
      expect(() => adapter.parseUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );

  it('prints no password of a URL it refuses', () => {
    let message = '';
    try {
      adapter.parseUrl('elastic://user:hunter2@host/points?colour=red');
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('colour');
    expect(message).not.toContain('hunter2');
  });
});

describe('settings', () => {
  it('have defaults, and take addresses in every spelling', () => {
    expect(readConfig({ url: 'https://u:p@host:9200/es/' }, false)).toMatchObject({
      url: 'https://host:9200/es',
      username: 'u',
      password: 'p',
      timeoutMs: 60_000,
      refresh: 'true',
      keepAlive: '5m',
    });
    expect(readConfig({ url: 'elastic+https://host' }, false).url).toBe('https://host');
    expect(readConfig({}, true).url).toBe('');
  });

  it.each([
    [{ refresh: 'maybe' }, 'refresh'],
    [{ keepAlive: 'long' }, 'keepAlive'],
    [{ timeout: '0' }, 'timeout'],
    [{ timeout: 'soon' }, 'timeout'],
    [{ fingerprint: 'abc' }, 'fingerprint'],
    [{ ca: 'ca.pem' }, 'certificate authority'],
    [{ url: 'ftp://host' }, 'ftp://host'],
  ])('refuses %j by name', (change, named) => {
    expect(() => readConfig({ url: 'http://host', ...change }, false)).toThrow(named);
  });

  it('marks secrets', () => {
    expect(adapter.settings.filter(({ secret }) => secret === true).map(({ name }) => name)).toEqual([
      'apiKey',
      'password',
    ]);
  });
});

describe('names of collections', () => {
  it('are those of indices, or of an alias where an index cannot have them', () => {
    expect(indexNameOf('points')).toEqual({ index: 'points', alias: undefined });
    const { index, alias } = indexNameOf('Points');
    expect(alias).toBe('Points');
    expect(index).toMatch(/^points-[0-9a-f]{8}$/);
    expect(indexNameOf('POINTS').index).not.toBe(index);
  });

  it.each(['two words', 'a*', 'a,b', 'a/b', '-a', '_all', '.hidden', '+a', 'a#b', 'a:b', 'x'.repeat(256), '<a>'])(
    'refuses %j',
    (name) => {
      expect(isPossibleName(name)).toBe(false);
      expect(() => indexNameOf(name)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );
});
