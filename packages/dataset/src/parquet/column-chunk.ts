import { crc32 } from 'node:zlib';
import { markOwned } from '../owned-memory.js';
import { DATA_PAGE_V2, ENCODING } from './format.js';
import type { Levels } from './levels.js';
import type { PageCodec } from './page-codec.js';
import type { SchemaLeaf } from './schema-node.js';
import { ThriftWriter } from './thrift-writer.js';

/** Statistics of a flat column; `min` and `max` by UTF-8 bytes. */
export interface ChunkStatistics {
  readonly nulls: number;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
}

/** All pages of one leaf in one row group, ready to be written. */
export interface ColumnChunk {
  readonly leaf: SchemaLeaf;
  readonly codec: number;
  readonly encoding: number;
  readonly values: number;
  readonly rawBytes: number;
  /** Of all pages. */
  readonly bytes: number;
  /** The pages that were not drained before. */
  readonly buffers: readonly Uint8Array[];
  readonly statistics?: ChunkStatistics | undefined;
}

/**
 * Collects the pages of one leaf: each is compressed when it is added, and only that is kept until
 * the row group ends.
 */
export class ColumnChunkWriter {
  readonly #leaf: SchemaLeaf;
  readonly #encoding: number;
  readonly #codec: PageCodec;
  readonly #header = new ThriftWriter();
  #buffers: Uint8Array[] = [];
  #values = 0;
  #rawBytes = 0;
  #bytes = 0;

  constructor(leaf: SchemaLeaf, encoding: number, codec: PageCodec) {
    this.#leaf = leaf;
    this.#encoding = encoding;
    this.#codec = codec;
  }

  /** Add a page. `data`, the encoded values, may be reused afterwards; the levels may not be changed. */
  addPage(rows: number, levels: Levels, data: Uint8Array): void {
    const body = this.#codec.compress(data, this.#encoding === ENCODING.BYTE_STREAM_SPLIT);
    const stored = body ?? copyOf(data);
    const header = this.#encodeHeader(rows, levels, data.length, stored, body !== undefined);
    for (const part of [header, levels.bytes, stored]) {
      if (part.length > 0) this.#buffers.push(part);
    }
    this.#values += levels.values;
    this.#rawBytes += header.length + levels.bytes.length + data.length;
    this.#bytes += header.length + levels.bytes.length + stored.length;
  }

  /** The pages that no call gave yet. They are part of the chunk, but of none of its `buffers`. */
  drain(): readonly Uint8Array[] {
    const buffers = this.#buffers;
    this.#buffers = [];
    return buffers;
  }

  /** The chunk; the writer starts anew. */
  take(statistics?: ChunkStatistics): ColumnChunk {
    const chunk = {
      leaf: this.#leaf,
      codec: this.#codec.id,
      encoding: this.#encoding,
      values: this.#values,
      rawBytes: this.#rawBytes,
      bytes: this.#bytes,
      buffers: this.#buffers,
      statistics,
    };
    this.#buffers = [];
    this.#values = 0;
    this.#rawBytes = 0;
    this.#bytes = 0;
    return chunk;
  }

  #encodeHeader(
    rows: number,
    levels: Levels,
    rawLength: number,
    stored: Uint8Array,
    isCompressed: boolean,
  ): Uint8Array {
    return this.#header
      .i32(1, DATA_PAGE_V2)
      .i32(2, levels.bytes.length + rawLength)
      .i32(3, levels.bytes.length + stored.length)
      .i32(4, crc32(stored, crc32(levels.bytes)) | 0)
      .struct(8)
      .i32(1, levels.values)
      .i32(2, levels.nulls)
      .i32(3, rows)
      .i32(4, this.#encoding)
      .i32(5, levels.definitionBytes)
      .i32(6, levels.repetitionBytes)
      .bool(7, isCompressed)
      .end()
      .take();
  }
}

function copyOf(data: Uint8Array): Uint8Array {
  const copy = new Uint8Array(data);
  markOwned(copy);
  return copy;
}

/** Encodings a chunk of values in this encoding uses: levels are always runs. */
export function chunkEncodings(encoding: number): readonly number[] {
  return [ENCODING.RLE, encoding];
}
