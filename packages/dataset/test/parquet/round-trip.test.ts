import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, emptyMetadata, type VectorBatch } from '@vecport/abstractions';
import { pageLayout, readParquetFooter, readParquetPart } from '@vecport/dataset';
import fc from 'fast-check';
import {
  cutBatch,
  floatsFrom,
  memorySource,
  partInput,
  partOptions,
  plainRows,
  readRows,
  writePart,
} from './part-support.js';

const sizes = fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 4 });

describe('a Parquet part', () => {
  it('gives every row back with the same bits, in order', async () => {
    await fc.assert(
      fc.asyncProperty(partInput, partOptions, sizes, async ({ schema, batch }, options, cuts) => {
        const { file, summary } = await writePart({ schema, ...options }, cutBatch(batch, cuts));
        expect(await readRows(file)).toEqual(plainRows(batch, schema));
        expect(summary).toMatchObject({ rows: batch.ids.length, bytes: file.length });
        const footer = await readParquetFooter(memorySource(file));
        expect(footer.rows).toBe(batch.ids.length);
        expect(footer.schema).toEqual(schema);
      }),
      { numRuns: 300 },
    );
  });

  it('has the same bytes however the rows were cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(partInput, partOptions, sizes, async ({ schema, batch }, options, cuts) => {
        const whole = await writePart({ schema, ...options }, [batch]);
        const pieces = await writePart({ schema, ...options }, cutBatch(batch, cuts));
        expect(pieces.file.equals(whole.file)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('has the same bytes whatever the order of the schema keys', async () => {
    const batch = batchFromRecords([{ id: 'a', vectors: { b: Float32Array.of(1), c: Float32Array.of(2) } }]);
    const write = async (names: readonly string[]): Promise<Buffer> => {
      const vectors = Object.fromEntries(names.map((name) => [name, { kind: 'dense', dimension: 1 } as const]));
      const schema = { vectors, createdAt: false, updatedAt: false };
      return (await writePart({ schema, compression: 'none', vectors: 'plain' }, [batch])).file;
    };
    expect((await write(['b', 'c'])).equals(await write(['c', 'b']))).toBe(true);
  });

  it.each([
    ['zstd', 'split'],
    ['zstd', 'plain'],
    ['none', 'plain'],
  ] as const)('holds real pages and row groups (%s, %s)', async (compression, vectors) => {
    const schema = {
      vectors: { default: { kind: 'dense', dimension: 1021 } },
      createdAt: false,
      updatedAt: true,
    } as const;
    const layout = pageLayout(schema, { rowGroupRows: 600 });
    const batch = denseBatch(1301, 1021);
    const { file } = await writePart({ schema, compression, vectors, ...layout }, cutBatch(batch, [257, 500]));
    const footer = await readParquetFooter(memorySource(file));
    expect(footer.rowGroups.map((group) => group.rows)).toEqual([600, 600, 101]);
    expect(await readRows(file)).toEqual(plainRows(batch));
  });

  it('keeps within batchRows and ends batches with pages', async () => {
    const schema = {
      vectors: { default: { kind: 'dense', dimension: 2 } },
      createdAt: false,
      updatedAt: false,
    } as const;
    const batch = { ...denseBatch(25, 2), updatedAt: undefined };
    const { file } = await writePart({ schema, compression: 'zstd', vectors: 'split', pageRows: 10 }, [batch]);
    expect(await batchSizes(file, { batchRows: 4 })).toEqual([4, 4, 2, 4, 4, 2, 4, 1]);
    expect(await batchSizes(file)).toEqual([10, 10, 5]);
  });

  it('gives the ids alone without reading anything else', async () => {
    const schema = {
      vectors: { default: { kind: 'dense', dimension: 512 } },
      createdAt: false,
      updatedAt: true,
    } as const;
    const batch = denseBatch(300, 512);
    const { file } = await writePart({ schema, compression: 'zstd', vectors: 'split' }, [batch]);
    let bytes = 0;
    const source = {
      size: file.length,
      read: async (start: number, end: number) => {
        bytes += end - start;
        return file.subarray(start, end);
      },
    };
    const ids: string[] = [];
    for await (const part of readParquetPart(source, { columns: 'ids' })) {
      expect(part.vectors).toEqual({});
      expect(part.metadata).toEqual(emptyMetadata(part.ids.length));
      ids.push(...part.ids);
    }
    expect(ids).toEqual(batch.ids);
    expect(bytes).toBeLessThan(file.length / 2);
  });

  it('ends pages and row groups by bytes too, where rows are large', async () => {
    const schema = { vectors: { s: { kind: 'sparse' } }, createdAt: false, updatedAt: false } as const;
    const entries = 500_000;
    const value = {
      indices: Uint32Array.from({ length: entries }, (_, i) => i),
      values: new Float32Array(entries).fill(0.5),
    };
    const batch = batchFromRecords(Array.from({ length: 20 }, (_, row) => ({ id: `${row}`, vectors: { s: value } })));
    const { file } = await writePart({ schema, compression: 'zstd', vectors: 'plain' }, cutBatch(batch, [7]));
    const footer = await readParquetFooter(memorySource(file));
    expect(footer.rowGroups.map((group) => group.rows)).toEqual([9, 9, 2]);
    expect(await batchSizes(file)).toEqual(Array(20).fill(1));
  });

  it('says the smallest and largest id by UTF-8 bytes', async () => {
    const schema = { vectors: {}, createdAt: false, updatedAt: false };
    const ids = ['b', '\u{10000}', '\uffff', 'a', 'bb', ''];
    const batch = batchFromRecords(ids.map((id) => ({ id })));
    const { summary } = await writePart({ schema, compression: 'none', vectors: 'plain', rowGroupRows: 2 }, [batch]);
    expect(summary).toMatchObject({ minId: '', maxId: '\u{10000}' });
    const { summary: later } = await writePart(
      { schema, compression: 'none', vectors: 'plain', rowGroupRows: 2 },
      cutBatch(batch, [5]).slice(0, 1),
    );
    expect(later).toMatchObject({ minId: 'a', maxId: '\u{10000}' });
  });

  it('stops at an abort with its reason', async () => {
    const schema = { vectors: {}, createdAt: false, updatedAt: false };
    const { file } = await writePart({ schema, compression: 'none', vectors: 'plain', pageRows: 1 }, [
      batchFromRecords([{ id: 'a' }, { id: 'b' }]),
    ]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const read = async (): Promise<void> => {
      for await (const _ of readParquetPart(memorySource(file), { signal: controller.signal }))
        controller.abort(reason);
    };
    await expect(read()).rejects.toBe(reason);
    await expect(read()).rejects.toBe(reason);
  });
});

async function batchSizes(file: Buffer, options?: { readonly batchRows: number }): Promise<readonly number[]> {
  const sizesSeen: number[] = [];
  for await (const batch of readParquetPart(memorySource(file), options)) sizesSeen.push(batch.ids.length);
  return sizesSeen;
}

/** Pseudo-random bits, so that every float can occur. */
function denseBatch(rows: number, dimension: number): VectorBatch {
  let state = 1;
  const words = Array.from({ length: rows * dimension }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  });
  return {
    ids: Array.from({ length: rows }, (_, row) => `point-${row}`),
    vectors: {
      default: {
        kind: 'dense',
        dimension,
        values: floatsFrom(words),
        missing: Uint8Array.from({ length: rows }, (_, row) => (row > 900 && row % 5 === 0 ? 1 : 0)),
      },
    },
    metadata: emptyMetadata(rows),
    updatedAt: Float64Array.from({ length: rows }, (_, row) => row),
  };
}
