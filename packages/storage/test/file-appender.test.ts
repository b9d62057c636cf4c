import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES } from '../src/aligned-blocks.js';
import { type DirectHandle, type DirectOpener, openAppender } from '../src/file-appender.js';
import { temporaryFolder } from './support/temporary-folder.js';

/** Bytes that say where they are. */
function bytesOf(count: number, seed = 0): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(count / 4) }, (_, i) => Math.imul(i + seed, 0x9e3779b1));
  return new Uint8Array(words.buffer, 0, count);
}

function chunksOf(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

async function freshPath(): Promise<string> {
  return join(await temporaryFolder(), 'file');
}

/** A handle of the usual kind in place of one past the cache, and where it was written to. */
function recordedOpener(change: (write: DirectHandle['write']) => DirectHandle['write'] = (write) => write) {
  const positions: number[] = [];
  let opened = 0;
  const opener = async (path: string) => {
    opened += 1;
    const handle = await open(path, 'r+');
    const write: DirectHandle['write'] = async (buffer, offset, length, position) => {
      positions.push(position);
      return handle.write(buffer, offset, length, position);
    };
    return { write: change(write), close: async () => handle.close() };
  };
  return { opener, positions, opened: () => opened };
}

/** What a file system answers. */
function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function writeWhole(path: string, chunks: readonly Uint8Array[], opener?: DirectOpener): Promise<number> {
  const appender = await openAppender(path, opener);
  try {
    await appender.append(chunks);
    return (await appender.sync()).size;
  } finally {
    await appender.close();
  }
}

describe('a file of blocks', () => {
  it('is what was appended, however it was cut', async () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: -3, max: 3 }).map((off) => BLOCK_BYTES + off),
      fc.integer({ min: 0, max: 3 * BLOCK_BYTES }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(size, { maxLength: 4 }), { maxLength: 4 }), async (calls) => {
        const total = calls.flat().reduce((sum, count) => sum + count, 0);
        const bytes = bytesOf(total);
        const path = await freshPath();
        const appender = await openAppender(path);
        let at = 0;
        for (const sizes of calls) {
          const chunks = chunksOf(bytes.subarray(at), sizes);
          at += chunks.reduce((sum, { length }) => sum + length, 0);
          await appender.append(chunks);
        }
        expect((await appender.sync()).size).toBe(total);
        await appender.close();
        expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('goes past the cache in whole blocks, and only its end the usual way', async () => {
    const { opener, positions } = recordedOpener();
    const path = await freshPath();
    const bytes = bytesOf(3 * BLOCK_BYTES + 1234);
    expect(await writeWhole(path, chunksOf(bytes, [700_000, 2 * BLOCK_BYTES, BLOCK_BYTES]), opener)).toBe(bytes.length);
    expect(positions).toEqual([0, BLOCK_BYTES, 2 * BLOCK_BYTES]);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it('needs no second handle when it is smaller than a block', async () => {
    const { opener, opened } = recordedOpener();
    const path = await freshPath();
    await writeWhole(path, [bytesOf(BLOCK_BYTES - 1)], opener);
    expect(opened()).toBe(0);
    expect(await readFile(path)).toHaveLength(BLOCK_BYTES - 1);
  });

  it('may use its chunks again once they are appended', async () => {
    const path = await freshPath();
    const appender = await openAppender(path);
    const chunk = bytesOf(BLOCK_BYTES / 2 + 7);
    const expected: Uint8Array[] = [];
    for (let round = 0; round < 5; round++) {
      chunk.fill(round);
      expected.push(chunk.slice());
      await appender.append([chunk]);
    }
    await appender.sync();
    await appender.close();
    expect(Buffer.compare(await readFile(path), Buffer.concat(expected))).toBe(0);
  });
});

describe('where the file system cannot write past its cache', () => {
  const bytes = bytesOf(3 * BLOCK_BYTES + 5, 9);
  const chunks = chunksOf(bytes, [10, BLOCK_BYTES, 2 * BLOCK_BYTES - 5]);

  it.each([
    ['there is no such way', async () => undefined],
    [
      'the way is refused when it is opened',
      async () => {
        throw refusal('EINVAL');
      },
    ],
    [
      'the way is refused at the first block',
      async () => ({
        write: async () => {
          throw refusal('EINVAL');
        },
        close: async () => {},
      }),
    ],
  ])('everything is written the usual way: %s', async (_, opener) => {
    const path = await freshPath();
    expect(await writeWhole(path, chunks, opener)).toBe(bytes.length);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it('goes on the usual way when it is refused later, with no byte twice', async () => {
    let calls = 0;
    const { opener } = recordedOpener((write) => async (...args) => {
      calls += 1;
      if (calls === 2) throw refusal('EOPNOTSUPP');
      return write(...args);
    });
    const path = await freshPath();
    expect(await writeWhole(path, chunks, opener)).toBe(bytes.length);
    expect(calls).toBe(2);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it('writes the rest of a block that was cut short', async () => {
    const { opener, positions } = recordedOpener(
      (write) => async (bytes, offset, length, position) => write(bytes, offset, Math.min(length, 1000), position),
    );
    const path = await freshPath();
    expect(await writeWhole(path, chunks, opener)).toBe(bytes.length);
    expect(positions).toEqual([0, BLOCK_BYTES, 2 * BLOCK_BYTES]);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it('tells any other error as it is', async () => {
    const { opener } = recordedOpener(() => async () => {
      throw refusal('ENOSPC');
    });
    await expect(writeWhole(await freshPath(), chunks, opener)).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});

describe('many files at once', () => {
  it('are all whole, more of them than there are blocks', async () => {
    const files = await Promise.all(
      Array.from({ length: 20 }, async (_, seed) => ({
        path: await freshPath(),
        bytes: bytesOf(BLOCK_BYTES + 100 * seed, seed),
      })),
    );
    const appenders = await Promise.all(files.map(async ({ path }) => openAppender(path)));
    for (let part = 0; part < 3; part++) {
      await Promise.all(
        files.map(async ({ bytes }, i) => {
          const third = Math.ceil(bytes.length / 3);
          await appenders[i]?.append([bytes.subarray(part * third, (part + 1) * third)]);
        }),
      );
    }
    await Promise.all(appenders.map(async (appender) => appender.sync()));
    await Promise.all(appenders.map(async (appender) => appender.close()));
    for (const { path, bytes } of files) expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it('leave the blocks to those that come after them, also when they end too early', async () => {
    for (let round = 0; round < 20; round++) {
      const appender = await openAppender(await freshPath());
      await appender.append([bytesOf(100)]);
      await appender.close();
      await appender.close();
    }
    const { opener, opened } = recordedOpener();
    await writeWhole(await freshPath(), [bytesOf(2 * BLOCK_BYTES)], opener);
    expect(opened()).toBe(1);
  });
});
