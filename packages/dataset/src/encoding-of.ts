import { VecportError } from '@vecport/abstractions';
import {
  COMPRESSION_LEVELS,
  MAX_ROW_GROUP_ROWS,
  type NdjsonEncoding,
  PARQUET_COMPRESSIONS,
  type ParquetEncoding,
  type PartEncoding,
} from './part-encoding.js';

/** Named ways to write a dataset: NDJSON, or Parquet with row groups of 1,000, 10,000 or 100,000 rows. */
export const ENCODING_STRATEGIES = [
  'ndjson-gz',
  'ndjson-zst',
  'parquet-small',
  'parquet-med',
  'parquet-large',
] as const;

/** One of {@link ENCODING_STRATEGIES}. */
export type EncodingStrategy = (typeof ENCODING_STRATEGIES)[number];

/** What is chosen beside a strategy, as a user writes it. */
export interface EncodingOverrides {
  /** `none`, `zstd`, `gzip` or `snappy`; with a level after a colon for zstd (1 to 22) and gzip (1 to 9). */
  readonly compression?: string | undefined;
  /** How floats are laid out in Parquet. */
  readonly vectors?: 'plain' | 'split' | undefined;
  /** Rows of a row group in Parquet. */
  readonly rowGroupRows?: number | undefined;
}

const ROW_GROUPS: Readonly<Partial<Record<EncodingStrategy, number>>> = {
  'parquet-small': 1000,
  'parquet-med': 10_000,
  'parquet-large': 100_000,
};

/** Parquet, row groups by bytes, floats split, zstd 1: what is written when nobody asks for anything else. */
export const DEFAULT_ENCODING: ParquetEncoding = { format: 'parquet', compression: 'zstd', vectors: 'split' };

/**
 * The encoding a strategy stands for, changed by what was chosen beside it; {@link DEFAULT_ENCODING} without both.
 * @throws VecportError `invalid-argument`, with advice, for names, levels and numbers out of range, and for choices that
 * exclude each other.
 */
export function encodingOf(strategy?: string, overrides: EncodingOverrides = {}): PartEncoding {
  if (strategy !== undefined && !isStrategy(strategy)) {
    throw refuse(`There is no strategy '${strategy}'.`, `Choose one of ${ENCODING_STRATEGIES.join(', ')}.`);
  }
  if (strategy === 'ndjson-gz' || strategy === 'ndjson-zst') return ndjsonEncoding(strategy, overrides);
  const { vectors = DEFAULT_ENCODING.vectors } = overrides;
  if (vectors !== 'plain' && vectors !== 'split')
    throw refuse(`There is no encoding '${String(vectors)}' of vectors.`, 'Choose plain or split.');
  const { codec, level } = parseCompression(overrides.compression ?? 'zstd');
  const rowGroupRows = overrides.rowGroupRows ?? (strategy === undefined ? undefined : ROW_GROUPS[strategy]);
  if (rowGroupRows !== undefined) checkRowGroup(rowGroupRows);
  return {
    format: 'parquet',
    compression: codec,
    ...(level === undefined ? {} : { level }),
    vectors,
    ...(rowGroupRows === undefined ? {} : { rowGroupRows }),
  };
}

function ndjsonEncoding(strategy: 'ndjson-gz' | 'ndjson-zst', overrides: EncodingOverrides): NdjsonEncoding {
  const own = strategy === 'ndjson-gz' ? 'gzip' : 'zstd';
  const instead = 'Leave it out, or choose parquet-small, parquet-med or parquet-large.';
  if (overrides.rowGroupRows !== undefined) throw refuse(`${strategy} has no row groups to be sized.`, instead);
  if (overrides.vectors !== undefined)
    throw refuse(`${strategy} prints vectors as numbers: they are neither plain nor split.`, instead);
  const { codec, level } = parseCompression(overrides.compression ?? own);
  if (codec !== own && codec !== 'none') {
    const other =
      codec === 'snappy' ? 'a strategy of Parquet' : `the strategy ndjson-${codec === 'gzip' ? 'gz' : 'zst'}`;
    throw refuse(`${strategy} is compressed with ${own}, not with ${codec}.`, `Choose ${other}, or ${own}, or none.`);
  }
  return { format: 'ndjson', compression: codec, ...(level === undefined ? {} : { level }) };
}

interface Codec {
  readonly codec: ParquetEncoding['compression'];
  readonly level?: number | undefined;
}

function parseCompression(text: string): Codec {
  const [name = '', level, ...rest] = text.split(':');
  const codec = PARQUET_COMPRESSIONS.find((known) => known === name);
  if (codec === undefined || rest.length > 0) {
    throw refuse(
      `There is no compression '${text}'.`,
      `Choose none, zstd, gzip or snappy; zstd and gzip take a level after a colon, for example zstd:3.`,
    );
  }
  if (level === undefined) return { codec };
  if (codec === 'none' || codec === 'snappy')
    throw refuse(`The compression ${codec} has no levels.`, `Write ${codec} alone, or choose zstd or gzip.`);
  const { min, max } = COMPRESSION_LEVELS[codec];
  const number = /^\d{1,2}$/.test(level) ? Number(level) : Number.NaN;
  if (!(number >= min && number <= max))
    throw refuse(`${codec} has no level '${level}'.`, `Choose a whole number from ${min} to ${max}.`);
  return { codec, level: number };
}

function checkRowGroup(rows: number): void {
  if (Number.isSafeInteger(rows) && rows >= 1 && rows <= MAX_ROW_GROUP_ROWS) return;
  throw refuse(`A row group cannot have ${rows} rows.`, `Give a whole number from 1 to ${MAX_ROW_GROUP_ROWS}.`);
}

function isStrategy(value: string): value is EncodingStrategy {
  return ENCODING_STRATEGIES.some((known) => known === value);
}

function refuse(reason: string, advice: string): VecportError {
  return new VecportError('invalid-argument', reason, { advice, operation: 'export' });
}
