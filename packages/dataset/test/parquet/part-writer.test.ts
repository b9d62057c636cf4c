import { describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type DenseColumn,
  emptyMetadata,
  metadataFromTexts,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import {
  createParquetPartWriter,
  type ParquetPartOptions,
  type PartSchema,
  type PartWriter,
  pageLayout,
} from '@vecport/dataset';
import { plainRows, readRows, writePart } from './part-support.js';

const SCHEMA = {
  vectors: {
    default: { kind: 'dense', dimension: 2 },
    terms: { kind: 'sparse' },
    tokens: { kind: 'multi', dimension: 2 },
    unseen: { kind: 'dense' },
  },
  createdAt: true,
  updatedAt: false,
} as const satisfies PartSchema;

const OPTIONS = { schema: SCHEMA, compression: 'zstd', vectors: 'split' } as const satisfies ParquetPartOptions;

const good = batchFromRecords([{ id: 'a', embedding: Float32Array.of(1, 2) }]);

const dense = (dimension: number, missing?: Uint8Array): DenseColumn => ({
  kind: 'dense',
  dimension,
  values: new Float32Array(dimension),
  missing,
});

const withVector = (name: string, column: VectorColumn): VectorBatch => ({ ...good, vectors: { [name]: column } });

function writer(options: Partial<ParquetPartOptions> = {}): PartWriter {
  return createParquetPartWriter({ ...OPTIONS, ...options }, async () => {});
}

describe('a batch that does not fit', () => {
  it.each<[string, string, VectorBatch]>([
    ['dimension-mismatch', 'another dimension', withVector('default', dense(3))],
    ['dimension-mismatch', 'a vector where the schema knows no dimension', withVector('unseen', dense(1))],
    [
      'dimension-mismatch',
      'a multi vector of another dimension',
      withVector('tokens', { kind: 'multi', dimension: 1, offsets: Uint32Array.of(0, 1), values: new Float32Array(1) }),
    ],
    ['invalid-argument', 'a vector that is not in the schema', withVector('other', dense(2))],
    ['invalid-argument', 'another kind', withVector('terms', dense(2))],
    ['invalid-argument', 'too few floats', withVector('default', { ...dense(2), values: new Float32Array(1) })],
    ['invalid-argument', 'flags for other rows', withVector('default', dense(2, new Uint8Array(2)))],
    ['invalid-argument', 'a flag that is neither 0 nor 1', withVector('default', dense(2, Uint8Array.of(2)))],
    [
      'invalid-argument',
      'falling offsets',
      withVector('terms', {
        kind: 'sparse',
        offsets: Uint32Array.of(1, 0),
        indices: new Uint32Array(1),
        values: new Float32Array(1),
      }),
    ],
    [
      'invalid-argument',
      'offsets beyond the indices',
      withVector('terms', {
        kind: 'sparse',
        offsets: Uint32Array.of(0, 2),
        indices: new Uint32Array(1),
        values: new Float32Array(2),
      }),
    ],
    [
      'invalid-argument',
      'offsets beyond the values',
      withVector('terms', {
        kind: 'sparse',
        offsets: Uint32Array.of(0, 2),
        indices: new Uint32Array(2),
        values: new Float32Array(1),
      }),
    ],
    [
      'invalid-argument',
      'a row too large for the format',
      withVector('terms', {
        kind: 'sparse',
        offsets: Uint32Array.of(0, 0xffffffff),
        indices: new Uint32Array(1),
        values: new Float32Array(1),
      }),
    ],
    ['invalid-argument', 'an id that is no Unicode', { ...good, ids: ['\ud800'] }],
    [
      'invalid-argument',
      'metadata that is no UTF-8',
      { ...good, metadata: { bytes: Uint8Array.of(0xff), offsets: Uint32Array.of(0, 1) } },
    ],
    [
      'invalid-argument',
      'metadata cut inside a character',
      {
        ...batchFromRecords([{ id: 'a' }, { id: 'b' }]),
        metadata: { ...metadataFromTexts(['é', '']), offsets: Uint32Array.of(0, 1, 2) },
      },
    ],
    ['invalid-argument', 'metadata for other rows', { ...good, metadata: emptyMetadata(2) }],
    ['invalid-argument', 'half a millisecond', { ...good, createdAt: Float64Array.of(0.5) }],
    ['invalid-argument', 'a time without end', { ...good, createdAt: Float64Array.of(Number.POSITIVE_INFINITY) }],
    ['invalid-argument', 'a time that is not in the schema', { ...good, updatedAt: Float64Array.of(1) }],
    ['invalid-argument', 'times for other rows', { ...good, createdAt: Float64Array.of(1, 2) }],
  ])('is refused with %s: %s', async (code, _what, batch) => {
    await expect(writer().write(batch)).rejects.toMatchObject({ code });
  });

  it('leaves nothing behind', async () => {
    const both = [good, { ...good, ids: ['\ud800'] }] as const;
    const chunks: Uint8Array[] = [];
    const part = createParquetPartWriter(OPTIONS, async (buffers) => {
      for (const buffer of buffers) chunks.push(buffer.slice());
    });
    await part.write(both[0]);
    await expect(part.write(both[1])).rejects.toThrow('half a surrogate pair');
    expect(part.rows).toBe(1);
    await part.finish();
    expect(await readRows(Buffer.concat(chunks))).toEqual(plainRows(good, SCHEMA));
  });
});

describe('what fits although it looks different', () => {
  it('takes a column without any vector as any kind and dimension, and unknown times where there is no column', async () => {
    const batch = {
      ...good,
      vectors: {
        default: dense(7, Uint8Array.of(1)),
        terms: dense(0, Uint8Array.of(1)),
        unseen: dense(5, Uint8Array.of(1)),
      },
      updatedAt: Float64Array.of(Number.NaN),
    };
    const { file } = await writePart(OPTIONS, [batch]);
    expect(await readRows(file)).toEqual(plainRows({ ...good, vectors: {} }, SCHEMA));
  });

  it('takes an empty batch and finishes without rows', async () => {
    const { file, summary } = await writePart(OPTIONS, [batchFromRecords([])]);
    expect(summary).toEqual({ rows: 0, bytes: file.length, minId: undefined, maxId: undefined });
    expect(await readRows(file)).toEqual([]);
  });
});

describe('the calls of a part writer', () => {
  it('refuses to go on after the end', async () => {
    const part = writer();
    await part.finish();
    await expect(part.write(good)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('finished'),
    });
    await expect(part.finish()).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('refuses a call before the last one has resolved', async () => {
    const gate = Promise.withResolvers<void>();
    const part = createParquetPartWriter({ ...OPTIONS, rowGroupRows: 1 }, async () => gate.promise);
    const first = part.write(good);
    await expect(part.write(good)).rejects.toMatchObject({ message: expect.stringContaining('busy') });
    gate.resolve();
    await first;
  });

  it('passes on what the sink throws and is of no use afterwards', async () => {
    const error = new Error('no space left');
    const part = createParquetPartWriter({ ...OPTIONS, rowGroupRows: 1 }, async () => {
      throw error;
    });
    await expect(part.write(good)).rejects.toBe(error);
    await expect(part.finish()).rejects.toMatchObject({ message: expect.stringContaining('failed') });
  });

  it.each([
    { pageRows: 0 },
    { pageRows: 1.5 },
    { rowGroupRows: 2 ** 21 },
    { schema: { ...SCHEMA, vectors: { '\ud800': { kind: 'sparse' } } } as PartSchema },
    { schema: { ...SCHEMA, vectors: { default: { kind: 'dense', dimension: -1 } } } as PartSchema },
  ])('refuses %j', (options) => {
    expect(() => writer(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('gives the sink each row group at its end and keeps no more', async () => {
    const sizes: number[] = [];
    const part = createParquetPartWriter({ ...OPTIONS, rowGroupRows: 2 }, async (buffers) => {
      sizes.push(buffers.reduce((sum, buffer) => sum + buffer.length, 0));
    });
    for (let row = 0; row < 5; row++) await part.write(good);
    expect(sizes).toHaveLength(2);
    const { bytes } = await part.finish();
    expect(sizes).toHaveLength(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
  });
});

describe('pageLayout', () => {
  it('makes row groups of whole pages, about 32 MiB of vectors', () => {
    const layout = (dimension: number | undefined): unknown =>
      pageLayout({ vectors: { default: { kind: 'dense', dimension } }, createdAt: false, updatedAt: false })
        .rowGroupRows;
    expect([384, 1536, 3072, 2 ** 23, 1, undefined].map(layout)).toEqual([
      682 * 32,
      170 * 32,
      85 * 32,
      1,
      131072,
      131072,
    ]);
  });
});
