import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { localStorage, type Storage } from '@vecport/storage';
import fc from 'fast-check';
import { temporaryFolder } from './support/temporary-folder.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function putText(storage: Storage, path: string, text: string): Promise<void> {
  const writer = await storage.put(path);
  await writer.write([bytes(text)]);
  await writer.commit();
}

async function readText(storage: Storage, path: string): Promise<string> {
  return new TextDecoder().decode(await storage.read(path));
}

describe('put', () => {
  it('shows the file at commit, not before', async () => {
    const storage = localStorage(join(await temporaryFolder(), 'not/there/yet'));
    const writer = await storage.put('a/b/file.bin');
    await writer.write([bytes('one '), bytes('two')]);
    await writer.write([]);
    await writer.write([new Uint8Array(0), bytes(' three')]);
    expect(await storage.head('a/b/file.bin')).toBeUndefined();
    expect(await Array.fromAsync(storage.list(''))).toEqual([]);
    const entry = await writer.commit();
    expect(entry).toEqual({ path: 'a/b/file.bin', size: 13, modifiedAt: expect.any(Number) });
    expect(await storage.head('a/b/file.bin')).toEqual(entry);
    expect(await readText(storage, 'a/b/file.bin')).toBe('one two three');
  });

  it('replaces an older file whole', async () => {
    const storage = localStorage(await temporaryFolder());
    await putText(storage, 'file', 'a longer text');
    const writer = await storage.put('file');
    await writer.write([bytes('short')]);
    expect(await readText(storage, 'file')).toBe('a longer text');
    await writer.commit();
    expect(await readText(storage, 'file')).toBe('short');
  });

  it('leaves nothing after abort, and abort may come twice or after commit', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    const dropped = await storage.put('dropped');
    await dropped.write([bytes('x')]);
    await dropped.abort();
    await dropped.abort();
    expect(await readdir(folder)).toEqual([]);
    const kept = await storage.put('kept');
    await kept.commit();
    await kept.abort();
    expect(await readdir(folder)).toEqual(['kept']);
  });

  it('refuses to go on after commit and after abort', async () => {
    const storage = localStorage(await temporaryFolder());
    const committed = await storage.put('file');
    await committed.commit();
    await expect(committed.write([bytes('x')])).rejects.toMatchObject({ name: 'StorageError', code: 'io' });
    await expect(committed.commit()).rejects.toMatchObject({ name: 'StorageError', code: 'io' });
    const aborted = await storage.put('other');
    await aborted.abort();
    await expect(aborted.commit()).rejects.toMatchObject({ name: 'StorageError', code: 'io' });
    expect(await storage.head('other')).toBeUndefined();
  });

  it('keeps the order of writes that were not awaited', async () => {
    const storage = localStorage(await temporaryFolder());
    const writer = await storage.put('file');
    const texts = Array.from({ length: 50 }, (_, index) => `${index} `);
    await Promise.all([...texts.map(async (text) => writer.write([bytes(text)])), writer.commit()]);
    expect(await readText(storage, 'file')).toBe(texts.join(''));
  });

  it('writes more chunks at once than the system takes in one call', async () => {
    const storage = localStorage(await temporaryFolder());
    const chunks = Array.from({ length: 5000 }, (_, index) => Uint8Array.of(index % 256, index >> 8));
    const writer = await storage.put('file');
    await writer.write(chunks);
    await writer.commit();
    expect(Buffer.concat(chunks).equals(await storage.read('file'))).toBe(true);
  });

  it('gives back what was written, however it was cut', async () => {
    const storage = localStorage(await temporaryFolder());
    const writes = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(writes, async (pieces) => {
        const writer = await storage.put('file');
        for (const chunks of pieces) await writer.write(chunks);
        const { size } = await writer.commit();
        const expected = Buffer.concat(pieces.flat());
        expect(size).toBe(expected.length);
        expect(expected.equals(await storage.read('file'))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('honours the signal before, between and at the end, and abort still cleans up', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    const reason = new Error('enough');
    await expect(storage.put('file', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const writer = await storage.put('file', { signal: controller.signal });
    await writer.write([bytes('x')]);
    controller.abort(reason);
    await expect(writer.write([bytes('y')])).rejects.toBe(reason);
    await expect(writer.commit()).rejects.toBe(reason);
    await writer.abort();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a folder as target, and a file as folder, before anything is written', async () => {
    const folder = await temporaryFolder();
    const storage = localStorage(folder);
    await mkdir(join(folder, 'folder'));
    await writeFile(join(folder, 'file'), '');
    await expect(storage.put('folder')).rejects.toMatchObject({ code: 'invalid-path' });
    await expect(storage.put('file/deeper')).rejects.toMatchObject({ code: 'invalid-path' });
    await expect(storage.put('file/much/deeper')).rejects.toMatchObject({ code: 'invalid-path' });
    expect(await readdir(folder, { recursive: true })).toEqual(['file', 'folder']);
  });

  it('refuses a name that leaves no room for the temporary one, and takes one that just does', async () => {
    const storage = localStorage(await temporaryFolder());
    await expect(storage.put('é'.repeat(76))).rejects.toMatchObject({ code: 'invalid-path' });
    await putText(storage, `folder/${'é'.repeat(75)}`, 'x');
    expect(await readText(storage, `folder/${'é'.repeat(75)}`)).toBe('x');
  });

  it('says what to do when the path as a whole is too long for the disk', async () => {
    const storage = localStorage(await temporaryFolder());
    await expect(storage.put(`${'a'.repeat(300)}/file`)).rejects.toMatchObject({
      code: 'invalid-path',
      message: expect.stringContaining('Choose a shorter one'),
    });
  });

  it('replaces a link instead of writing through it', async () => {
    const folder = await temporaryFolder();
    const outside = join(await temporaryFolder(), 'precious');
    await writeFile(outside, 'precious');
    await symlink(outside, join(folder, 'file'));
    await putText(localStorage(folder), 'file', 'mine');
    expect(await readText(localStorage(folder), 'file')).toBe('mine');
    expect(new TextDecoder().decode(await localStorage(join(outside, '..')).read('precious'))).toBe('precious');
  });
});
