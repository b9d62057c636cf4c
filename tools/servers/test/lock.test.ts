import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { locked } from '../lock.js';
import { startTime } from '../processes.js';

let cache: string;
let before: string | undefined;

beforeEach(async () => {
  before = process.env['VECPORT_SERVERS_CACHE'];
  cache = await mkdtemp(join(tmpdir(), 'vecport-test-'));
  process.env['VECPORT_SERVERS_CACHE'] = cache;
});

afterEach(async () => {
  if (before === undefined) delete process.env['VECPORT_SERVERS_CACHE'];
  else process.env['VECPORT_SERVERS_CACHE'] = before;
  await rm(cache, { recursive: true });
});

describe('locked', () => {
  it('lets one after the other work, and tells whom it waits for', async () => {
    const events: string[] = [];
    const first = Promise.withResolvers<void>();
    const one = locked(
      'a',
      async () => {
        events.push('one begins');
        await first.promise;
        events.push('one ends');
      },
      () => events.push('one waits'),
    );
    const two = locked(
      'a',
      async () => events.push('two'),
      (pid) => {
        events.push(`two waits for ${pid}`);
        first.resolve();
      },
    );
    await Promise.all([one, two]);
    expect(events).toEqual(['one begins', `two waits for ${process.pid}`, 'one ends', 'two']);
    expect(await readdir(join(cache, 'locks'))).toEqual([]);
  });

  it('is freed by work that fails', async () => {
    const fail = locked(
      'a',
      async () => Promise.reject(new Error('no')),
      () => {},
    );
    await expect(fail).rejects.toThrow('no');
    await expect(
      locked(
        'a',
        async () => 'done',
        () => {},
      ),
    ).resolves.toBe('done');
  });

  it.each([
    ['of a process that is gone', { pid: 2 ** 22 + 1, startTime: 'long ago' }],
    ['of another process with the same number', { pid: process.pid, startTime: 'long ago' }],
  ])('does not wait for the lock %s', async (_title, holder) => {
    await mkdir(join(cache, 'locks'));
    await writeFile(join(cache, 'locks', 'a'), JSON.stringify(holder));
    const waited: number[] = [];
    await expect(
      locked(
        'a',
        async () => 'done',
        (pid) => waited.push(pid),
      ),
    ).resolves.toBe('done');
    expect(waited).toEqual([]);
    expect(await readdir(join(cache, 'locks'))).toEqual([]);
  });
});

describe('startTime', () => {
  it('tells a process from those before and after it', () => {
    expect(startTime(process.pid)).toBe(startTime(process.pid));
    expect(startTime(process.pid)).not.toBe(startTime(1));
    expect(startTime(2 ** 22 + 1)).toBeUndefined();
  });
});
