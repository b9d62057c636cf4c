import { metadataBytes, type VectorId } from '@vecport/abstractions';
import { ByteBuffer } from './byte-buffer.js';
import { ColumnChunkWriter } from './column-chunk.js';
import type { ColumnEncoder, EncoderSettings } from './column-encoder.js';
import { compareIds } from './compare-ids.js';
import { ENCODING, PAGE_BYTES } from './format.js';
import { LevelsBuilder } from './levels.js';
import type { SchemaLeaf } from './schema-node.js';

/** The encoder of the ids, with the smallest and the largest of each row group. */
export function idEncoder(leaf: SchemaLeaf, settings: EncoderSettings): ColumnEncoder {
  let min: VectorId | undefined;
  let max: VectorId | undefined;
  const column = flatColumn(leaf, settings);
  return {
    append: (batch, start, end) => {
      for (let row = start; row < end; row++) {
        const id = batch.ids[row] ?? '';
        writeText(column.data, id);
        if (min === undefined || compareIds(id, min) < 0) min = id;
        if (max === undefined || compareIds(id, max) > 0) max = id;
        column.endRow('required');
      }
    },
    endRowGroup: () => {
      const chunk = column.take({ min, max });
      min = undefined;
      max = undefined;
      return [chunk];
    },
  };
}

/** The encoder of the metadata: the bytes of the batch as they are. */
export function metadataEncoder(leaf: SchemaLeaf, settings: EncoderSettings): ColumnEncoder {
  const column = flatColumn(leaf, settings);
  return {
    append: (batch, start, end) => {
      for (let row = start; row < end; row++) {
        const bytes = metadataBytes(batch.metadata, row);
        if (bytes !== undefined) writeBytes(column.data, bytes);
        column.endRow(bytes === undefined ? 'null' : 'optional');
      }
    },
    endRowGroup: () => [column.take()],
  };
}

/** The encoder of a column of times: NaN is null. */
export function timeEncoder(
  field: 'createdAt' | 'updatedAt',
  leaf: SchemaLeaf,
  settings: EncoderSettings,
): ColumnEncoder {
  const column = flatColumn(leaf, settings);
  return {
    append: (batch, start, end) => {
      for (let row = start; row < end; row++) {
        const time = batch[field]?.[row] ?? Number.NaN;
        if (!Number.isNaN(time)) writeInteger(column.data, time);
        column.endRow(Number.isNaN(time) ? 'null' : 'optional');
      }
    },
    endRowGroup: () => [column.take()],
  };
}

/** Cuts the values of a flat column into pages. */
export interface FlatColumn {
  /** Where the values of the page go. */
  readonly data: ByteBuffer;
  /** The value of a row is in `data`, or it has none. */
  endRow(level: 'required' | 'optional' | 'null'): void;
  /** The chunk; the column starts anew. */
  take(range?: { min: string | undefined; max: string | undefined }): ReturnType<ColumnChunkWriter['take']>;
}

/** A {@link FlatColumn} of one leaf. */
export function flatColumn(leaf: SchemaLeaf, settings: EncoderSettings): FlatColumn {
  const chunk = new ColumnChunkWriter(leaf, ENCODING.PLAIN, settings.codec);
  const levels = new LevelsBuilder();
  const data = new ByteBuffer(PAGE_BYTES >> 2);
  let rows = 0;
  let nulls = 0;
  const endPage = (): void => {
    if (rows > 0) chunk.addPage(rows, levels.take(), data.view());
    rows = 0;
    data.length = 0;
  };
  return {
    data,
    endRow: (level) => {
      levels[level]();
      if (level === 'null') nulls++;
      rows++;
      if (rows === settings.pageRows || data.length >= PAGE_BYTES) endPage();
    },
    take: (range) => {
      endPage();
      const finished = chunk.take({ nulls, ...range });
      nulls = 0;
      return finished;
    },
  };
}

/** A text in UTF-8 after its length. Ids are mostly ASCII, which a loop writes faster than a call. */
export function writeText(target: ByteBuffer, text: string): void {
  target.reserve(4 + text.length * 3);
  const { bytes } = target;
  const start = target.length + 4;
  let at = 0;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) break;
    bytes[start + at] = unit;
  }
  const size = at === text.length ? at : bytes.write(text, start);
  bytes.writeUInt32LE(size, target.length);
  target.length = start + size;
}

/** Bytes after their number. */
export function writeBytes(target: ByteBuffer, value: Uint8Array): void {
  target.reserve(4 + value.length);
  target.bytes.writeUInt32LE(value.length, target.length);
  target.length += 4;
  target.append(value);
}

/** A whole number below 2^53 in magnitude, as 64 bits. */
function writeInteger(target: ByteBuffer, value: number): void {
  target.reserve(8);
  target.bytes.writeBigInt64LE(BigInt(value), target.length);
  target.length += 8;
}
