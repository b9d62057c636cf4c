import { describe, expect, it } from '@jest/globals';
import { openStorage, STORAGE_SETTINGS } from '@vecport/storage';

const KEYS = { R2_ACCESS_KEY_ID: 'k', R2_SECRET_ACCESS_KEY: 's', R2_ENDPOINT: 'https://x.r2.cloudflarestorage.com' };
const SUPABASE = { SUPABASE_S3_ACCESS_KEY_ID: 'k', SUPABASE_S3_SECRET_ACCESS_KEY: 's' };

describe('openStorage of an object store', () => {
  it.each<[string, Record<string, string>, string, string]>([
    ['s3://bucket', {}, 's3', 's3://bucket/'],
    ['s3://bucket/', {}, 's3', 's3://bucket/'],
    ['S3://bucket/a/b', {}, 's3', 's3://bucket/a/b/'],
    ['s3://bucket/a/b/?region=eu-central-1', {}, 's3', 's3://bucket/a/b/'],
    ['s3://bucket/a%20b/%23', {}, 's3', 's3://bucket/a%20b/%23/'],
    ['s3://bucket/a b/ü', {}, 's3', 's3://bucket/a%20b/%C3%BC/'],
    ['r2://bucket/x', KEYS, 'r2', 'r2://bucket/x/'],
    ['r2://', { ...KEYS, R2_BUCKET: 'mine' }, 'r2', 'r2://mine/'],
    ['r2:///x/y', { ...KEYS, R2_BUCKET: 'mine' }, 'r2', 'r2://mine/x/y/'],
    ['supabase://b1', { ...SUPABASE, SUPABASE_URL: 'https://p.supabase.co' }, 'supabase', 'supabase://b1/'],
    [
      'supabase://',
      { ...SUPABASE, SUPABASE_S3_ENDPOINT: 'http://x:1', SUPABASE_BUCKET: 'bk' },
      'supabase',
      'supabase://bk/',
    ],
    ['gs://bucket/x', {}, 'gs', 'gs://bucket/x/'],
    ['az://container/x?account=a', {}, 'az', 'az://container/x/'],
  ])('opens %s without asking anybody', (url, environment, kind, shown) => {
    expect(openStorage(url, { environment })).toMatchObject({ kind, url: shown });
  });

  it.each<[string, Record<string, string>, string, RegExp]>([
    ['r2://', KEYS, 'invalid-path', /needs bucket\. Set R2_BUCKET/],
    ['s3://', {}, 'invalid-path', /needs bucket/],
    ['s3:bucket', {}, 'invalid-path', /must begin with s3:\/\//],
    ['s3://bucket/a//b', {}, 'invalid-path', /empty part/],
    ['s3://bucket/../b', {}, 'invalid-path', /part "\." or "\.\."/],
    ['s3://bucket/a%2', {}, 'invalid-path', /%25/],
    ['s3://bucket/a#b', {}, 'invalid-path', /%23/],
    ['s3://bu cket/a', {}, 'invalid-path', /names no bucket/],
    ['r2://b1', { R2_ENDPOINT: 'https://x' }, 'credentials', /Set R2_ACCESS_KEY_ID/],
    ['r2://b1', { R2_ACCESS_KEY_ID: 'k', R2_SECRET_ACCESS_KEY: 's' }, 'invalid-setting', /R2_ENDPOINT.*ACCOUNT_ID/],
    ['supabase://b1', SUPABASE, 'invalid-setting', /SUPABASE_S3_ENDPOINT/],
    ['s3://b1', { AWS_ACCESS_KEY_ID: 'k' }, 'credentials', /AWS_SECRET_ACCESS_KEY/],
    ['az://c1', {}, 'invalid-setting', /AZURE_STORAGE_ACCOUNT/],
    ['s3://b1?endpoint=ftp://x', {}, 'invalid-setting', /endpoint/],
    ['s3://b1?path-style=maybe', {}, 'invalid-setting', /true or false/],
    ['s3://b1?checksum=sha1', {}, 'invalid-setting', /crc32, md5, none/],
    ['s3://b1?sse=rot13', {}, 'invalid-setting', /AES256/],
    ['s3://b1?part-size=1MiB', {}, 'invalid-setting', /5MiB/],
    ['s3://b1?retries=-1', {}, 'invalid-setting', /whole number/],
    ['s3://b1', { VECPORT_STORAGE_TIMEOUT: 'long' }, 'invalid-setting', /timeout.*whole number/],
    ['s3://b1?colour=red', {}, 'invalid-setting', /"colour".*It knows region, endpoint/],
  ])('refuses %s with %j', (url, environment, code, message) => {
    const thrown = expect.objectContaining({ name: 'StorageError', code, message: expect.stringMatching(message) });
    expect(() => openStorage(url, { environment })).toThrow(thrown);
  });

  it.each([
    ['s3://AKID:hidden@bucket/x', 'invalid-path'],
    ['s3://bucket/x?secret-access-key=hidden', 'invalid-setting'],
    ['az://bucket?account-key=hidden', 'invalid-setting'],
    ['s3://bucket?endpoint=https://user:hidden@host', 'invalid-setting'],
    ['s3://bucket?hidden', 'invalid-setting'],
  ])('refuses secrets in URLs and does not repeat them: %s', (url, code) => {
    const open = () => openStorage(url, { environment: {} });
    expect(open).toThrow(expect.objectContaining({ code }));
    if (!url.endsWith('?hidden')) expect(open).not.toThrow(/hidden/);
  });
});

describe('STORAGE_SETTINGS', () => {
  it('names each setting of a scheme once, and lets no secret into a URL', () => {
    for (const scheme of ['s3', 'r2', 'supabase', 'gs', 'az'] as const) {
      const settings = STORAGE_SETTINGS.filter(({ schemes }) => schemes.includes(scheme));
      const names = settings.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { secret, inUrl, variables, meaning } of settings) {
        expect(secret && inUrl).toBe(false);
        expect(inUrl || variables.length > 0).toBe(true);
        expect(meaning).toMatch(/[.]$/);
      }
    }
  });
});
