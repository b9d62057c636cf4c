import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, isVecportError } from '@vecport/abstractions';
import type { NdjsonEncoding, PartLines, PartSchema } from '@vecport/dataset';
import fc from 'fast-check';
import { readLines, writeLines } from './line-support.js';

const SCHEMA = {
  vectors: {
    default: { kind: 'dense', dimension: 3 },
    terms: { kind: 'sparse' },
    tokens: { kind: 'multi', dimension: 2 },
  },
  createdAt: true,
  updatedAt: false,
} as const satisfies PartSchema;

const BATCH = {
  ...batchFromRecords(
    Array.from({ length: 25 }, (_, row) => ({
      id: `point-${row}`,
      ...(row % 4 === 0 ? {} : { metadata: { row, text: 'lorem ipsum '.repeat(5) } }),
      vectors: {
        ...(row % 3 === 0 ? {} : { default: Float32Array.of(row, 0.5, -row) }),
        ...(row % 5 === 0 ? {} : { terms: { indices: Uint32Array.of(row, row + 1), values: Float32Array.of(1, row) } }),
        ...(row % 6 === 0 ? {} : { tokens: [Float32Array.of(row, 1), Float32Array.of(2, Number.NaN)] }),
      },
    })),
  ),
  createdAt: Float64Array.from({ length: 25 }, (_, row) => (row % 2 === 0 ? row : Number.NaN)),
};

type Compression = NdjsonEncoding['compression'];

async function outcome(file: Uint8Array, compression: Compression, lines: PartLines): Promise<unknown> {
  try {
    return await readLines(file, { compression, lines, maxRows: 25 });
  } catch (error) {
    if (isVecportError(error)) return error;
    throw error;
  }
}

describe.each(['gzip', 'zstd', 'none'] as const)('a damaged NDJSON part (%s)', (compression) => {
  const whole = writeLines({ schema: SCHEMA, compression }, [BATCH]);

  it('is refused wherever it was cut off', async () => {
    const { file, lines } = await whole;
    const step = Math.ceil(file.length / 100);
    for (let length = 0; length < file.length; length += length < 20 ? 1 : step)
      expect(await outcome(file.subarray(0, length), compression, lines)).toMatchObject({ code: 'corrupt-data' });
  });

  it('is refused when something follows it, or it is there twice', async () => {
    const { file, lines } = await whole;
    for (const more of [Buffer.of(0), Buffer.from('{}\n'), file])
      expect(await outcome(Buffer.concat([file, more]), compression, lines)).toMatchObject({ code: 'corrupt-data' });
  });

  it('never ends in another error than ours, whichever byte was changed', async () => {
    const { file, lines } = await whole;
    const rows = await outcome(file, compression, lines);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(file);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        const result = await outcome(damaged, compression, lines);
        // Text without a checksum may say something else; the checksum of the file is in the manifest.
        if (Array.isArray(result)) expect(compression === 'none' || result).toEqual(compression === 'none' || rows);
        else expect(result).toMatchObject({ code: 'corrupt-data' });
      }),
      { numRuns: 400 },
    );
  });
});

const LINES: PartLines = { schema: SCHEMA, bytes: 0, longest: 1 << 20 };

/** What reading this text gives, whose size the manifest says rightly. */
async function readText(text: string | Buffer, maxRows = 100): Promise<unknown> {
  const file = Buffer.from(text);
  return outcomeOf(readLines(file, { compression: 'none', lines: { ...LINES, bytes: file.length }, maxRows }));
}

async function outcomeOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    (rows) => rows,
    (error: unknown) => error,
  );
}

