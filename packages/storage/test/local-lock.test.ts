import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { localStorage } from '@vecport/storage';
import { childCommand, startChild } from './support/child-process.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Ample for tests that start processes, on a busy machine.
jest.setTimeout(60_000);

const NONCE = '0123456789abcdef';

async function writeLock(folder: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const holder = { pid: process.pid, host: hostname(), started: '0', since: 'then', nonce: NONCE, ...fields };
  await writeFile(join(folder, 'a.lock'), JSON.stringify(holder));
}

describe('lock', () => {
  it('keeps a second taker out and names the holder', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    const lock = await storage.lock('deep/a.lock');
    await expect(storage.lock('deep/a.lock')).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`),
    });
    expect(JSON.parse(await readFile(join(folder, 'deep/a.lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
      host: hostname(),
      started: expect.any(String),
      since: expect.stringMatching(/^\d{4}-/),
    });
    await lock.release();
    expect(await readdir(join(folder, 'deep'))).toEqual([]);
    await (await storage.lock('deep/a.lock')).release();
  });

  it('may be released twice, and never releases the lock of the next holder', async () => {
    const storage = localStorage(await temporaryFolder());
    const first = await storage.lock('a.lock');
    await first.release();
    const second = await storage.lock('a.lock');
    await first.release();
    await expect(storage.lock('a.lock')).rejects.toMatchObject({ code: 'locked' });
    await second.release();
  });

  it('keeps another process out, and is taken over when that was killed', async () => {
    const folder = await temporaryFolder();
    const child = startChild(childCommand('hold-lock', folder, 'a.lock'));
    expect(await child.next()).toBe('locked');
    await expect(localStorage(folder).lock('a.lock')).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`process ${child.pid} `),
    });
    await child.kill();
    const lock = await localStorage(folder).lock('a.lock');
    expect(JSON.parse(await readFile(join(folder, 'a.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over when the pid is in use again by a process that started later', async () => {
    const folder = await temporaryFolder();
    await writeLock(folder, { started: 'ffffffff.1' });
    await (await localStorage(folder).lock('a.lock')).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['of another host', { host: 'elsewhere', pid: 999_999_999 }],
    ['of a running process that did not say when it started', { started: '0' }],
  ])('is not taken over from a holder %s', async (_name, fields) => {
    const folder = await temporaryFolder();
    await writeLock(folder, fields);
    await expect(localStorage(folder).lock('a.lock')).rejects.toMatchObject({ code: 'locked' });
  });

  it.each(['', '{', '{}', 'null', `{"pid":-1,"host":"${hostname()}","started":"0","since":"","nonce":"${NONCE}"}`])(
    'is not taken over when it does not say by whom it is held: %s',
    async (text) => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'a.lock'), text);
      await expect(localStorage(folder).lock('a.lock')).rejects.toMatchObject({ code: 'locked' });
      expect(await readFile(join(folder, 'a.lock'), 'utf8')).toBe(text);
    },
  );

  it('goes to exactly one of many who find it dead at once', async () => {
    const folder = await temporaryFolder();
    await writeLock(folder, { started: 'ffffffff.1' });
    const takers = Array.from({ length: 20 }, async () => localStorage(folder).lock('a.lock'));
    const results = await Promise.allSettled(takers);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results.filter((one) => one.status === 'rejected')) {
      expect(result.reason).toMatchObject({ code: 'locked' });
    }
    expect(await readdir(folder)).toEqual(['a.lock']);
  });

  it('is never held by two processes that take it over from the dead again and again', async () => {
    const folder = await temporaryFolder();
    const children = [1, 2].map(() => startChild(childCommand('race-for-lock', folder, '150')));
    const seen = (await Promise.all(children.map(async (child) => child.next()))) as {
      taken: number;
      shared: number;
    }[];
    await Promise.all(children.map(async (child) => child.ended()));
    expect(seen.map(({ shared }) => shared)).toEqual([0, 0]);
    for (const { taken } of seen) expect(taken).toBeGreaterThan(0);
  });

  it('is taken over although the last taker was killed between its claim and the takeover', async () => {
    const folder = await temporaryFolder();
    await writeLock(folder, { started: 'ffffffff.1' });
    const claimer = { pid: process.pid, host: hostname(), started: 'ffffffff.2', since: '', nonce: 'fedcba9876543210' };
    await writeFile(join(folder, `.a.lock.${NONCE}.claim`), JSON.stringify(claimer));
    await (await localStorage(folder).lock('a.lock')).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('needs a path that listings know to be a lock', async () => {
    const storage = localStorage(await temporaryFolder());
    await expect(storage.lock('data.json')).rejects.toMatchObject({ code: 'invalid-path' });
    await expect(storage.put('a.lock')).rejects.toMatchObject({ code: 'invalid-path' });
  });

  it('throws the abort reason as it is', async () => {
    const reason = new Error('enough');
    const storage = localStorage(await temporaryFolder());
    await expect(storage.lock('a.lock', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('says so when a folder stands in its place', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'a.lock'));
    await expect(localStorage(folder).lock('a.lock')).rejects.toMatchObject({ code: 'invalid-path' });
  });
});
