import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { joinParquet, openForeignDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ThriftWriter } from '../../src/parquet/thrift-writer.js';
import { memorySource } from '../parquet/part-support.js';

afterAll(removeTempFolders);

const FILES = join(import.meta.dirname, 'files/qdrant');
const file = async (name: string): Promise<Buffer> => readFile(join(FILES, `${name}.parquet`));

async function joined(names: readonly string[], keyValues?: Readonly<Record<string, string>>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sources = (await Promise.all(names.map(file))).map(memorySource);
  const sink = async (parts: readonly Uint8Array[]): Promise<void> => {
    for (const part of parts) chunks.push(Buffer.from(part));
  };
  const { rows, bytes } = await joinParquet(sources, sink, { keyValues });
  const whole = Buffer.concat(chunks);
  expect([rows, bytes]).toEqual([names.length * 24, whole.length]);
  return whole;
}

/** What a reader that shares no code with us gives. */
async function objectsOf(bytes: Buffer): Promise<readonly unknown[]> {
  const buffer = new Uint8Array(bytes).buffer;
  const objects = await parquetReadObjects({ file: buffer, compressors });
  return objects.map((row) => ({ ...row }));
}

describe('joinParquet', () => {
  it.each([
    [['plain', 'zstd-v2', 'snappy-v1', 'lz4-v2', 'brotli-v1']],
    [['duckdb', 'duckdb']],
    [['polars', 'polars', 'polars']],
  ])('gives %j as the rows of one after the other', async (names) => {
    const parts = await Promise.all(names.map(async (name) => objectsOf(await file(name))));
    expect(await objectsOf(await joined(names))).toEqual(parts.flat());
  });

  it('numbers row groups anew and adds to what the footer says', async () => {
    const { row_groups, key_value_metadata } = parquetMetadata(
      new Uint8Array(await joined(['none-v1', 'gzip-v1'], { tenant: 'a' })).buffer,
    );
    expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([10, 10, 4, 10, 10, 4]);
    expect(key_value_metadata).toContainEqual({ key: 'tenant', value: 'a' });
  });

  it('refuses files of other columns, none at all, and what is no Parquet file', async () => {
    await expect(joined(['plain', 'double'])).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(joined([])).rejects.toMatchObject({ code: 'invalid-argument' });
    const sink = async (): Promise<void> => {};
    await expect(joinParquet([memorySource(Buffer.from('PAR1 is no file'))], sink)).rejects.toMatchObject({
      code: 'corrupt-data',
    });
  });
});

describe('a foreign file that says to be larger than it is', () => {
  const page = (raw: number, stored: number, values: number): Uint8Array =>
    new ThriftWriter()
      .i32(1, 0)
      .i32(2, raw)
      .i32(3, stored)
      .struct(5)
      .i32(1, values)
      .i32(2, 0)
      .i32(3, 3)
      .i32(4, 3)
      .end()
      .take();

  it.each([
    ['a page of 2 GiB', page(2 ** 31 - 1, 20, 3), /is larger than/],
    ['a page of a billion values', page(100, 20, 1e9), /values has more than/],
    ['a page beyond its column', page(100, 1e6, 3), /goes beyond its column/],
  ])('is refused: %s', async (_, header, message) => {
    const bytes = Buffer.from(await file('plain'));
    const meta = parquetMetadata(new Uint8Array(bytes).buffer).row_groups[0]?.columns[0]?.meta_data;
    bytes.set(header, Number(meta?.data_page_offset));
    const folder = await tempFolder();
    await writeFile(join(folder, 'Things.parquet'), bytes);
    await expect(openForeignDataset(localStorage(folder), { layout: 'qdrant' })).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringMatching(message),
    });
  });

  it('is refused: a page that decompresses to more than it says', async () => {
    const bytes = Buffer.from(await file('zstd-v1'));
    const meta = parquetMetadata(new Uint8Array(bytes).buffer).row_groups[0]?.columns[0]?.meta_data;
    const at = Number(meta?.dictionary_page_offset);
    // The size before compression is the second number of the header.
    expect(bytes[at + 2]).toBe(0x15);
    bytes[at + 3] = 2;
    const folder = await tempFolder();
    await writeFile(join(folder, 'Things.parquet'), bytes);
    await expect(openForeignDataset(localStorage(folder), { layout: 'qdrant' })).rejects.toMatchObject({
      code: 'corrupt-data',
    });
  });
});
