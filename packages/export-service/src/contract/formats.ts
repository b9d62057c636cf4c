import { ENCODING_STRATEGIES, encodingOf, LAYOUTS, type Layout, type PartEncoding } from '@vecport/dataset';
import type { ExportChoice } from './export-schemas.js';

export { ENCODING_STRATEGIES, LAYOUTS };

/** How files can be compressed; zstd and gzip with a level after a colon. */
export const COMPRESSION = /^(none|snappy|zstd(:([1-9]|1[0-9]|2[0-2]))?|gzip(:[1-9])?)$/;

/**
 * The layout of an export: the one it names; else `weaviate`, one file a class, but `native` for what that cannot hold:
 * increments, and files that are not Parquet.
 */
export function layoutOf({ layout, strategy, since }: Pick<ExportChoice, 'layout' | 'strategy'> & Since): Layout {
  if (layout !== undefined) return layout;
  return since !== undefined || strategy?.startsWith('ndjson') === true ? 'native' : 'weaviate';
}

interface Since {
  readonly since?: string | undefined;
}

/** How the files of an export are encoded. @throws VecportError `invalid-argument` for choices that exclude each other. */
export function encodingFor(choice: Pick<ExportChoice, 'layout' | 'strategy' | 'compression'> & Since): PartEncoding {
  const { strategy, compression } = choice;
  // What other tools read has floats as they are.
  const plain = layoutOf(choice) !== 'native';
  return encodingOf(strategy, { compression, vectors: plain ? 'plain' : undefined });
}
