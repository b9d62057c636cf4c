import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, type VectorBatch } from '@vecport/abstractions';
import { createParquetPartWriter, type PartSchema, pageLayout, readParquetFooter } from '@vecport/dataset';
import { cutBatch, memorySource, plainRows, readRows, writePart } from './part-support.js';

const WIDE: PartSchema = {
  vectors: { default: { kind: 'dense', dimension: 64 }, title: { kind: 'dense', dimension: 2048 } },
  createdAt: false,
  updatedAt: false,
};

describe('row groups of a number of rows', () => {
  it('have that number, however many bytes of metadata they hold', async () => {
    const schema = { vectors: {}, createdAt: false, updatedAt: false };
    const text = JSON.stringify('x'.repeat(1 << 20));
    const batch = batchFromRecords(Array.from({ length: 100 }, (_, row) => ({ id: `${row}`, metadataText: text })));
    const options = { schema, compression: 'zstd', vectors: 'split', rowGroupRows: 40 } as const;
    const footer = await readParquetFooter(memorySource((await writePart(options, [batch])).file));
    expect(footer.rowGroups.map(({ rows }) => rows)).toEqual([40, 40, 20]);
  });

  it('let the largest dense vector go to the file first, as it fills', async () => {
    expect(pageLayout(WIDE, { rowGroupRows: 20_000 }).streamed).toBe('title');
    expect(pageLayout(WIDE).streamed).toBe('title');
    const dense = { kind: 'dense', dimension: 3 } as const;
    expect(pageLayout({ ...WIDE, vectors: { b: dense, a: dense, c: { kind: 'sparse' } } }).streamed).toBe('a');
    expect(pageLayout({ ...WIDE, vectors: { a: { kind: 'multi', dimension: 3 } } }).streamed).toBeUndefined();
    const batch = wideBatch(300);
    const options = { schema: WIDE, compression: 'zstd', vectors: 'plain' } as const;
    const puts: number[] = [];
    const writer = createParquetPartWriter({ ...options, rowGroupRows: 20_000 }, async (parts) => {
      puts.push(parts.reduce((sum, { length }) => sum + length, 0));
    });
    for (const piece of cutBatch(batch, [100])) await writer.write(piece);
    // 300 rows of 8 KiB are two pages of 1 MiB and a bit: they do not wait for the end of the row group.
    expect(puts.length).toBeGreaterThanOrEqual(2);
    await writer.finish();
    const { file } = await writePart({ ...options, rowGroupRows: 20_000 }, [batch]);
    expect(puts.reduce((sum, bytes) => sum + bytes, 0)).toBe(file.length);
    expect(await readRows(file)).toEqual(plainRows(batch, WIDE));
    const [group] = (await readParquetFooter(memorySource(file))).rowGroups;
    const starts = new Map(group?.chunks.map(({ path, start }) => [path[0], start]));
    expect(starts.get('vector_title')).toBe(4);
    expect(Math.min(...starts.values())).toBe(4);
  });

  it('have the same bytes however their rows came', async () => {
    const batch = wideBatch(300);
    const options = { schema: WIDE, compression: 'gzip', vectors: 'split', rowGroupRows: 9000 } as const;
    const whole = await writePart(options, [batch]);
    const cut = await writePart(options, cutBatch(batch, [7, 130, 1]));
    expect(cut.file.equals(whole.file)).toBe(true);
    expect(cut.summary).toEqual(whole.summary);
  });
});

function wideBatch(rows: number): VectorBatch {
  return batchFromRecords(
    Array.from({ length: rows }, (_, row) => ({
      id: `point-${row}`,
      vectors: {
        default: Float32Array.from({ length: 64 }, (__, at) => row + at),
        ...(row % 9 === 0 ? {} : { title: Float32Array.from({ length: 2048 }, (__, at) => Math.sin(row * at)) }),
      },
      metadata: { row },
    })),
  );
}
