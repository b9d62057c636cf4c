import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Storage, StorageError } from '@vecport/storage';

/** What the suite is told of a storage. */
export interface StorageUnderTest {
  /** The same empty place each time, as a client of its own. */
  open(): Promise<Storage>;
  close?(): Promise<void>;
}

const MIB = 1 << 20;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export async function putText(storage: Storage, path: string, text: string): Promise<void> {
  const writer = await storage.put(path);
  await writer.write([bytes(text)]);
  await writer.commit();
}

export async function listed(storage: Storage, prefix = ''): Promise<string[]> {
  return (await Array.fromAsync(storage.list(prefix))).map(({ path }) => path);
}

async function readText(storage: Storage, path: string): Promise<string> {
  return new TextDecoder().decode(await storage.read(path));
}

/** Bytes that tell where they stand. */
export function pattern(length: number): Buffer {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) buffer.writeUInt32LE(at, at);
  return buffer;
}

/** What `Storage` promises, of any storage. Each test has a folder of its own. */
export function describeStorage(name: string, make: () => Promise<StorageUnderTest>): void {
  describe(`storage: ${name}`, () => {
    let subject: StorageUnderTest;
    let root: Storage;
    const folder = (): Storage => root.within(`test-${randomUUID()}`);

    beforeAll(async () => {
      subject = await make();
      root = await subject.open();
    });
    afterAll(async () => subject?.close?.());

    describe('put', () => {
      it('shows a small file at commit, not before', async () => {
        const storage = folder();
        const writer = await storage.put('a/b/file.bin');
        await writer.write([bytes('one '), bytes('two')]);
        await writer.write([new Uint8Array(0), bytes(' three')]);
        expect(await storage.head('a/b/file.bin')).toBeUndefined();
        expect(await listed(storage)).toEqual([]);
        const entry = await writer.commit();
        expect(entry).toEqual({ path: 'a/b/file.bin', size: 13, modifiedAt: expect.any(Number) });
        expect(await storage.head('a/b/file.bin')).toEqual(entry);
        expect(await Array.fromAsync(storage.list(''))).toEqual([entry]);
        expect(await readText(storage, 'a/b/file.bin')).toBe('one two three');
      });

      it('keeps empty files', async () => {
        const storage = folder();
        await (await storage.put('empty')).commit();
        expect(await storage.head('empty')).toMatchObject({ size: 0 });
        expect(await storage.read('empty')).toEqual(new Uint8Array(0));
        expect(await Array.fromAsync(storage.stream('empty'))).toEqual([]);
      });

      it('replaces an older file whole', async () => {
        const storage = folder();
        await putText(storage, 'file', 'a longer text');
        const writer = await storage.put('file');
        await writer.write([bytes('short')]);
        expect(await readText(storage, 'file')).toBe('a longer text');
        await writer.commit();
        expect(await readText(storage, 'file')).toBe('short');
      });

      it('takes what was given at once, so that buffers can be used again', async () => {
        const storage = folder();
        const buffer = bytes('first');
        const writer = await storage.put('file');
        await writer.write([buffer]);
        buffer.fill(0);
        await writer.commit();
        expect(await readText(storage, 'file')).toBe('first');
      });

      it('writes and reads 40 MiB in pieces, in bounded memory, and shows nothing before', async () => {
        const storage = folder();
        const piece = pattern(MIB + 3);
        const sum = createHash('sha256');
        const before = process.memoryUsage().arrayBuffers;
        let most = 0;
        const writer = await storage.put('large');
        for (let at = 0; at < 40; at++) {
          piece.writeUInt32LE(at, 0);
          sum.update(piece);
          await writer.write([piece]);
          most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        }
        expect(await storage.head('large')).toBeUndefined();
        expect(await listed(storage)).toEqual([]);
        expect(await writer.commit()).toMatchObject({ size: 40 * piece.length });
        const seen = createHash('sha256');
        for await (const chunk of storage.stream('large')) seen.update(chunk);
        expect(seen.digest('hex')).toBe(sum.digest('hex'));
        expect(await storage.read('large', { start: 16 * MIB, end: 16 * MIB + 7 })).toHaveLength(7);
        // Parts of 8 MiB: one that is filled, four on their way, and what their clients copy.
        expect(most).toBeLessThan(128 * MIB);
      });

      it('leaves nothing after abort, and abort may come twice or after commit', async () => {
        const storage = folder();
        const small = await storage.put('small');
        await small.write([bytes('x')]);
        await small.abort();
        await small.abort();
        const large = await storage.put('large');
        await large.write([pattern(20 * MIB)]);
        await large.abort();
        expect(await listed(storage)).toEqual([]);
        expect(await storage.sweep('')).toBe(0);
        await expect(large.write([bytes('more')])).rejects.toMatchObject({ code: 'io' });
        await expect(large.commit()).rejects.toMatchObject({ code: 'io' });
        const kept = await storage.put('kept');
        await kept.commit();
        await kept.abort();
        expect(await listed(storage)).toEqual(['kept']);
      });

      it('ends by its signal, with the reason as it is, and leaves nothing', async () => {
        const storage = folder();
        const controller = new AbortController();
        const reason = new Error('enough');
        const writer = await storage.put('file', { signal: controller.signal });
        await writer.write([pattern(20 * MIB)]);
        controller.abort(reason);
        await expect(writer.write([bytes('more')])).rejects.toBe(reason);
        await expect(writer.commit()).rejects.toMatchObject({});
        await writer.abort();
        expect(await listed(storage)).toEqual([]);
        expect(await storage.sweep('')).toBe(0);
      });

      it('lets several writers write at the same time', async () => {
        const storage = folder();
        const paths = Array.from({ length: 6 }, (_, index) => `part-${index}`);
        await Promise.all(
          paths.map(async (path, index) => {
            const writer = await storage.put(path);
            for (let piece = 0; piece < 3; piece++) await writer.write([pattern(4 * MIB + index)]);
            await writer.commit();
          }),
        );
        expect(await listed(storage)).toEqual(paths);
        const last = await storage.read('part-5');
        const piece = pattern(4 * MIB + 5);
        expect(Buffer.concat([piece, piece, piece]).equals(last)).toBe(true);
      });

      it('keeps one of two writers of the same file, whole', async () => {
        const storage = folder();
        const writers = await Promise.all([1, 2].map(async () => storage.put('file')));
        await Promise.all(writers.map(async (writer, index) => writer.write([Buffer.alloc(MIB, index)])));
        await Promise.all(writers.map(async (writer) => writer.commit()));
        const found = await storage.read('file');
        expect(found).toHaveLength(MIB);
        expect(new Set(found).size).toBe(1);
      });
    });

    describe('paths', () => {
      const PATHS = [
        ' leading space',
        'a b/c  d.txt',
        'a+b=c&d',
        'back`tick\'quote"',
        'collection "x" (1)/part-00000.parquet',
        'hash#and?question',
        'percent%41/%2F%',
        'semi;colon,comma@at:$!*',
        'ünï/日本語/𝄞',
        '~tilde^caret|pipe<>[]{}',
      ];

      it('may hold any characters', async () => {
        const storage = folder();
        for (const path of PATHS) await putText(storage, path, path);
        const order = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(await listed(storage)).toEqual(PATHS.toSorted(order));
        for (const path of PATHS) {
          expect(await readText(storage, path)).toBe(path);
          expect(await storage.head(path)).toMatchObject({ path, size: Buffer.byteLength(path) });
          expect(await listed(storage, Array.from(path).slice(0, -1).join(''))).toContain(path);
        }
        for (const path of PATHS) await storage.delete(path);
        expect(await listed(storage)).toEqual([]);
      });

      it.each(['', '/a', 'a//b', 'a/../b', './a', 'a/', 'a\\b', 'a\0b'])('are refused: %j', async (path) => {
        const storage = folder();
        await expect(storage.put(path)).rejects.toMatchObject({ code: 'invalid-path' });
        await expect(storage.read(path)).rejects.toMatchObject({ code: 'invalid-path' });
        await expect(storage.delete(path)).rejects.toMatchObject({ code: 'invalid-path' });
      });

      it('lead below a folder with `within`, and its URL says so', async () => {
        const storage = folder();
        await putText(storage.within('a/b'), 'c', 'x');
        expect(await listed(storage)).toEqual(['a/b/c']);
        expect(await listed(storage.within('a'))).toEqual(['b/c']);
        expect(storage.within('a b').url).toBe(`${storage.url}a%20b/`);
      });
    });

    describe('read', () => {
      it('gives ranges exactly, and refuses what is not there', async () => {
        const storage = folder();
        const content = pattern(1000);
        const writer = await storage.put('file');
        await writer.write([content]);
        await writer.commit();
        for (const [start, end] of [
          [0, 1000],
          [0, 1],
          [999, 1000],
          [17, 912],
          [500, 500],
          [1000, 1000],
        ] as const) {
          expect(Buffer.from(await storage.read('file', { start, end })).equals(content.subarray(start, end))).toBe(
            true,
          );
        }
        for (const [start, end] of [
          [0, 1001],
          [999, 1001],
          [1000, 1001],
          [1001, 1001],
          [2000, 3000],
          [5, 4],
          [-1, 4],
          [0.5, 4],
        ] as const) {
          await expect(storage.read('file', { start, end })).rejects.toMatchObject({
            code: 'io',
            message: expect.stringContaining('it has 1000 bytes'),
          });
        }
      });

      it('says which file is missing', async () => {
        const storage = folder();
        await putText(storage, 'file', 'x');
        for (const path of ['missing', 'missing/too', 'file/deeper']) {
          await expect(storage.read(path)).rejects.toMatchObject({ name: 'StorageError', code: 'not-found' });
          await expect(storage.read(path, { start: 0, end: 1 })).rejects.toMatchObject({ code: 'not-found' });
          await expect(storage.read(path, { start: 0, end: 0 })).rejects.toMatchObject({ code: 'not-found' });
          await expect(Array.fromAsync(storage.stream(path))).rejects.toMatchObject({ code: 'not-found' });
          expect(await storage.head(path)).toBeUndefined();
          await storage.delete(path);
        }
      });

      it('can be left in the middle of a stream', async () => {
        const storage = folder();
        const writer = await storage.put('file');
        await writer.write([pattern(9 * MIB)]);
        await writer.commit();
        for (let round = 0; round < 20; round++) {
          for await (const chunk of storage.stream('file')) {
            expect(chunk.length).toBeGreaterThan(0);
            break;
          }
        }
      });

      it('throws the abort reason as it is', async () => {
        const storage = folder();
        await putText(storage, 'file', 'x');
        const reason = new Error('enough');
        const options = { signal: AbortSignal.abort(reason) };
        await expect(storage.put('new', options)).rejects.toBe(reason);
        await expect(storage.read('file', undefined, options)).rejects.toBe(reason);
        await expect(Array.fromAsync(storage.stream('file', options))).rejects.toBe(reason);
        await expect(storage.head('file', options)).rejects.toBe(reason);
        await expect(Array.fromAsync(storage.list('', options))).rejects.toBe(reason);
        await expect(storage.delete('file', options)).rejects.toBe(reason);
        await expect(storage.lock('a.lock', options)).rejects.toBe(reason);
        await expect(storage.sweep('', options)).rejects.toBe(reason);
        expect(await listed(storage)).toEqual(['file']);
      });
    });

    describe('list', () => {
      it('goes by the bytes of the path over many pages, and by prefixes within names', async () => {
        const storage = folder();
        const paths = Array.from({ length: 1100 }, (_, index) => `n/${String(index).padStart(4, '0')}`);
        const rest = [...paths];
        await Promise.all(
          Array.from({ length: 16 }, async () => {
            for (let path = rest.pop(); path !== undefined; path = rest.pop()) await putText(storage, path, 'x');
          }),
        );
        expect(await listed(storage)).toEqual(paths);
        expect(await listed(storage, 'n/109')).toEqual(paths.filter((path) => path.startsWith('n/109')));
        expect(await listed(storage, 'none')).toEqual([]);
        for await (const entry of storage.list('')) {
          expect(entry).toEqual({ path: 'n/0000', size: 1, modifiedAt: expect.any(Number) });
          break;
        }
      });

      it('sees what was put and what was deleted at once', async () => {
        const storage = folder();
        for (let round = 0; round < 5; round++) {
          await putText(storage, `file-${round}`, 'x');
          expect(await listed(storage)).toEqual([`file-${round}`]);
          await storage.delete(`file-${round}`);
          expect(await listed(storage)).toEqual([]);
          expect(await storage.head(`file-${round}`)).toBeUndefined();
        }
      });
    });

    describe('lock', () => {
      it('keeps others out, names the holder, and is free when it is released', async () => {
        const storage = folder();
        const lock = await storage.lock('deep/a.lock');
        await expect(storage.lock('deep/a.lock')).rejects.toMatchObject({
          code: 'locked',
          message: expect.stringContaining(`process ${process.pid} `),
        });
        expect(await listed(storage)).toEqual([]);
        await lock.release();
        await lock.release();
        const next = await storage.lock('deep/a.lock');
        await lock.release();
        await expect(storage.lock('deep/a.lock')).rejects.toMatchObject({ code: 'locked' });
        await next.release();
      });

      it('goes to one of many who ask at once, also through other clients', async () => {
        const path = `race-${randomUUID()}/a.lock`;
        const clients = await Promise.all([1, 2, 3].map(async () => subject.open()));
        const takers = clients.flatMap((client) => [client, client, client, client]);
        const results = await Promise.allSettled(takers.map(async (client) => client.lock(path)));
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const result of results) {
          if (result.status === 'fulfilled') await result.value.release();
          else expect(result.reason).toMatchObject({ name: 'StorageError', code: 'locked' });
        }
      });

      it('needs a path that listings know to be a lock', async () => {
        const storage = folder();
        await expect(storage.lock('data.json')).rejects.toMatchObject({ code: 'invalid-path' });
        await expect(storage.put('a.lock')).rejects.toBeInstanceOf(StorageError);
      });
    });

    it('sweeps nothing that is being written', async () => {
      const storage = folder();
      const writer = await storage.put('live');
      await writer.write([pattern(20 * MIB)]);
      expect(await storage.sweep('')).toBe(0);
      await writer.commit();
      expect(await storage.head('live')).toMatchObject({ size: 20 * MIB });
    });
  });
}
