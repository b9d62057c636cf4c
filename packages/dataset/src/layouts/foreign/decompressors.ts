import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, snappyUncompress } from 'hyparquet';
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors';

/** Decompressors for all codecs of Parquet that give no more bytes than the page says. */
export const decompressors: Compressors = {
  ZSTD: (input, length) => exactly(length, zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
  GZIP: (input, length) => exactly(length, gunzipSync(input, { maxOutputLength: Math.max(1, length) })),
  BROTLI: (input, length) => exactly(length, brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
  SNAPPY: (input, length) => {
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  },
  LZ4: (input, length) => exactly(length, decompressLz4(input, length)),
  LZ4_RAW: (input, length) => exactly(length, decompressLz4Raw(input, length)),
};

function exactly(length: number, output: Uint8Array): Uint8Array {
  if (output.length !== length) throw new Error(`a page decompresses to ${output.length} bytes instead of ${length}`);
  return output;
}
