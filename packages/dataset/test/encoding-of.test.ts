import { describe, expect, it } from '@jest/globals';
import { ENCODING_STRATEGIES, encodingOf, extensionOf, partEncodingSchema } from '@vecport/dataset';

describe('encodingOf', () => {
  it.each([
    [undefined, { format: 'parquet', compression: 'zstd', vectors: 'split' }, 'parquet'],
    ['ndjson-gz', { format: 'ndjson', compression: 'gzip' }, 'ndjson.gz'],
    ['ndjson-zst', { format: 'ndjson', compression: 'zstd' }, 'ndjson.zst'],
    ['parquet-small', { format: 'parquet', compression: 'zstd', vectors: 'split', rowGroupRows: 1000 }, 'parquet'],
    ['parquet-med', { format: 'parquet', compression: 'zstd', vectors: 'split', rowGroupRows: 10_000 }, 'parquet'],
    ['parquet-large', { format: 'parquet', compression: 'zstd', vectors: 'split', rowGroupRows: 100_000 }, 'parquet'],
  ])('knows the strategy %s', (strategy, encoding, extension) => {
    expect(encodingOf(strategy)).toEqual(encoding);
    expect(extensionOf(encodingOf(strategy))).toBe(extension);
    expect(partEncodingSchema.parse(encodingOf(strategy))).toEqual(encoding);
  });

  it.each([
    ['parquet-small', { rowGroupRows: 5000 }, { rowGroupRows: 5000, compression: 'zstd', vectors: 'split' }],
    [undefined, { rowGroupRows: 5000 }, { rowGroupRows: 5000 }],
    ['parquet-med', { compression: 'zstd:19' }, { compression: 'zstd', level: 19 }],
    ['parquet-med', { compression: 'gzip:9', vectors: 'plain' }, { compression: 'gzip', level: 9, vectors: 'plain' }],
    [undefined, { compression: 'snappy' }, { compression: 'snappy' }],
    [undefined, { compression: 'none', vectors: 'plain' }, { compression: 'none', vectors: 'plain' }],
    ['ndjson-gz', { compression: 'gzip:6' }, { format: 'ndjson', compression: 'gzip', level: 6 }],
    ['ndjson-zst', { compression: 'none' }, { format: 'ndjson', compression: 'none' }],
  ] as const)('changes %s by %j', (strategy, overrides, expected) => {
    const encoding = encodingOf(strategy, overrides);
    expect(encoding).toMatchObject(expected);
    expect(partEncodingSchema.parse(encoding)).toEqual(encoding);
  });

  it.each([
    ['csv', {}, ENCODING_STRATEGIES.join(', ')],
    ['ndjson-gz', { rowGroupRows: 10 }, 'parquet-small'],
    ['ndjson-gz', { vectors: 'split' }, 'parquet-small'],
    ['ndjson-gz', { compression: 'zstd' }, 'ndjson-zst'],
    ['ndjson-zst', { compression: 'gzip' }, 'ndjson-gz'],
    ['ndjson-zst', { compression: 'snappy' }, 'Parquet'],
    [undefined, { compression: 'lz4' }, 'zstd:3'],
    [undefined, { compression: 'zstd:3:4' }, 'zstd:3'],
    [undefined, { compression: 'zstd:0' }, '1 to 22'],
    [undefined, { compression: 'zstd:23' }, '1 to 22'],
    [undefined, { compression: 'gzip:10' }, '1 to 9'],
    [undefined, { compression: 'gzip:' }, '1 to 9'],
    [undefined, { compression: 'snappy:1' }, 'snappy alone'],
    [undefined, { vectors: 'delta' as 'split' }, 'plain or split'],
    ['parquet-small', { rowGroupRows: 0 }, '1 to'],
    ['parquet-small', { rowGroupRows: 1.5 }, '1 to'],
    ['parquet-small', { rowGroupRows: 2 ** 20 + 1 }, '1048576'],
  ] as const)('refuses %s with %j', (strategy, overrides, advice) => {
    expect(() => encodingOf(strategy, overrides)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', advice: expect.stringContaining(advice) }),
    );
  });

  it('is not the only guard: a manifest with a level that does not exist is refused', () => {
    expect(partEncodingSchema.safeParse({ format: 'ndjson', compression: 'gzip', level: 10 }).success).toBe(false);
    expect(partEncodingSchema.safeParse({ format: 'ndjson', compression: 'none', level: 1 }).success).toBe(false);
    expect(partEncodingSchema.safeParse({ format: 'ndjson', compression: 'snappy' }).success).toBe(false);
  });
});
