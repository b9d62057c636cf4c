import { isVecportError, VecportError, type VectorBatch } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { PartEntry } from './manifest.js';
import { readNdjsonPart } from './ndjson/part-reader.js';
import { readParquetPart } from './parquet/part-reader.js';
import type { ByteSource } from './part-codec.js';
import type { NdjsonEncoding, PartExtension } from './part-encoding.js';
import { extensionAtEnd } from './paths.js';
import { withVecportErrors } from './storage-errors.js';

/** How a part is read. */
export interface ReadPartOptions {
  /** `ids`: batches with ids alone, no vectors, metadata or times; far less is read. All if not said. */
  readonly columns?: 'all' | 'ids' | undefined;
  /** Rows a batch at most. */
  readonly batchRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const NDJSON_ENDINGS: Readonly<Partial<Record<PartExtension, NdjsonEncoding['compression']>>> = {
  ndjson: 'none',
  'ndjson.gz': 'gzip',
  'ndjson.zst': 'zstd',
};

/**
 * The rows of a part in its order. What they are is not compared with the part's checksum and digest:
 * `validateDataset` does that.
 * @throws VecportError `not-found` where there is no such file, `corrupt-data` when it has another
 * size or another number of rows than its entry says, or does not decode.
 */
export async function* readPart(
  storage: Storage,
  part: PartEntry,
  options: ReadPartOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  let rows = 0;
  for await (const batch of decodePart(storage, part, options)) {
    rows += batch.ids.length;
    yield batch;
  }
  if (rows !== part.rows) throw damaged(part, `It has ${rows} rows where the manifest says ${part.rows}.`);
}

/** The same without comparing the number of rows. */
export async function* decodePart(
  storage: Storage,
  part: PartEntry,
  options: ReadPartOptions,
): AsyncGenerator<VectorBatch, void, undefined> {
  options.signal?.throwIfAborted();
  const source = await openSource(storage, part, options.signal);
  try {
    yield* decode(source, part, options);
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'corrupt-data') throw error;
    throw new VecportError('corrupt-data', `${part.path}: ${error.reason}`, { advice: error.advice, cause: error });
  }
}

/** By the ending of its name, which says how it is written. */
function decode(source: ByteSource, part: PartEntry, options: ReadPartOptions): AsyncIterable<VectorBatch> {
  const compression = NDJSON_ENDINGS[extensionAtEnd(part.path) ?? 'parquet'];
  if (compression === undefined) return readParquetPart(source, options);
  const { lines } = part;
  if (lines === undefined) throw damaged(part, 'The manifest does not say what its lines hold.');
  return readNdjsonPart(source, { ...options, compression, lines, maxRows: part.rows });
}

async function openSource(storage: Storage, part: PartEntry, signal: AbortSignal | undefined): Promise<ByteSource> {
  const files = withVecportErrors(storage);
  const entry = await files.head(part.path, { signal });
  if (entry === undefined) throw new VecportError('not-found', `The part ${part.path} is missing in ${storage.url}.`);
  if (entry.size !== part.bytes) {
    throw damaged(part, `It has ${entry.size} bytes where the manifest says ${part.bytes}.`);
  }
  return {
    size: entry.size,
    read: async (start, end) => files.read(part.path, { start, end }, { signal }),
  };
}

function damaged(part: PartEntry, reason: string): VecportError {
  return new VecportError('corrupt-data', `The part ${part.path} is damaged. ${reason}`, {
    advice: 'Get the file again from where it was written, or export again.',
  });
}
