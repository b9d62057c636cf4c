import { createRequire } from 'node:module';
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type * as Snappy from 'snappy';
import { freeMemory, markOwned, ownedMemory } from '../owned-memory.js';
import type { ParquetEncoding } from '../part-encoding.js';
import { CODEC } from './format.js';

/** How pages are compressed. */
export type Compression = ParquetEncoding['compression'];

/** Compresses the pages of a part. */
export interface PageCodec {
  /** As numbered in parquet.thrift. */
  readonly id: number;
  /**
   * The data compressed, or `undefined` where that does not pay and the page is stored as it is. `split`: it is floats
   * whose bytes are split.
   */
  compress(data: Uint8Array, split?: boolean): Uint8Array | undefined;
  /**
   * Pages that nobody needs any more. Their memory is freed one by one as pages are made, so that these take its place: all at
   * once it would go back to the kernel, which clears what it gives anew.
   */
  spend(pages: readonly Uint8Array[]): void;
}

/** Compression has to save this part of a page, or readers are spared it. */
const WORTHWHILE = 1 / 32;
const DEFAULT_LEVEL = 1;
/**
 * Of zstd, on split floats: its level 1 has 14. What seems to be found again in bytes that differ in few bits is chance; with
 * a table of 256 places there is less of it. Measured on floats drawn at random, of half precision and of 8 bits: half the
 * time and 1 to 2 % fewer bytes. Whole vectors that stand in a page twice cost more.
 */
const SPLIT_HASH_LOG = 8;
const NUMBERS: Readonly<Record<Compression, number>> = {
  none: CODEC.UNCOMPRESSED,
  snappy: CODEC.SNAPPY,
  gzip: CODEC.GZIP,
  zstd: CODEC.ZSTD,
};

type Compress = (data: Uint8Array, room: number, split: boolean) => Uint8Array;

/** A codec by its name; `level` is that of zstd or gzip, 1 if not said. */
export function pageCodec(compression: Compression, level: number = DEFAULT_LEVEL): PageCodec {
  const id = NUMBERS[compression];
  const compress = compression === 'none' ? undefined : compressor(compression, level);
  const spent: Uint8Array[] = [];
  return {
    id,
    spend: (pages) => {
      for (const page of pages) if (ownedMemory(page)?.detached === false) spent.push(page);
    },
    compress: (data, split = false) => {
      const free = spent.pop();
      if (free !== undefined) freeMemory(free);
      if (compress === undefined) return undefined;
      // One output buffer with room for the worst case: growing it costs twice the time.
      const room = data.length + (data.length >> 3) + 1024;
      const compressed = compress(data, room, split);
      // The output of zlib is in a pool, which is larger, when it is small; that of snappy is not memory of V8.
      const isOwn = compression !== 'snappy' && compressed.buffer.byteLength === room;
      const pays = compressed.length <= data.length * (1 - WORTHWHILE);
      const isTight = compressed.buffer.byteLength <= compressed.length * 2;
      const kept = pays && !isTight ? new Uint8Array(compressed) : compressed;
      if (isOwn && (!pays || !isTight)) freeMemory(compressed);
      if (!pays) return undefined;
      if (isOwn || !isTight) markOwned(kept);
      return kept;
    },
  };
}

/** Whether a codec's number is one that {@link decompress} knows, or that of no compression. */
export function isKnownCodec(id: number): boolean {
  return Object.values(CODEC).some((known) => known === id);
}

/**
 * Data of exactly `length` bytes, in memory of its own. No more than that is allocated, whatever the bytes claim.
 * @throws Error where they are damaged or of another length.
 */
export function decompress(codec: number, stored: Uint8Array, length: number): Uint8Array {
  const data = decompressors[codec]?.(stored, length);
  if (data?.length !== length) throw new RangeError(`it decompresses to another size than ${length} bytes`);
  return data;
}

function compressor(compression: Exclude<Compression, 'none'>, level: number): Compress {
  switch (compression) {
    case 'zstd': {
      const params = { [constants.ZSTD_c_compressionLevel]: level };
      const forSplit = level === DEFAULT_LEVEL ? { ...params, [constants.ZSTD_c_hashLog]: SPLIT_HASH_LOG } : params;
      return (data, room, split) => zstdCompressSync(data, { chunkSize: room, params: split ? forSplit : params });
    }
    case 'gzip':
      return (data, room) => gzipSync(data, { chunkSize: room, level });
    case 'snappy':
      return (data) => snappy().compressSync(Buffer.from(data.buffer, data.byteOffset, data.length));
  }
}

const decompressors: Readonly<Record<number, (stored: Uint8Array, length: number) => Uint8Array>> = {
  // Into one buffer a little larger than the data, so that the end is found without a second one.
  [CODEC.ZSTD]: (stored, length) =>
    zstdDecompressSync(stored, { chunkSize: length + 64, maxOutputLength: Math.max(1, length) }),
  [CODEC.GZIP]: (stored, length) =>
    gunzipSync(stored, { chunkSize: Math.max(64, length + 64), maxOutputLength: Math.max(1, length) }),
  [CODEC.SNAPPY]: (stored, length) => {
    // The library allocates what the stream says.
    const declared = snappyLength(stored);
    if (declared !== length) throw new RangeError(`it says that it decompresses to ${declared} bytes, not ${length}`);
    return snappy().uncompressSync(Buffer.from(stored.buffer, stored.byteOffset, stored.length), {
      asBuffer: true,
    }) as Buffer;
  },
};

/** The length a Snappy block begins with: 32 bits, the lowest seven first. */
function snappyLength(stored: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = stored[at] ?? 0x80;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return length;
  }
  return Number.NaN;
}

let loaded: typeof Snappy | undefined;

/** The library is native code, so it is loaded by those who need it. */
function snappy(): typeof Snappy {
  loaded ??= createRequire(import.meta.url)('snappy') as typeof Snappy;
  return loaded;
}