describe('a damaged line', () => {
  it.each([
    ['without an id', '{"vector":[1,2,3]}', 'has no id'],
    ['with two ids', '{"id":"a","id":"b"}', "has the key 'id' twice"],
    ['with an id that is a number', '{"id":1}', 'no text'],
    ['with an id of half a character', '{"id":"\\ud800"}', 'half a surrogate pair'],
    ['with a key that is no column', '{"id":"a","vectors":[1]}', 'has the key "vectors"'],
    ['with a key twice', '{"id":"a","vector":[1,2,3],"vector":[1,2,3]}', 'has the key "vector" twice'],
    ['with metadata in both forms', '{"id":"a","metadata":1,"metadata_text":"1"}', 'has the key "metadata_text" twice'],
    ['with too few numbers', '{"id":"a","vector":[1,2]}', "has 2 numbers instead of 3 in the vector 'default'"],
    ['with too many numbers', '{"id":"a","vector":[1,2,3,4]}', 'has 4 numbers instead of 3'],
    ['with a text among the numbers', '{"id":"a","vector":[1,"2",3]}', 'has "2" where a number is expected'],
    ['with bits that are no NaN', '{"id":"a","vector":[1,"NaN:00000001",3]}', 'has "NaN:00000001"'],
    ['with null for a vector', '{"id":"a","vector":null}', 'no [ at byte 19'],
    [
      'with other indices than values',
      '{"id":"a","vector_terms":{"indices":[1],"values":[]}}',
      'other indices than values',
    ],
    ['with an index that is none', '{"id":"a","vector_terms":{"indices":[4294967296],"values":[1]}}', '4294967296'],
    ['with a sparse vector without indices', '{"id":"a","vector_terms":{"values":[]}}', 'other indices than values'],
    ['with a strange member of a sparse vector', '{"id":"a","vector_terms":{"dim":3}}', 'has a key "dim"'],
    ['with a short vector of several', '{"id":"a","vector_tokens":[[1,2],[3]]}', 'has 1 numbers instead of 2'],
    ['with a time that is no integer', '{"id":"a","creation_time":1.5}', 'has the time 1.5'],
    ['with a time beyond 2^53', '{"id":"a","creation_time":9007199254740993}', 'has the time 9007199254740993'],
    ['with metadata that is cut off', '{"id":"a","metadata":{"a":1}', 'ends at byte'],
    ['with two objects', '{"id":"a"} {"id":"b"}', 'no the end at byte 11'],
    ['that is empty', '', 'ends at byte 0 where { was expected'],
    ['that is a list', '["a"]', 'no { at byte 0'],
  ])('%s is named by its number', async (_, line, what) => {
    expect(await readText(`{"id":"first"}\n${line}\n{"id":"last"}\n`)).toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringMatching(/^The NDJSON part is damaged: line 2 /),
      message: expect.stringContaining(what),
    });
  });

  it('whose metadata or id is not UTF-8 is named as well', async () => {
    for (const text of ['{"id":"a\xff"}', '{"id":"a","metadata":"\xff"}', '{"id":"a","metadata_text":"\xff"}'])
      expect(await readText(Buffer.from(`{"id":"first"}\n${text}\n`, 'latin1'))).toMatchObject({
        code: 'corrupt-data',
        reason: expect.stringContaining('line 2'),
      });
  });

  it('that has no end, is one too many, or is longer than the longest is named too', async () => {
    expect(await readText('{"id":"a"}\n{"id":"b"}')).toMatchObject({
      reason: expect.stringContaining('line 2 is cut off'),
    });
    expect(await readText('{"id":"a"}\n{"id":"b"}\n', 1)).toMatchObject({
      reason: expect.stringContaining('line 2 is one too many'),
    });
    const file = Buffer.from(`{"id":"a"}\n{"id":"${'b'.repeat(100)}"}\n`);
    const lines = { ...LINES, bytes: file.length, longest: 50 };
    expect(await outcomeOf(readLines(file, { compression: 'none', lines }))).toMatchObject({
      reason: expect.stringContaining('line 2 is longer than the longest one, which has 50 bytes'),
    });
  });

  it('may have its keys in any order', async () => {
    expect(await readText('{"metadata":{"a":1},"vector":[1,2,3],"id":"a"}\n')).toMatchObject([
      { id: 'a', metadata: '{"a":1}' },
    ]);
  });
});

describe('a hostile NDJSON part', () => {
  const long = Buffer.alloc(256 << 20, ' ');
  const bombs = [
    ['gzip', gzipSync(long)],
    ['zstd', zstdCompressSync(long)],
  ] as const;

  it.each(bombs)('of one endless line is left after the longest there may be (%s)', async (compression, file) => {
    expect(file.length).toBeLessThan(1 << 20);
    const lines = { ...LINES, bytes: long.length, longest: 4096 };
    expect(await outcomeOf(readLines(file, { compression, lines }))).toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('line 1 is longer than the longest one, which has 4096 bytes'),
    });
  });

  it.each(bombs)('that unpacks to more than the manifest says is left there (%s)', async (compression, file) => {
    const lines = { ...LINES, bytes: 10_000, longest: 1 << 29 };
    expect(await outcomeOf(readLines(file, { compression, lines }))).toMatchObject({
      code: 'corrupt-data',
      reason: expect.stringContaining('as 10000 bytes would have it'),
    });
  });
});
