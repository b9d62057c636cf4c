import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Storage } from '@vecport/storage';
import { objectStorage } from '../src/object/object-storage.js';
import { DEFAULT_RETRIES } from '../src/object/retry.js';
import { faultError, type MemoryBucket, memoryBucket, memoryDriver } from './support/memory-driver.js';
import { listed, pattern, putText } from './support/storage-conformance.js';

const MIB = 1 << 20;
const BUSY = { code: 'unavailable', text: 'it is busy.', transient: true, retryAfterMs: 0 } as const;
const DENIED = { code: 'forbidden', text: 'you may not.', transient: false } as const;

let bucket: MemoryBucket;
let storage: Storage;

beforeEach(() => {
  bucket = memoryBucket();
  storage = objectStorage(memoryDriver(bucket), '', { ...DEFAULT_RETRIES, attempts: 3 });
});

/** Each of these requests fails so often. */
function failing(request: string, times: number, fault: typeof BUSY | typeof DENIED): { count: number } {
  const seen = { count: 0 };
  bucket.before = (asked) => {
    if (asked !== request) return;
    seen.count += 1;
    if (seen.count <= times) throw faultError(fault);
  };
  return seen;
}

describe('a writer to an object store', () => {
  it('tries again what may pass, and says how often when it does not', async () => {
    const seen = failing('put', 2, BUSY);
    await putText(storage, 'file', 'x');
    expect(seen.count).toBe(3);
    failing('put', 3, BUSY);
    await expect(putText(storage, 'other', 'x')).rejects.toMatchObject({
      code: 'unavailable',
      path: 'memory://bucket/other',
      message: 'Cannot write to memory://bucket/other: it is busy. Tried 3 times.',
    });
    expect(await listed(storage)).toEqual(['file']);
  });

  it('fails at once where there is no hope, at the next write, and then for good', async () => {
    const seen = failing('part', 99, DENIED);
    const writer = await storage.put('file');
    await expect(
      (async () => {
        for (let round = 0; round < 100; round++) await writer.write([pattern(4 * MIB)]);
      })(),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect(seen.count).toBeLessThanOrEqual(2);
    await expect(writer.commit()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('abort it') });
    await writer.abort();
    expect([bucket.uploads.size, bucket.objects.size]).toEqual([0, 0]);
  });

  it('has no more parts under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const driver = memoryDriver(bucket);
    const counted = objectStorage(
      {
        ...driver,
        async startUpload(key, mark, signal) {
          const upload = await driver.startUpload(key, mark, signal);
          return {
            ...upload,
            async put(index, bytes, given) {
              underWay += 1;
              most = Math.max(most, underWay);
              await new Promise((resolve) => setImmediate(resolve));
              await upload.put(index, bytes, given);
              underWay -= 1;
            },
          };
        },
      },
      '',
      DEFAULT_RETRIES,
    );
    const write = async (path: string) => {
      const writer = await counted.put(path);
      for (let round = 0; round < 9; round++) await writer.write([new Uint8Array(4 * MIB)]);
      await writer.commit();
    };
    await write('one');
    expect(most).toBe(2);
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(write));
    expect(most).toBe(8);
    expect((await counted.head('f'))?.size).toBe(36 * MIB);
  });

  it('refuses more parts than the store takes, and says what to do', async () => {
    const writer = await storage.put('file');
    await expect(
      (async () => {
        for (let round = 0; round < 30; round++) await writer.write([new Uint8Array(4 * MIB)]);
      })(),
    ).rejects.toMatchObject({ code: 'full', message: expect.stringContaining('part-size') });
    await writer.abort();
    expect([bucket.uploads.size, bucket.objects.size]).toEqual([0, 0]);
  });

  it('fails when the store has another size than was written, and takes the file away again', async () => {
    const writer = await storage.put('file');
    await writer.write([new Uint8Array(10)]);
    bucket.before = (request) => {
      const stored = bucket.objects.get('file');
      if (request === 'head' && stored !== undefined)
        bucket.objects.set('file', { ...stored, bytes: new Uint8Array(9) });
    };
    await expect(writer.commit()).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('has 9 bytes'),
    });
    await writer.abort();
    expect(bucket.objects.size).toBe(0);
  });

  it('fails when the file is not there after all', async () => {
    const writer = await storage.put('file');
    bucket.before = (request) => {
      if (request === 'head') bucket.objects.clear();
    };
    await expect(writer.commit()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('not there') });
  });

  it('sweeps the uploads of others under the prefix', async () => {
    for (const path of ['a/one', 'a/two', 'b']) {
      const other = objectStorage(memoryDriver(bucket), '', DEFAULT_RETRIES);
      const writer = await other.put(path);
      await writer.write([new Uint8Array(5 * MIB)]);
    }
    const own = await storage.put('a/own');
    await own.write([new Uint8Array(5 * MIB)]);
    expect(await storage.sweep('a/t')).toBe(1);
    expect(await storage.within('a').sweep('')).toBe(1);
    expect(await storage.sweep('')).toBe(1);
    await own.commit();
    expect(await listed(storage)).toEqual(['a/own']);
  });
});

describe('a listing of an object store', () => {
  it('leaves folders of other programs out, and refuses keys that are no paths', async () => {
    await putText(storage, 'folder/file', 'x');
    const object = { bytes: new Uint8Array(0), version: '1', modifiedAt: 0, mark: '' };
    bucket.objects.set('folder/', object);
    expect(await listed(storage)).toEqual(['folder/file']);
    for (const key of ['a//b', 'a/../b', 'back\\slash']) {
      bucket.objects.set(key, object);
      await expect(listed(storage)).rejects.toMatchObject({
        code: 'invalid-path',
        message: expect.stringContaining('Rename or remove it'),
      });
      bucket.objects.delete(key);
    }
  });

  it('refuses a path that is too long for the store', async () => {
    await expect(storage.put(`${`${'a'.repeat(100)}/`.repeat(11)}x`)).rejects.toMatchObject({
      code: 'invalid-path',
      message: expect.stringContaining('1024 bytes'),
    });
  });
});
