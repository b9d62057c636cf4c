import { isVecportError, VecportError, type VectorBatch } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { LAYOUT_KEY } from '../../parquet/layout.js';
import { readParquetPart } from '../../parquet/part-reader.js';
import type { ByteSource } from '../../part-codec.js';
import type { ReadPartOptions } from '../../read-part.js';
import { withVecportErrors } from '../../storage-errors.js';
import type { OtherLayout } from '../layout.js';
import { readForeignFile } from './foreign-batches.js';
import type { ForeignPlace } from './foreign-files.js';
import { mapColumns } from './foreign-mapping.js';
import { type ForeignFile, openForeignParquet } from './foreign-parquet.js';

/** A file whose footer was read. */
export interface OpenForeignFile {
  readonly place: ForeignPlace;
  readonly collection: string;
  readonly tenant?: string | undefined;
  readonly unread: readonly string[];
  read(options?: ReadPartOptions): AsyncIterable<VectorBatch>;
}

/**
 * Read the footer of a file and find out what its columns are.
 * @throws VecportError `corrupt-data` or `not-supported`, naming the file.
 */
export async function openForeignFile(
  storage: Storage,
  place: ForeignPlace,
  layout: OtherLayout,
  {
    collection: wanted,
    signal,
  }: { readonly collection?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<OpenForeignFile> {
  const { path, bytes } = place;
  const files = withVecportErrors(storage);
  const source: ByteSource = {
    size: bytes,
    read: async (start, end) => files.read(path, { start, end }, { signal }),
  };
  try {
    const file = await openForeignParquet(source);
    const { mapping, unread } = file.keyValues.has(LAYOUT_KEY)
      ? { mapping: undefined, unread: [] }
      : mapColumns(layout, file, place.described);
    return {
      place,
      collection: place.collection ?? file.keyValues.get('collection') ?? wanted ?? path.replace(/\.parquet$/i, ''),
      tenant: place.tenant ?? file.keyValues.get('tenant'),
      unread,
      read: (options = {}) => named(path, readFile(file, mapping, options)),
    };
  } catch (error) {
    throw naming(path, error);
  }
}

/** Our own files are read as ours, also without their manifest. */
function readFile(
  file: ForeignFile,
  mapping: Parameters<typeof readForeignFile>[1] | undefined,
  options: ReadPartOptions,
): AsyncIterable<VectorBatch> {
  return mapping === undefined ? readParquetPart(file.source, options) : readForeignFile(file, mapping, options);
}

async function* named(path: string, batches: AsyncIterable<VectorBatch>): AsyncGenerator<VectorBatch, void, undefined> {
  try {
    yield* batches;
  } catch (error) {
    throw naming(path, error);
  }
}

function naming(path: string, error: unknown): unknown {
  if (!isVecportError(error) || error.reason.startsWith(path)) return error;
  const reason = error.reason.replace('The Parquet part is damaged: ', 'it is damaged: ');
  return new VecportError(error.code, `${path}: ${reason}`, { advice: error.advice, cause: error });
}
