import { describe, expect, it } from '@jest/globals';
import { parseUrl, readConfig } from '../src/config.js';

describe('URLs', () => {
  it.each([
    ['qdrant://host', { url: 'http://host:6333', transport: 'grpc' }, undefined, undefined],
    ['qdrant://host:7000/articles', { url: 'http://host:7000', transport: 'grpc' }, 'articles', undefined],
    ['qdrants://host/articles#berlin', { url: 'https://host:6333', transport: 'grpc' }, 'articles', 'berlin'],
    ['qdrant+http://host:80/a%20b', { url: 'http://host:80', transport: 'http' }, 'a b', undefined],
    ['qdrant+https://host:443/', { url: 'https://host:443', transport: 'http' }, undefined, undefined],
    [
      'QDRANT://host?grpc-port=7001',
      { url: 'http://host:6333', transport: 'grpc', grpcPort: '7001' },
      undefined,
      undefined,
    ],
    [
      'qdrant://:top%20secret@[::1]:6333/c',
      { url: 'http://[::1]:6333', transport: 'grpc', apiKey: 'top secret' },
      'c',
      undefined,
    ],
  ])('%s', (url, settings, collection, tenant) => {
    const address = parseUrl(url);
    expect(address.settings).toEqual(settings);
    expect([address.collection, address.tenant]).toEqual([collection, tenant]);
  });

  it.each(['http://host', 'qdrant:host', 'qdrant://', 'qdrant://host/a/b', 'qdrant://host?key=1', 'qdrant://host/%'])(
    'refuses %s',
    (url) => {
      expect(() => parseUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );

  it('never shows a key', () => {
    expect(() => parseUrl('qdrant://:hidden@host/a/b')).toThrow(expect.not.stringContaining('hidden'));
    expect(() => parseUrl('qdrant://hidden@host/a/b')).toThrow(expect.not.stringContaining('hidden'));
    expect(() => parseUrl('qdrant://host/a?api-key=hidden')).toThrow(expect.not.stringContaining('hidden'));
  });
});

describe('settings', () => {
  it('says in one sentence that nothing is configured', () => {
    expect(() => readConfig({})).toThrow(/^\[qdrant\] No Qdrant server is configured\. Set QDRANT_URL/);
  });

  it.each([
    ['http://host', 'http://host:6333', false],
    ['http://host:80', 'http://host:80', false],
    ['https://host:443/qdrant/', 'https://host:443/qdrant', true],
    ['https://[::1]', 'https://[::1]:6333', true],
  ])('%s has the address %s', (url, restUrl, tls) => {
    expect(readConfig({ url })).toMatchObject({ restUrl, tls, grpcPort: 6334, transport: 'grpc', timeoutMs: 60_000 });
  });

  it.each([
    [{ url: 'localhost:6334' }, 'http://localhost:6333', 6334],
    [{ url: 'localhost:7334', port: '7333' }, 'http://localhost:7333', 7334],
    [{ url: 'localhost:6333', grpcPort: '7334' }, 'http://localhost:6333', 7334],
    [{ url: 'qdrant.internal' }, 'http://qdrant.internal:6333', 6334],
    [{ url: '[::1]:6334' }, 'http://[::1]:6333', 6334],
    [{ url: 'http://host', port: '7333' }, 'http://host:7333', 6334],
    [{ url: 'http://host:80', port: '7333' }, 'http://host:80', 6334],
  ])('%j has the REST address %s and gRPC at %d', (settings, restUrl, grpcPort) => {
    expect(readConfig(settings)).toMatchObject({ restUrl, grpcPort, tls: false });
  });

  it.each([
    { url: 'host:6333/path' },
    { url: 'key@host:6334' },
    { url: 'localhost:99999' },
    { url: 'host', port: 'rest' },
    { url: 'http://h', transport: 'soap' },
    { url: 'http://h', grpcPort: '0' },
    { url: 'http://h', timeout: 'soon' },
  ])('refuses %j', (settings) => {
    expect(() => readConfig(settings)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});
