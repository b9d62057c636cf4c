import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { localStorage } from '@vecport/storage';
import { childCommand, startChild } from './support/child-process.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Ample for tests that start processes, on a busy machine.
jest.setTimeout(60_000);

describe('a writer that is killed', () => {
  it('leaves nothing visible, and the old file as it was', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    await writeFile(join(folder, 'part'), 'old');
    const child = startChild(childCommand('hold-put', folder, 'part'));
    expect(await child.next()).toBe('writing');
    expect(await readdir(folder)).toHaveLength(2);
    await child.kill();
    expect(await Array.fromAsync(storage.list(''))).toMatchObject([{ path: 'part', size: 3 }]);
    expect(await storage.sweep('')).toBe(1);
    expect(await readdir(folder)).toEqual(['part']);
  });
});

describe('sweep', () => {
  it('takes only what dead writers left under the prefix', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    const live = await storage.put('a/part-1');
    const living = startChild(childCommand('hold-put', folder, 'a/part-2'));
    await living.next();
    for (const path of ['a/part-3', 'a/b/part-4', 'a/other', 'c']) {
      const child = startChild(childCommand('hold-put', folder, path));
      await child.next();
      await child.kill();
    }
    await writeFile(join(folder, 'a', '.mine.tmp'), 'not one of ours');
    expect(await storage.sweep('a/part-')).toBe(1);
    expect(await storage.within('a').sweep('')).toBe(2);
    expect(await storage.sweep('')).toBe(1);
    await live.commit();
    expect((await Array.fromAsync(storage.list(''))).map(({ path }) => path)).toEqual(['a/.mine.tmp', 'a/part-1']);
    await living.kill();
    expect(await storage.sweep('')).toBe(1);
  });

  it('leaves the files of other hosts alone', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.part.999999999-ffffffff.1-00000000.0123456789abcdef.tmp'), '');
    expect(await localStorage(folder).sweep('')).toBe(0);
    expect(await Array.fromAsync(localStorage(folder).list(''))).toEqual([]);
  });
});

describe('a full disk', () => {
  it('is named as such, with what to do, and leaves nothing behind', async () => {
    const folder = await temporaryFolder();
    const child = startChild(onSmallDisk(folder, childCommand('put-until-refused', folder, 'part')));
    expect(await child.next()).toEqual({
      refused: 'full',
      refusal: expect.stringContaining(join(folder, 'part')),
      committed: 'io',
      files: [],
      left: [],
    });
    await child.ended();
  });
});

describe('a folder without permission', () => {
  it('is named as forbidden by every call', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'secret'), 'x');
    await chmod(join(folder, 'secret'), 0o000);
    await chmod(join(folder, 'folder'), 0o555);
    await chmod(folder, 0o555);
    const child = startChild(childCommand('use-without-rights', folder));
    const refused = 'forbidden';
    expect(await child.next()).toEqual({
      put: refused,
      putDeeper: refused,
      putInNewFolder: refused,
      lock: refused,
      read: refused,
      delete: refused,
    });
    await child.ended();
    await chmod(folder, 0o755);
  });
});

/**
 * The command on a disk of 1 MiB, mounted at the folder for this command alone (a mount namespace of
 * its own). Where that is not allowed, with a limit on the size of a file, which the system enforces
 * in the same place, and which says so.
 */
function onSmallDisk(folder: string, command: readonly string[]): string[] {
  const mount = `mount -t tmpfs -o size=1m tmpfs '${folder}'`;
  const flags = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];
  const tried = spawnSync('unshare', [...flags, 'sh', '-c', mount], { encoding: 'utf8' });
  if (tried.status === 0) return ['unshare', ...flags, 'sh', '-c', `${mount} && exec "$@"`, 'sh', ...command];
  const reason = tried.error?.message ?? tried.stderr.trim();
  process.stderr.write(`No small disk can be mounted here (${reason}): a file size limit stands in for it.\n`);
  return ['sh', '-c', `trap '' XFSZ; ulimit -f 1024; exec "$@"`, 'sh', ...command];
}
