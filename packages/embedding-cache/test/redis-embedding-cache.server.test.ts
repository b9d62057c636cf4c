import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { computeContentHash, type IEmbeddingCache, openRedisEmbeddingCache } from '@vecport/embedding-cache';
import { serverUrl } from '@vecport/testkit';
import { createClient } from 'redis';
import { describeEmbeddingCache } from './support/describe-embedding-cache.js';

const HASH = computeContentHash('a text');

describeEmbeddingCache('openRedisEmbeddingCache', async () =>
  openRedisEmbeddingCache({ url: serverUrl('redis'), prefix: `{test:${randomUUID()}}` }),
);

describe('A shared cache', () => {
  const prefix = `{test:${randomUUID()}}`;
  const raw = createClient({ url: serverUrl('redis') });
  let one: IEmbeddingCache;
  let other: IEmbeddingCache;

  beforeAll(async () => {
    await raw.connect();
    one = await openRedisEmbeddingCache({ url: serverUrl('redis'), prefix });
    other = await openRedisEmbeddingCache({ url: serverUrl('redis'), prefix });
  });

  afterAll(async () => {
    await Promise.all([one.clear(), other.close()]);
    await one.close();
    await raw.close();
  });

  it('shows one what another stored, at once', async () => {
    await one.set(HASH, 'm', Float32Array.of(1, 2));
    expect(await other.get(HASH, 'm')).toEqual(Float32Array.of(1, 2));
    await expect(other.set(HASH, 'm', Float32Array.of(1))).rejects.toMatchObject({ code: 'dimension-mismatch' });
  });

  it('stores many at a time, whoever else does', async () => {
    const entries = (from: number) =>
      Array.from({ length: 2000 }, (_, at) => ({
        contentHash: computeContentHash(`text ${from + at}`),
        modelId: 'many',
        embedding: Float32Array.of(from + at, 1),
      }));
    await Promise.all([one.setMany(entries(0)), other.setMany(entries(1000))]);
    expect(await one.stats()).toMatchObject({
      models: expect.arrayContaining([{ modelId: 'many', dimension: 2, entries: 3000 }]),
    });
  });

  it('says of a damaged embedding that it is damaged', async () => {
    await one.set(HASH, 'damaged', Float32Array.of(1, 2));
    // The key of a model is the hash of its name.
    await raw.hSet(`${prefix}:${computeContentHash('damaged')}`, HASH, 'too short');
    await expect(other.get(HASH, 'damaged')).rejects.toMatchObject({ code: 'corrupt-data' });
  });
});

describe('A server that is not there', () => {
  it('is unavailable at once, and its password is not shown', async () => {
    const opening = openRedisEmbeddingCache({ url: 'redis://user:hush-hush@127.0.0.1:1' });
    await expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('127.0.0.1:1'),
    });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('hush') });
  });

  it('is not what a wrong address means', async () => {
    await expect(openRedisEmbeddingCache({ url: 'http://hush-hush' })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.not.stringContaining('hush'),
    });
  });
});
