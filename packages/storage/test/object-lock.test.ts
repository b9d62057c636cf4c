import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Storage } from '@vecport/storage';
import { objectStorage } from '../src/object/object-storage.js';
import { DEFAULT_RETRIES } from '../src/object/retry.js';
import { faultError, type MemoryBucket, memoryBucket, memoryDriver } from './support/memory-driver.js';
import { putText } from './support/storage-conformance.js';

const MINUTE = 60_000;
const LOCKED = { name: 'StorageError', code: 'locked' };
const DOWN = { code: 'unavailable', text: 'it is down.', transient: false } as const;
const UNREADABLE = 'the lock does not say by whom';

let bucket: MemoryBucket;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  bucket = memoryBucket();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A client of its own, as another process would have. */
function open(): Storage {
  return objectStorage(memoryDriver(bucket), 'job/', { ...DEFAULT_RETRIES, attempts: 1 });
}

/** A lock as another process would have written it. */
function writeLock(fields: Readonly<Record<string, unknown>>): void {
  const holder = { pid: 1, host: 'elsewhere', started: '0', since: 'then', nonce: 'a'.repeat(32), leaseMs: MINUTE };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...holder, ...fields }));
  bucket.objects.set('job/a.lock', { bytes, version: 'old', modifiedAt: bucket.now(), mark: '' });
}

/** The time passes while the process stands still. */
function sleep(ms: number): void {
  jest.setSystemTime(Date.now() + ms);
}

describe('the lock of an object store', () => {
  it('counts as long as it is renewed', async () => {
    const lock = await open().lock('a.lock');
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    await expect(open().lock('a.lock')).rejects.toMatchObject(LOCKED);
    await lock.release();
    expect(bucket.objects.size).toBe(0);
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    expect(bucket.objects.size).toBe(0);
  });

  it('of another computer is taken over when it was not renewed for its lease, by the clock of the store', async () => {
    writeLock({});
    sleep(MINUTE - 1000);
    await expect(open().lock('a.lock')).rejects.toMatchObject({
      ...LOCKED,
      message: expect.stringMatching(/process 1 on elsewhere since then\. .*ends by itself in 1 s/),
    });
    sleep(2000);
    const lock = await open().lock('a.lock');
    await lock.release();
  });

  it('of a process of this name is waited for, as another computer may have it', async () => {
    writeLock({ host: hostname(), pid: 999_999_999, started: 'ffffffff.1' });
    await expect(open().lock('a.lock')).rejects.toMatchObject(LOCKED);
  });

  it.each(['', '{', '{}', 'null', '{"pid":1}'])('is not taken over when it says %j', async (text) => {
    const bytes = new TextEncoder().encode(text);
    bucket.objects.set('job/a.lock', { bytes, version: 'old', modifiedAt: 0, mark: '' });
    await expect(open().lock('a.lock')).rejects.toMatchObject({
      ...LOCKED,
      message: expect.stringContaining(UNREADABLE),
    });
    expect(bucket.objects.get('job/a.lock')?.version).toBe('old');
  });

  it('goes to exactly one of many who find it expired at once', async () => {
    writeLock({});
    sleep(2 * MINUTE);
    const results = await Promise.allSettled(Array.from({ length: 20 }, async () => open().lock('a.lock')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject(LOCKED);
  });

  it('that was lost stops whoever still writes under it, and not others', async () => {
    const first = open();
    const lock = await first.within('a').lock('a.lock');
    const writer = await first.put('a/file');
    await writer.write([new Uint8Array(10)]);
    sleep(2 * MINUTE);
    const next = await open().lock('a/a.lock');
    await expect(writer.commit()).rejects.toMatchObject({
      ...LOCKED,
      message: expect.stringContaining('taken the lock over'),
    });
    await writer.abort();
    await expect(first.put('a/b/file')).rejects.toMatchObject(LOCKED);
    await expect(first.delete('a/file')).rejects.toMatchObject(LOCKED);
    await putText(first, 'other', 'x');
    expect([...bucket.objects.keys()]).toEqual(['job/a/a.lock', 'job/other']);
    await lock.release();
    await expect(open().lock('a/a.lock')).rejects.toMatchObject(LOCKED);
    await next.release();
    await putText(first, 'a/file', 'x');
  });

  it('that could not be renewed in time is renewed before the next commit, if nobody took it', async () => {
    const storage = open();
    const lock = await storage.lock('a.lock');
    const before = bucket.objects.get('job/a.lock')?.version;
    sleep(5 * MINUTE);
    await putText(storage, 'file', 'x');
    expect(bucket.objects.get('job/a.lock')?.version).not.toBe(before);
    await expect(open().lock('a.lock')).rejects.toMatchObject(LOCKED);
    await lock.release();
  });

  it('stops the writers while nobody can say whose it is', async () => {
    const storage = open();
    const lock = await storage.lock('a.lock');
    sleep(5 * MINUTE);
    bucket.before = (_request, key) => {
      if (key.endsWith('.lock')) throw faultError(DOWN);
    };
    await expect(storage.put('file')).rejects.toMatchObject({ code: 'unavailable' });
    bucket.before = () => undefined;
    await putText(storage, 'file', 'x');
    await lock.release();
  });
});
