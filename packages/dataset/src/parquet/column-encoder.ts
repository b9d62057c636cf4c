import type { VectorBatch } from '@vecport/abstractions';
import { bytesOf } from '../bytes-of.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { ColumnChunk } from './column-chunk.js';
import { splitFloats } from './float-streams.js';
import { ENCODING } from './format.js';
import type { PageCodec } from './page-codec.js';

/** Turns one column of the batches it is given into pages. */
export interface ColumnEncoder {
  /** Append rows `start .. end`; nothing of the batch is kept. The batch fits the schema. */
  append(batch: VectorBatch, start: number, end: number): void;
  /** The pages that are full and were not given before, of an encoder of one chunk that can do without them. */
  drain?(): readonly Uint8Array[];
  /** End the row group: its chunks, one a leaf. */
  endRowGroup(): readonly ColumnChunk[];
}

/** What the encoders of a part share. */
export interface EncoderSettings {
  readonly codec: PageCodec;
  readonly floatEncoding: typeof ENCODING.PLAIN | typeof ENCODING.BYTE_STREAM_SPLIT;
  readonly pageRows: number;
  /** Memory for the page at hand, used by one encoder at a time. */
  readonly scratch: ByteBuffer;
}

/** Floats as the bytes of a page, good until the next call. Float columns are little-endian, as are all platforms of Node. */
export function encodeFloats(values: Float32Array, settings: EncoderSettings): Uint8Array {
  return settings.floatEncoding === ENCODING.PLAIN ? bytesOf(values) : splitFloats(values, settings.scratch);
}
