import { z } from 'zod';

/** The codecs of Parquet pages. */
export const PARQUET_COMPRESSIONS = ['zstd', 'none', 'gzip', 'snappy'] as const;
/** The codecs of NDJSON files. */
const NDJSON_COMPRESSIONS = ['gzip', 'zstd', 'none'] as const;

/** Levels that a codec has; those without are not named. */
export const COMPRESSION_LEVELS: Readonly<Record<'zstd' | 'gzip', { readonly min: number; readonly max: number }>> = {
  zstd: { min: 1, max: 22 },
  gzip: { min: 1, max: 9 },
};

/** The most rows of a row group. */
export const MAX_ROW_GROUP_ROWS: number = 1 << 20;

const level = z.int().min(1).max(22).optional();

const parquetEncodingSchema = z
  .object({
    format: z.literal('parquet'),
    compression: z.enum(PARQUET_COMPRESSIONS),
    /** Of zstd and gzip; 1 if absent. */
    level,
    /** How floats are laid out: as they are, or with their bytes split into four streams, which compress better. */
    vectors: z.enum(['plain', 'split']),
    /** Rows of every row group but the last; row groups end by their bytes if absent. */
    rowGroupRows: z.int().min(1).max(MAX_ROW_GROUP_ROWS).optional(),
  })
  .refine(hasItsLevel, 'the compression has no such level');

const ndjsonEncodingSchema = z
  .object({
    format: z.literal('ndjson'),
    compression: z.enum(NDJSON_COMPRESSIONS),
    /** Of zstd and gzip; 1 if absent. */
    level,
  })
  .refine(hasItsLevel, 'the compression has no such level');

/** How the parts of a dataset are written. Part of the manifest and of an export's plan. */
export const partEncodingSchema = z.discriminatedUnion('format', [parquetEncodingSchema, ndjsonEncodingSchema]);

/** See {@link partEncodingSchema}. */
export type PartEncoding = z.infer<typeof partEncodingSchema>;
/** Parts in Parquet. */
export type ParquetEncoding = z.infer<typeof parquetEncodingSchema>;
/** Parts with a JSON object a line. */
export type NdjsonEncoding = z.infer<typeof ndjsonEncodingSchema>;

/** Formats a part can have. */
export const PART_FORMATS: readonly PartEncoding['format'][] = ['parquet', 'ndjson'];

/** The endings of part names, by which a reader knows what a part is. */
export const PART_EXTENSIONS = ['parquet', 'ndjson.gz', 'ndjson.zst', 'ndjson'] as const;

/** One of {@link PART_EXTENSIONS}. */
export type PartExtension = (typeof PART_EXTENSIONS)[number];

/** How the name of a part in this encoding ends. */
export function extensionOf({ format, compression }: Pick<PartEncoding, 'format' | 'compression'>): PartExtension {
  if (format === 'parquet') return 'parquet';
  if (compression === 'none') return 'ndjson';
  return compression === 'gzip' ? 'ndjson.gz' : 'ndjson.zst';
}

function hasItsLevel(encoding: { readonly compression: string; readonly level?: number | undefined }): boolean {
  const { compression, level: own } = encoding;
  if (own === undefined) return true;
  return (compression === 'zstd' || compression === 'gzip') && own <= COMPRESSION_LEVELS[compression].max;
}
