import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { readExactly } from '../parquet/read-exactly.js';
import type { ByteSource } from '../part-codec.js';
import type { NdjsonEncoding } from '../part-encoding.js';
import { corruptPart } from './corrupt.js';

/** What is read at once. */
const READ_BYTES = 1 << 20;
/** What is decompressed at once. */
const OUTPUT_BYTES = 1 << 18;

/**
 * The text of a part in pieces, which end anywhere; a piece may be kept. The file is decompressed as it is asked for, in
 * another thread.
 * @throws VecportError `corrupt-data` for a stream that is damaged, cut off, or followed by something else.
 */
export async function* textChunks(
  source: ByteSource,
  compression: NdjsonEncoding['compression'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  if (source.size === 0 && compression !== 'none') throw corruptPart('it is empty.');
  if (compression === 'none') yield* ranges(source, signal);
  else yield* decompressed(source, compression, signal);
}

async function* ranges(source: ByteSource, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
  for (let start = 0; start < source.size; start += READ_BYTES) {
    signal?.throwIfAborted();
    const bytes = await readExactly(source, start, Math.min(source.size, start + READ_BYTES));
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

async function* decompressed(
  source: ByteSource,
  compression: 'gzip' | 'zstd',
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  const stream = decompressor(compression);
  // Highest water mark 1: a range is read when the last one is used up.
  const input = Readable.from(ranges(source, signal), { highWaterMark: 1 });
  // An error ends the loop below, also one of the input.
  input.on('error', (error) => stream.destroy(error));
  input.pipe(stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    if (stream.bytesWritten !== source.size)
      throw corruptPart(`its ${compression} stream ends at byte ${stream.bytesWritten} of ${source.size}.`);
  } catch (error) {
    throw isZlibError(error) ? corruptPart(`it cannot be decompressed (${error.message}).`, error) : error;
  } finally {
    input.destroy();
    stream.destroy();
  }
}

function decompressor(compression: 'gzip' | 'zstd'): Gunzip | ZstdDecompress {
  const options = { chunkSize: OUTPUT_BYTES };
  return compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
}

/** By its code alone: the class of an error of Node may be one of another realm. */
function isZlibError(error: unknown): error is Error {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return /^Z(?:STD)?_/.test(String(error.code));
}
