import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, isVecportError } from '@vecport/abstractions';
import { type Compression, type PartSchema, readParquetFooter, readParquetPart } from '@vecport/dataset';
import fc from 'fast-check';
import { compressSync } from 'snappy';
import { hostileIds } from './hostile-part.js';
import { readRows, writePart } from './part-support.js';

const SCHEMA = {
  vectors: {
    default: { kind: 'dense', dimension: 3 },
    terms: { kind: 'sparse' },
    tokens: { kind: 'multi', dimension: 2 },
  },
  createdAt: true,
  updatedAt: false,
} as const satisfies PartSchema;

async function makePart(compression: Compression, vectors: 'plain' | 'split'): Promise<Buffer> {
  const records = Array.from({ length: 25 }, (_, row) => ({
    id: `point-${row}`,
    metadataText: row % 4 === 0 ? undefined : `{"row":${row},"text":"${'lorem ipsum '.repeat(5)}"}`,
    vectors: {
      ...(row % 3 === 0 ? {} : { default: Float32Array.of(row, 0.5, -row) }),
      ...(row % 5 === 0 ? {} : { terms: { indices: Uint32Array.of(row, row + 1), values: Float32Array.of(1, row) } }),
      ...(row % 6 === 0 ? {} : { tokens: [Float32Array.of(row, 1), Float32Array.of(2, row)] }),
    },
  }));
  const batch = {
    ...batchFromRecords(records),
    createdAt: Float64Array.from(records, (_, row) => (row % 2 === 0 ? row : Number.NaN)),
  };
  return (await writePart({ schema: SCHEMA, compression, vectors, pageRows: 7, rowGroupRows: 15 }, [batch])).file;
}

/** The rows, or the code of the error. Any other error than ours fails the test. */
async function outcome(file: Uint8Array): Promise<string | readonly unknown[]> {
  try {
    return await readRows(file);
  } catch (error) {
    if (isVecportError(error)) return error.code;
    throw error;
  }
}

async function failure(file: Uint8Array): Promise<unknown> {
  return readRows(file).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each([
  ['zstd', 'split'],
  ['zstd', 'plain'],
  ['none', 'split'],
  ['none', 'plain'],
  ['gzip', 'split'],
  ['snappy', 'plain'],
] as const)('a damaged part (%s, %s)', (compression, vectors) => {
  it('is refused wherever it was cut off', async () => {
    const file = await makePart(compression, vectors);
    const step = Math.ceil(file.length / 150);
    for (let length = 0; length < file.length; length += length < 20 ? 1 : step) {
      expect(await outcome(file.subarray(0, length))).toBe('corrupt-data');
    }
  });

  it('is refused, or its rows are the same, whichever byte was changed', async () => {
    const file = await makePart(compression, vectors);
    const rows = await readRows(file);
    const footerStart = file.length - 8 - file.readUInt32LE(file.length - 8);
    const position = fc.oneof(fc.nat({ max: file.length - 1 }), fc.integer({ min: footerStart, max: file.length - 1 }));
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(file);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const result = await outcome(damaged);
        if (typeof result === 'string') expect(['corrupt-data', 'not-supported']).toContain(result);
        else expect(result).toEqual(rows);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused when bytes are missing, doubled or zero', async () => {
    const file = await makePart(compression, vectors);
    const rows = await readRows(file);
    const range = fc.tuple(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 300 }));
    await fc.assert(
      fc.asyncProperty(range, fc.constantFrom('cut', 'double', 'zero'), async ([start, length], how) => {
        const middle = file.subarray(start, start + length);
        const end = file.subarray(start + length);
        const filler = { cut: [], double: [middle, middle], zero: [Buffer.alloc(middle.length)] }[how];
        const result = await outcome(Buffer.concat([file.subarray(0, start), ...filler, end]));
        if (how === 'zero' && typeof result !== 'string') expect(result).toEqual(rows);
        else expect(result).toBe('corrupt-data');
      }),
      { numRuns: 300 },
    );
  });
});

describe('the error for a damaged part', () => {
  it('says which column and where', async () => {
    const file = await makePart('none', 'plain');
    file[file.indexOf('point-3')] = 0x51;
    expect(await failure(file)).toMatchObject({
      code: 'corrupt-data',
      reason: "The Parquet part is damaged: column 'id', page at byte 276: the checksum is not that of the bytes.",
    });
  });

  it('is the same code for other files', async () => {
    for (const text of ['', 'PAR1', 'PAR1PAR1', 'PAR1\0\0\0\0PAR1', '{"id":"a"}\n'.repeat(10)]) {
      expect(await outcome(Buffer.from(text))).toBe('corrupt-data');
    }
  });

  it('comes when the source gives fewer bytes than it was asked for', async () => {
    const file = await makePart('zstd', 'split');
    const source = {
      size: file.length,
      read: async (start: number, end: number) => file.subarray(start, Math.max(start, end - 1)),
    };
    await expect(readParquetFooter(source)).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it("is the source's own where the source fails", async () => {
    const error = new Error('the disk is gone');
    const source = {
      size: 1000,
      read: async (): Promise<Uint8Array> => {
        throw error;
      },
    };
    await expect(readParquetPart(source).next()).rejects.toBe(error);
  });

  it('names the version of a newer format', async () => {
    const file = await makePart('zstd', 'split');
    const text = Buffer.from(file.toString('latin1').replace('"formatVersion":1', '"formatVersion":2'), 'latin1');
    expect(await failure(text)).toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('Update Vecport'),
    });
  });
});

describe('a hostile part', () => {
  it('cannot make the reader allocate more than a page on its word', async () => {
    const file = hostileIds({ rawBytes: 2 ** 31 - 1, rows: 1, data: zstdCompressSync(Buffer.alloc(1000)) });
    expect(await failure(file)).toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('more than the column or the format allows'),
    });
  });

  it.each([
    ['zstd', 6, (data: Buffer) => zstdCompressSync(data)],
    ['gzip', 2, (data: Buffer) => gzipSync(data)],
    ['snappy', 1, (data: Buffer) => compressSync(data)],
  ] as const)('cannot unpack to more than its header says (%s)', async (_, codec, compress) => {
    const data = compress(Buffer.alloc(64 << 20));
    expect(data.length).toBeLessThan(4 << 20);
    expect(await failure(hostileIds({ rawBytes: 100, rows: 1, data, codec }))).toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('cannot be decompressed to 100 bytes'),
    });
    expect(await failure(hostileIds({ rawBytes: 2 ** 31 - 1, rows: 1, data, codec }))).toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('more than the column or the format allows'),
    });
  });

  it('cannot make a library allocate what its stream declares', async () => {
    // A Snappy block begins with the length it unpacks to: here 4 GiB, in a page of 100 bytes.
    const data = Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f), Buffer.alloc(20)]);
    expect(await failure(hostileIds({ rawBytes: 100, rows: 1, data, codec: 1 }))).toMatchObject({
      code: 'corrupt-data',
      cause: expect.objectContaining({ message: expect.stringContaining('4294967295') }),
    });
  });

  it('cannot claim rows that it does not have', async () => {
    const data = zstdCompressSync(Buffer.alloc(100));
    expect(await outcome(hostileIds({ rawBytes: 100, rows: 2 ** 30, data }))).toBe('corrupt-data');
    expect(await outcome(hostileIds({ rawBytes: 100, rows: 26, data }))).toBe('corrupt-data');
  });
});
