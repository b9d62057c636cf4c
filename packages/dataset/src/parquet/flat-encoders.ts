import { metadataBytes, type VectorBatch, type VectorId } from '@vecport/abstractions';
import { ByteBuffer } from './byte-buffer.js';
import { type ColumnChunk, ColumnChunkWriter } from './column-chunk.js';
import type { ColumnEncoder, EncoderSettings } from './column-encoder.js';
import { compareIds } from './compare-ids.js';
import { ENCODING, PAGE_BYTES } from './format.js';
import { LevelsBuilder } from './levels.js';
import type { SchemaLeaf } from './schema-node.js';

// Classes, so that the encoders of all parts have the same functions, which are compiled once.

/** The encoder of the ids, with the smallest and the largest of each row group. */
export class IdEncoder implements ColumnEncoder {
  readonly #column: FlatColumn;
  #min: VectorId | undefined;
  #max: VectorId | undefined;

  constructor(leaf: SchemaLeaf, settings: EncoderSettings) {
    this.#column = new FlatColumn(leaf, settings);
  }

  append({ ids }: VectorBatch, start: number, end: number): void {
    for (let row = start; row < end; row++) {
      const id = ids[row] ?? '';
      writeText(this.#column.data, id);
      if (this.#min === undefined || compareIds(id, this.#min) < 0) this.#min = id;
      if (this.#max === undefined || compareIds(id, this.#max) > 0) this.#max = id;
      this.#column.endRow('required');
    }
  }

  endRowGroup(): readonly ColumnChunk[] {
    const chunk = this.#column.take({ min: this.#min, max: this.#max });
    this.#min = undefined;
    this.#max = undefined;
    return [chunk];
  }
}

/** The encoder of the metadata: the bytes of the batch as they are. */
export class MetadataEncoder implements ColumnEncoder {
  readonly #column: FlatColumn;

  constructor(leaf: SchemaLeaf, settings: EncoderSettings) {
    this.#column = new FlatColumn(leaf, settings);
  }

  append({ metadata }: VectorBatch, start: number, end: number): void {
    for (let row = start; row < end; row++) {
      const bytes = metadataBytes(metadata, row);
      if (bytes !== undefined) writeBytes(this.#column.data, bytes);
      this.#column.endRow(bytes === undefined ? 'null' : 'optional');
    }
  }

  endRowGroup(): readonly ColumnChunk[] {
    return [this.#column.take()];
  }
}

/** The encoder of a column of times: NaN is null. */
export class TimeEncoder implements ColumnEncoder {
  readonly #field: 'createdAt' | 'updatedAt';
  readonly #column: FlatColumn;

  constructor(field: 'createdAt' | 'updatedAt', leaf: SchemaLeaf, settings: EncoderSettings) {
    this.#field = field;
    this.#column = new FlatColumn(leaf, settings);
  }

  append(batch: VectorBatch, start: number, end: number): void {
    const times = batch[this.#field];
    for (let row = start; row < end; row++) {
      const time = times?.[row] ?? Number.NaN;
      if (!Number.isNaN(time)) writeInteger(this.#column.data, time);
      this.#column.endRow(Number.isNaN(time) ? 'null' : 'optional');
    }
  }

  endRowGroup(): readonly ColumnChunk[] {
    return [this.#column.take()];
  }
}

/** Cuts the values of a flat column of one leaf into pages. */
export class FlatColumn {
  /** Where the values of the page go. */
  readonly data: ByteBuffer = new ByteBuffer(PAGE_BYTES >> 2);
  readonly #chunk: ColumnChunkWriter;
  readonly #levels = new LevelsBuilder();
  readonly #pageRows: number;
  #rows = 0;
  #nulls = 0;

  constructor(leaf: SchemaLeaf, { codec, pageRows }: EncoderSettings) {
    this.#chunk = new ColumnChunkWriter(leaf, ENCODING.PLAIN, codec);
    this.#pageRows = pageRows;
  }

  /** The value of a row is in `data`, or it has none. */
  endRow(level: 'required' | 'optional' | 'null'): void {
    if (level === 'required') this.#levels.required();
    else if (level === 'optional') this.#levels.optional();
    else {
      this.#levels.null();
      this.#nulls++;
    }
    this.#rows++;
    if (this.#rows === this.#pageRows || this.data.length >= PAGE_BYTES) this.#endPage();
  }

  /** The chunk; the column starts anew. */
  take(range?: { readonly min: string | undefined; readonly max: string | undefined }): ColumnChunk {
    this.#endPage();
    const finished = this.#chunk.take({ nulls: this.#nulls, ...range });
    this.#nulls = 0;
    return finished;
  }

  #endPage(): void {
    if (this.#rows > 0) this.#chunk.addPage(this.#rows, this.#levels.take(), this.data.view());
    this.#rows = 0;
    this.data.length = 0;
  }
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
  target.uint32(size);
  target.length = start + size;
}

/** Bytes after their number. */
export function writeBytes(target: ByteBuffer, value: Uint8Array): void {
  target.uint32(value.length);
  target.append(value);
}

/** A whole number below 2^53 in magnitude, as 64 bits. */
function writeInteger(target: ByteBuffer, value: number): void {
  target.reserve(8);
  target.bytes.writeBigInt64LE(BigInt(value), target.length);
  target.length += 8;
}
