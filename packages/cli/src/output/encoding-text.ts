import type { PartEncoding } from '@vecport/dataset';
import { plural } from './format.js';

/** How files are written, in short: `parquet zstd:3, vectors split`, `ndjson gzip`. */
export function encodingText(encoding: PartEncoding): string {
  const { format, compression, level } = encoding;
  const codec = `${format} ${compression}${level === undefined ? '' : `:${level}`}`;
  if (encoding.format === 'ndjson') return codec;
  const { vectors, rowGroupRows } = encoding;
  const groups = rowGroupRows === undefined ? '' : `, row groups of ${plural(rowGroupRows, 'point')}`;
  return `${codec}, vectors ${vectors}${groups}`;
}
