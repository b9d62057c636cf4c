import { describe, expect, it } from '@jest/globals';
import { adapter } from '@vecport/adapter-milvus';
import { readConfig } from '../src/config.js';

describe('URLs', () => {
  it('name server, collection, partition, token and database', () => {
    expect(adapter.parseUrl('milvus://root:s%3Acret@db:19530/my_points?database=prod#tenant%201')).toEqual({
      settings: { url: 'milvus://db:19530', token: 'root:s:cret', database: 'prod' },
      collection: 'my_points',
      tenant: 'tenant 1',
    });
    expect(adapter.parseUrl('milvus+https://db')).toEqual({ settings: { url: 'milvus+https://db' } });
  });

  it.each(['http://db', 'milvus:', 'milvus://db/a/b', 'milvus://db?token=x', 'not a url', 'milvus://db/%zz'])(
    'refuse %s without printing it',
    (url) => {
      expect(() => adapter.parseUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );
});

describe('settings', () => {
  it('have the ports of Milvus and of TLS by default', () => {
    expect(readConfig({ url: 'milvus://db' })).toMatchObject({
      host: 'db',
      port: 19530,
      tls: false,
      load: true,
      index: 'FLAT',
      timeoutMs: 60_000,
    });
    expect(readConfig({ url: 'milvus+https://[::1]' })).toMatchObject({ host: '::1', port: 443, tls: true });
  });

  it('prefer the token and the database that are said to those in the URL', () => {
    const settings = { url: 'milvus://a:b@db?database=one', token: 'key', database: 'two' };
    expect(readConfig(settings)).toMatchObject({ token: 'key', database: 'two' });
  });

  it.each([{ load: 'yes' }, { index: 'BEST' }, { timeout: '-1' }, { timeout: 'soon' }])(
    'refuse %o by name',
    (wrong) => {
      const [name = ''] = Object.keys(wrong);
      expect(() => readConfig({ url: 'milvus://db', ...wrong })).toThrow(name);
    },
  );

  it('say in one sentence that nothing is configured', async () => {
    await expect(adapter.open({}, {})).rejects.toThrow('Nothing says where Milvus is.');
  });

  it('are told apart from an unreachable server at once', async () => {
    await expect(adapter.open({ url: 'milvus://127.0.0.1:1' }, {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuse a client that is not the official one', async () => {
    await expect(adapter.open({}, { client: {} })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
