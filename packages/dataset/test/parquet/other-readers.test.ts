import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type VectorBatch } from '@vecport/abstractions';
import type { PartSchema } from '@vecport/dataset';
import { type AsyncBuffer, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { writePart } from './part-support.js';

const SCHEMA = {
  vectors: {
    default: { kind: 'dense', dimension: 4 },
    title: { kind: 'dense', dimension: 3 },
    terms: { kind: 'sparse' },
    tokens: { kind: 'multi', dimension: 2 },
    unseen: { kind: 'dense' },
  },
  createdAt: true,
  updatedAt: false,
} as const satisfies PartSchema;

const ROWS = 1000;
const HARD = Float32Array.of(-0, 1e-45, 3.4028234663852886e38, Number.NEGATIVE_INFINITY);

interface Row {
  readonly id: string;
  readonly vector: readonly number[];
  readonly vector_title: readonly number[] | null;
  readonly vector_terms: { readonly indices: readonly number[]; readonly values: readonly number[] } | null;
  readonly vector_tokens: readonly (readonly number[])[] | null;
  readonly vector_unseen: null;
  readonly metadata: string | null;
  readonly creation_time: bigint | null;
}

const expected: readonly Row[] = Array.from({ length: ROWS }, (_, row) => ({
  id: row % 10 === 0 ? `'"😀${row}` : `18446744073709551${row}`,
  vector: row === 7 ? [...HARD] : [row, Math.fround(row / 3), -row, Math.fround(1 / (row + 1))],
  vector_title: row % 3 === 0 ? null : [row, 1, 2],
  vector_terms:
    row % 4 === 0
      ? null
      : {
          indices: Array.from({ length: row % 5 }, (_value, index) => index * 1_000_000_000),
          values: Array.from({ length: row % 5 }, (_value, index) => Math.fround(index / 3)),
        },
  vector_tokens:
    row % 5 === 0 ? null : Array.from({ length: row % 3 }, (_value, index) => [index, Math.fround(row / 7)]),
  vector_unseen: null,
  metadata: row % 6 === 0 ? null : `{"n":9007199254740993,"text":"é ${'x'.repeat(row % 40)}"}`,
  creation_time: row % 2 === 0 ? null : 1_700_000_000_000n + BigInt(row),
}));

function batch(): VectorBatch {
  const records = expected.map((row) => ({
    id: row.id,
    metadataText: row.metadata ?? undefined,
    vectors: {
      default: Float32Array.from(row.vector),
      ...(row.vector_title && { title: Float32Array.from(row.vector_title) }),
      ...(row.vector_terms && {
        terms: {
          indices: Uint32Array.from(row.vector_terms.indices),
          values: Float32Array.from(row.vector_terms.values),
        },
      }),
      ...(row.vector_tokens && { tokens: row.vector_tokens.map((vector) => Float32Array.from(vector)) }),
    },
  }));
  return {
    ...batchFromRecords(records),
    createdAt: Float64Array.from(expected, (row) => Number(row.creation_time ?? Number.NaN)),
  };
}

const VARIANTS = [
  { compression: 'zstd', vectors: 'split' },
  { compression: 'zstd', vectors: 'plain', pageRows: 64, rowGroupRows: 300 },
  { compression: 'none', vectors: 'split', pageRows: 100 },
  { compression: 'none', vectors: 'plain' },
] as const;

describe.each(VARIANTS)('a part written as %j', (options) => {
  let folder: string;
  let path: string;
  let file: Buffer;
  let duckdb: DuckDBConnection;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vecport-parquet-'));
    path = join(folder, 'part.parquet');
    file = (await writePart({ schema: SCHEMA, ...options }, [batch()])).file;
    await writeFile(path, file);
    duckdb = await (await DuckDBInstance.create()).connect();
  });

  afterAll(async () => {
    duckdb.closeSync();
    await rm(folder, { recursive: true, force: true });
  });

  const query = async (sql: string): Promise<readonly unknown[]> =>
    (await duckdb.runAndReadAll(sql.replace('PART', `'${path}'`))).getRowObjectsJS();

  it('reads the same in hyparquet', async () => {
    const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
    const asyncBuffer: AsyncBuffer = { byteLength: file.length, slice: async (start, end) => buffer.slice(start, end) };
    const ZSTD = (input: Uint8Array): Uint8Array => zstdDecompressSync(input);
    const rows = await parquetReadObjects({ file: asyncBuffer, compressors: { ZSTD } });
    expect(rows.map((row) => normalize(row))).toEqual(expected);
  });

  it('reads the same in DuckDB', async () => {
    expect(
      (await query('SELECT * FROM read_parquet(PART, file_row_number = false)')).map((row) => normalize(row)),
    ).toEqual(expected);
  });

  it('has the column types that DuckDB knows from other writers', async () => {
    const columns = (await query('DESCRIBE SELECT * FROM PART')) as readonly {
      column_name: string;
      column_type: string;
    }[];
    expect(columns.map((column) => [column.column_name, column.column_type])).toEqual([
      ['id', 'VARCHAR'],
      ['vector', 'FLOAT[]'],
      ['vector_terms', 'STRUCT(indices UINTEGER[], "values" FLOAT[])'],
      ['vector_title', 'FLOAT[]'],
      ['vector_tokens', 'FLOAT[][]'],
      ['vector_unseen', 'FLOAT[]'],
      ['metadata', 'VARCHAR'],
      ['creation_time', 'BIGINT'],
    ]);
  });

  it('is found by id in DuckDB, whose scan skips by statistics', async () => {
    expect(await query("SELECT vector[1] AS first FROM PART WHERE id = '18446744073709551421'")).toEqual([
      { first: 421 },
    ]);
  });

  it('has statistics on ids', () => {
    const { row_groups } = parquetMetadata(file);
    const statistics = row_groups.map((group) => group.columns[0]?.meta_data?.statistics);
    for (const range of statistics)
      expect(range).toMatchObject({ null_count: 0n, min_value: expect.any(String), max_value: expect.any(String) });
    expect(statistics[0]?.min_value).toBe(`'"😀0`);
  });
});

/** Lists of both readers as plain arrays. */
function normalize(value: unknown): unknown {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, normalize);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, normalize(entry)]));
}
