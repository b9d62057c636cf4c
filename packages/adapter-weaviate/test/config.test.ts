import { describe, expect, it } from '@jest/globals';
import { parseUrl, readConfig } from '../src/config.js';

describe('URLs', () => {
  it.each([
    ['weaviate://localhost', { url: 'weaviate://localhost' }, undefined, undefined],
    ['weaviate://localhost:8080/Articles', { url: 'weaviate://localhost:8080' }, 'Articles', undefined],
    ['weaviate://localhost/Articles#team%20a', { url: 'weaviate://localhost' }, 'Articles', 'team a'],
    ['weaviate://h?grpc-port=1234', { url: 'weaviate://h', grpcUrl: 'grpc://h:1234' }, undefined, undefined],
    ['weaviate+https://h?grpc-port=1', { url: 'weaviate+https://h', grpcUrl: 'grpcs://h:1' }, undefined, undefined],
    ['weaviate://h/C?grpc=other:9', { url: 'weaviate://h', grpcUrl: 'other:9' }, 'C', undefined],
    ['weaviate://:s%2Fcret@h/C', { url: 'weaviate://h', apiKey: 's/cret' }, 'C', undefined],
  ])('%s', (url, settings, collection, tenant) => {
    expect(parseUrl(url)).toEqual({ settings, collection, tenant });
  });

  it.each(['weaviate:', 'weaviate://', 'lancedb:x', 'weaviate://h/A/B', 'weaviate://h?x=1', 'weaviate://h/%zz'])(
    '%s is refused',
    (url) => {
      expect(() => parseUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );

  it('prints no secret in errors', () => {
    expect(() => parseUrl('weaviate://:hunter2@h/A/B')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});

describe('settings', () => {
  it.each([
    ['weaviate://h', { host: 'h', port: 8080, tls: false }, { host: 'h', port: 50051, tls: false }],
    ['http://h', { host: 'h', port: 80, tls: false }, { host: 'h', port: 50051, tls: false }],
    ['https://h:8443/', { host: 'h', port: 8443, tls: true }, { host: 'h', port: 50051, tls: true }],
    ['weaviate+https://h', { host: 'h', port: 443, tls: true }, { host: 'h', port: 50051, tls: true }],
    [
      'https://x.c0.weaviate.cloud',
      { host: 'x.c0.weaviate.cloud', port: 443, tls: true },
      { host: 'grpc-x.c0.weaviate.cloud', port: 443, tls: true },
    ],
    ['http://[::1]:1', { host: '::1', port: 1, tls: false }, { host: '::1', port: 50051, tls: false }],
  ])('%s says where both interfaces are', (url, rest, grpc) => {
    expect(readConfig({ url })).toMatchObject({ rest, grpc, apiKey: undefined, timeoutMs: 60_000 });
  });

  it.each([
    ['grpc://other:9', { host: 'other', port: 9, tls: false }],
    ['https://other', { host: 'other', port: 443, tls: true }],
    ['grpcs://other', { host: 'other', port: 50051, tls: true }],
    ['other:9', { host: 'other', port: 9, tls: true }],
  ])('grpcUrl %s wins', (grpcUrl, grpc) => {
    expect(readConfig({ url: 'https://h', grpcUrl }).grpc).toEqual(grpc);
  });

  it('keeps the path of a proxy, without the version', () => {
    expect(readConfig({ url: 'https://h/weaviate/v1/' }).restPath).toBe('/weaviate');
  });

  it('says in one sentence that nothing is configured', () => {
    expect(() => readConfig({})).toThrow(/No Weaviate server is configured\. Set WEAVIATE_URL/);
  });

  it.each([
    { timeout: '0' },
    { timeout: 'x' },
    { consistencyLevel: 'SOME' },
    { defaultIndex: 'ivf' },
    { url: 'nonsense' },
    { grpcUrl: '', url: '' },
    { grpcUrl: 'ftp://h' },
  ])('%j is refused', (settings) => {
    expect(() => readConfig({ url: 'http://h', ...settings })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });
});
