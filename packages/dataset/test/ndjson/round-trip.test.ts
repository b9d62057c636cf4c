import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, metadataFromTexts, type VectorBatch } from '@vecport/abstractions';
import { createDigest, type NdjsonEncoding, type PartSchema, readNdjsonPart } from '@vecport/dataset';
import fc from 'fast-check';
import { cutBatch, floatsFrom, memorySource, partInput, plainRows } from '../parquet/part-support.js';
import { sampleBatch } from '../support/batches.js';
import { readLines, writeLines } from './line-support.js';

const compression = fc.constantFrom<NdjsonEncoding['compression']>('gzip', 'zstd', 'none');

const DENSE: PartSchema = {
  vectors: { default: { kind: 'dense', dimension: 3 } },
  createdAt: false,
  updatedAt: false,
};

describe('an NDJSON part', () => {
  it('gives back every bit of what was written, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(
        partInput,
        compression,
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        async ({ schema, batch }, codec, batchRows) => {
          const { file, lines, summary } = await writeLines({ schema, compression: codec }, [batch]);
          const rows = await readLines(file, { compression: codec, lines, batchRows, maxRows: batch.ids.length });
          expect(rows).toEqual(plainRows(batch, schema));
          expect(summary).toMatchObject({ rows: batch.ids.length, bytes: file.length });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has the same bytes however its rows came', async () => {
    await fc.assert(
      fc.asyncProperty(
        partInput,
        compression,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        async ({ schema, batch }, codec, sizes) => {
          const whole = await writeLines({ schema, compression: codec }, [batch]);
          const cut = await writeLines({ schema, compression: codec }, cutBatch(batch, sizes));
          expect(cut.file.equals(whole.file)).toBe(true);
          expect(cut.summary).toEqual(whole.summary);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each(['gzip', 'zstd', 'none'] as const)('of many blocks has the same bytes and rows (%s)', async (codec) => {
    const batch = manyPoints(9000);
    const schema: PartSchema = { ...DENSE, vectors: { default: { kind: 'dense', dimension: 48 } } };
    const whole = await writeLines({ schema, compression: codec }, [batch]);
    const cut = await writeLines({ schema, compression: codec }, cutBatch(batch, [1, 700, 33]));
    expect(whole.lines.bytes).toBeGreaterThan(4 << 20);
    expect(cut.file.equals(whole.file)).toBe(true);
    const digest = createDigest();
    for await (const read of readNdjsonPart(memorySource(whole.file), { compression: codec, lines: whole.lines }))
      digest.add(read);
    const expected = createDigest();
    expected.add(batch);
    expect(digest.value()).toEqual(expected.value());
  });

  it('is one stream, which any tool decompresses to its end', async () => {
    const batch = manyPoints(9000);
    const schema: PartSchema = { ...DENSE, vectors: { default: { kind: 'dense', dimension: 48 } } };
    const plain = await writeLines({ schema, compression: 'none' }, [batch]);
    const gzip = await writeLines({ schema, compression: 'gzip' }, [batch]);
    const zstd = await writeLines({ schema, compression: 'zstd' }, [batch]);
    // Of several frames this function gives the first alone.
    expect(zstdDecompressSync(zstd.file).equals(plain.file)).toBe(true);
    expect(gunzipSync(gzip.file).equals(plain.file)).toBe(true);
    const strong = await writeLines({ schema, compression: 'gzip', level: 9 }, [batch]);
    expect(strong.file.length).toBeLessThan(gzip.file.length);
  });

  it('says what it says in the documentation', async () => {
    const schema: PartSchema = {
      vectors: {
        default: { kind: 'dense', dimension: 3 },
        sparse: { kind: 'sparse' },
        tokens: { kind: 'multi', dimension: 2 },
      },
      createdAt: true,
      updatedAt: false,
    };
    const batch = { ...sampleBatch(), createdAt: Float64Array.of(1700000000000, Number.NaN, -1) };
    const { file } = await writeLines({ schema, compression: 'none' }, [batch]);
    expect(file.toString().split('\n')).toEqual([
      '{"id":"18446744073709551615","vector":[1,-0.0,1e-45],"vector_sparse":{"indices":[0,4294967295],"values":[0.5,-1.5]},' +
        '"vector_tokens":[[1,2],[3,4]],"metadata":{"z": 18446744073709551616, "a": 1.0, "n": null},"creation_time":1700000000000}',
      '{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","vector":[3.4028235e+38,"NaN",0],"metadata":null}',
      '{"id":"O\'Neill \\"絵文字\\" 😀","vector_sparse":{"indices":[],"values":[]},"vector_tokens":[],"creation_time":-1}',
      '',
    ]);
  });

  it('keeps the bits of every NaN and both infinities in a form of their own', async () => {
    const values = floatsFrom([0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff]);
    const schema = { ...DENSE, vectors: { default: { kind: 'dense', dimension: 6 } as const } };
    const batch: VectorBatch = {
      ids: ['a'],
      vectors: { default: { kind: 'dense', dimension: 6, values } },
      metadata: metadataFromTexts([undefined]),
    };
    const { file, lines } = await writeLines({ schema, compression: 'none' }, [batch]);
    expect(file.toString()).toBe(
      '{"id":"a","vector":["Infinity","-Infinity","NaN","NaN:ffc00000","NaN:7f800001","NaN:ffffffff"]}\n',
    );
    expect(await readLines(file, { compression: 'none', lines })).toEqual(plainRows(batch));
  });

  it.each([
    ['of several lines', '{\n  "a": 1\r\n}'],
    ['with white space around it', ' {"a":1} '],
    ['that is no JSON', '{"a":1},"id":"b"'],
    ['of no characters', ''],
  ])('keeps metadata %s as text within the line', async (_, text) => {
    const batch = {
      ...batchFromRecords([{ id: 'a', embedding: Float32Array.of(1, 2, 3) }]),
      metadata: metadataFromTexts([text]),
    };
    const { file, lines } = await writeLines({ schema: DENSE, compression: 'none' }, [batch]);
    expect(JSON.parse(file.toString())).toEqual({ id: 'a', vector: [1, 2, 3], metadata_text: text });
    expect(await readLines(file, { compression: 'none', lines })).toEqual(plainRows(batch));
  });

  it('reads ids alone', async () => {
    const schema = { ...DENSE, vectors: { default: { kind: 'dense', dimension: 48 } as const } };
    const { file, lines } = await writeLines({ schema, compression: 'zstd' }, [manyPoints(50)]);
    const options = { compression: 'zstd', lines, columns: 'ids' } as const;
    for await (const batch of readNdjsonPart(memorySource(file), options)) {
      expect(batch.ids).toEqual(manyPoints(50).ids);
      expect(batch.vectors).toEqual({});
      expect(batch.metadata.bytes).toHaveLength(0);
    }
  });

  it('stops when it is told to', async () => {
    const { file, lines } = await writeLines({ schema: DENSE, compression: 'gzip' }, []);
    const reading = readLines(file, { compression: 'gzip', lines, signal: AbortSignal.abort(new Error('enough')) });
    await expect(reading).rejects.toThrow('enough');
  });
});

/** Points of 48 dimensions, every seventh without vector and every fifth without metadata. */
function manyPoints(count: number): VectorBatch {
  return batchFromRecords(
    Array.from({ length: count }, (_, row) => ({
      id: `point-${row}`,
      ...(row % 7 === 0 ? {} : { embedding: Float32Array.from({ length: 48 }, (__, at) => Math.sin(row * 48 + at)) }),
      ...(row % 5 === 0 ? {} : { metadata: { row, text: `some text of row ${row}` } }),
    })),
  );
}
