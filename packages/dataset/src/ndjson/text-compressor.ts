import { constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress } from 'node:zlib';
import type { ByteSink } from '../part-codec.js';
import type { NdjsonEncoding } from '../part-encoding.js';

/** Compresses text into one stream: a single gzip member or zstd frame, which every reader takes to its end. */
export interface TextCompressor {
  /** Bytes given to the sink so far. */
  readonly bytes: number;
  /** Take a block, which may be reused when it resolves. Compressing may still be under way then, in another thread. */
  write(block: Uint8Array): Promise<void>;
  /** Everything is with the sink when it resolves. */
  end(): Promise<void>;
}

const DEFAULT_LEVEL = 1;
const OUTPUT_BYTES = 1 << 20;

/** A {@link TextCompressor}. The same blocks give the same bytes. */
export function textCompressor({ compression, level = DEFAULT_LEVEL }: NdjsonEncoding, sink: ByteSink): TextCompressor {
  if (compression === 'none') return uncompressed(sink);
  const chunkSize = OUTPUT_BYTES;
  if (compression === 'gzip') return compressedBy(createGzip({ level, chunkSize }), sink);
  // The checksum lets a reader tell a damaged frame from another text.
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  return compressedBy(createZstdCompress({ params, chunkSize }), sink);
}

function uncompressed(sink: ByteSink): TextCompressor {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    write: async (block) => {
      bytes += block.length;
      await sink([block]);
    },
    end: async () => {},
  };
}

/** One block is compressed while the next one is filled. */
function compressedBy(stream: Gzip | ZstdCompress, sink: ByteSink): TextCompressor {
  let done: Uint8Array[] = [];
  let bytes = 0;
  let underWay: Promise<void> = Promise.resolve();
  // A failure rejects the call it belongs to.
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    done.push(chunk);
  });
  const settle = async (): Promise<void> => {
    await underWay;
    const chunks = done;
    done = [];
    for (const chunk of chunks) bytes += chunk.length;
    if (chunks.length > 0) await sink(chunks);
  };
  const step = async (begin: (failed: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      begin((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  return {
    get bytes() {
      return bytes;
    },
    write: async (block) => {
      await settle();
      const own = Buffer.from(block);
      underWay = step((ended) => stream.write(own, ended));
      underWay.catch(() => {});
    },
    end: async () => {
      await settle();
      underWay = step((ended) => {
        stream.once('end', () => ended());
        stream.once('error', ended);
        stream.end();
      });
      await settle();
    },
  };
}
