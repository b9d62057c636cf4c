import { crc32 } from 'node:zlib';
import { freeMemory } from '../owned-memory.js';
import type { ByteSource } from '../part-codec.js';
import { corrupt } from './corrupt.js';
import type { ParquetChunk } from './footer-reader.js';
import { CODEC, DATA_PAGE_V2, MAX_PAGE_BYTES, MAX_PAGE_ROWS } from './format.js';
import type { Levels } from './levels.js';
import { decompress } from './page-codec.js';
import { readExactly } from './read-exactly.js';
import { numberField, readThrift, sizeField, structField, type ThriftStruct } from './thrift-reader.js';

/** A page whose checksum is right, decompressed and not yet decoded. */
export interface Page {
  readonly rows: number;
  readonly levels: Levels;
  readonly encoding: number;
  readonly data: Uint8Array;
  /** Whether `data` has its memory for itself; otherwise it is a view that must not be kept. */
  readonly owned: boolean;
  /** For messages: column and position. */
  readonly place: string;
}

/** Give the memory of a page back whose values were copied out of it, where it is the page's alone. */
export function freePage({ owned, data }: Page): void {
  // What is in a pool has less than half of it.
  if (owned && data.buffer.byteLength < data.length * 2) freeMemory(data);
}

/** What is read at once: few requests, and little memory for each column. */
const READ_BYTES = 2 << 20;

/** Page headers of this format have some 40 bytes. */
const MAX_HEADER_BYTES = 256;

/**
 * The pages of a chunk in order. Sizes are checked against the chunk's before memory is taken, and the
 * last page is given only after the sums over all pages match the footer.
 * @throws VecportError `corrupt-data`.
 */
export async function* readPages(
  source: ByteSource,
  chunk: ParquetChunk,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page, void, undefined> {
  const bytes = new ChunkBytes(source, chunk, signal);
  const totals = { rows: 0, values: 0, rawBytes: 0 };
  while (bytes.remaining > 0) {
    const place = `column '${chunk.path.join('.')}', page at byte ${bytes.position}`;
    const header = readThrift(await bytes.peek(Math.min(MAX_HEADER_BYTES, bytes.remaining)), `${place}, header`);
    bytes.skip(header.length);
    const shape = readShape(header.value, chunk, place);
    if (shape.storedBytes > bytes.remaining)
      throw corrupt(`${place}: ${shape.storedBytes} bytes go beyond the column.`);
    const body = (await bytes.peek(shape.storedBytes)).subarray(0, shape.storedBytes);
    bytes.skip(shape.storedBytes);
    if ((crc32(body) | 0) !== shape.checksum) throw corrupt(`${place}: the checksum is not that of the bytes.`);
    totals.rows += shape.rows;
    totals.values += shape.values;
    totals.rawBytes += header.length + shape.rawBytes;
    checkTotals(chunk, totals, bytes.remaining === 0, place);
    yield openPage(shape, chunk.codec, body, place);
  }
}

interface PageShape {
  readonly rows: number;
  readonly values: number;
  readonly nulls: number;
  readonly encoding: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly checksum: number;
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
  readonly isCompressed: boolean;
}

function readShape(header: ThriftStruct, chunk: ParquetChunk, place: string): PageShape {
  const type = numberField(header, 1, place);
  if (type !== DATA_PAGE_V2) throw corrupt(`${place}: a page of type ${type}, which this format does not use.`);
  const data = structField(header, 8, place);
  const shape = {
    rows: sizeField(data, 3, place),
    values: sizeField(data, 1, place),
    nulls: sizeField(data, 2, place),
    encoding: numberField(data, 4, place),
    rawBytes: sizeField(header, 2, place),
    storedBytes: sizeField(header, 3, place),
    checksum: numberField(header, 4, place),
    repetitionBytes: sizeField(data, 6, place),
    definitionBytes: sizeField(data, 5, place),
    isCompressed: data.get(7) !== false,
  };
  checkShape(shape, chunk, place);
  return shape;
}

function checkShape(shape: PageShape, chunk: ParquetChunk, place: string): void {
  const levelBytes = shape.repetitionBytes + shape.definitionBytes;
  const isSound =
    shape.encoding === chunk.encoding &&
    shape.nulls <= shape.values &&
    levelBytes <= shape.rawBytes &&
    levelBytes <= shape.storedBytes &&
    (shape.isCompressed ? chunk.codec !== CODEC.UNCOMPRESSED : shape.rawBytes === shape.storedBytes);
  if (!isSound) throw corrupt(`${place}: the header contradicts itself or the footer.`);
  if (shape.rawBytes > Math.min(chunk.rawBytes, MAX_PAGE_BYTES)) {
    throw corrupt(`${place}: it would decode to ${shape.rawBytes} bytes, more than the column or the format allows.`);
  }
  if (shape.rows === 0 || shape.rows > Math.min(chunk.rows, MAX_PAGE_ROWS))
    throw corrupt(`${place}: it has ${shape.rows} rows.`);
}

function checkTotals(
  chunk: ParquetChunk,
  totals: { readonly rows: number; readonly values: number; readonly rawBytes: number },
  isLast: boolean,
  place: string,
): void {
  if ((totals.rows === chunk.rows) !== isLast || totals.rows > chunk.rows) {
    throw corrupt(`${place}: the pages have ${totals.rows} rows up to here, the row group ${chunk.rows}.`);
  }
  if (isLast && (totals.values !== chunk.values || totals.rawBytes !== chunk.rawBytes)) {
    throw corrupt(`${place}: the sizes of the column's pages do not add up to what the footer says.`);
  }
}

function openPage(shape: PageShape, codec: number, body: Uint8Array, place: string): Page {
  const { rows, values, nulls, encoding, repetitionBytes, definitionBytes, isCompressed } = shape;
  const levelBytes = repetitionBytes + definitionBytes;
  const stored = body.subarray(levelBytes);
  return {
    rows,
    levels: { bytes: body.subarray(0, levelBytes), repetitionBytes, definitionBytes, values, nulls },
    encoding,
    data: isCompressed ? dataOf(codec, stored, shape.rawBytes - levelBytes, place) : stored,
    owned: isCompressed,
    place,
  };
}

function dataOf(codec: number, stored: Uint8Array, length: number, place: string): Uint8Array {
  try {
    return decompress(codec, stored, length);
  } catch (error) {
    throw corrupt(`${place}: it cannot be decompressed to ${length} bytes.`, error);
  }
}

/** The bytes of a chunk from front to back, read some at a time. */
class ChunkBytes {
  readonly #source: ByteSource;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #position: number;
  #window: Uint8Array = new Uint8Array(0);
  /** What was read and is behind the window. */
  #next: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource, chunk: ParquetChunk, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#position = chunk.start;
    this.#end = chunk.end;
    this.#signal = signal;
  }

  /** Where the next byte stands in the file. */
  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  /** At least the next `count` bytes, at most {@link remaining}; a view good until the next call. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#window.length < count) {
      const have = this.#window.length;
      if (this.#next.length === 0) {
        this.#signal?.throwIfAborted();
        const end = Math.min(this.#end, this.#position + Math.max(count, READ_BYTES));
        this.#next = await readExactly(this.#source, this.#position + have, end);
      }
      // Of what was read last no more is copied than has to stand behind what is left.
      const taken = have === 0 ? this.#next.length : Math.min(count - have, this.#next.length);
      const more = this.#next.subarray(0, taken);
      this.#next = this.#next.subarray(taken);
      this.#window = have === 0 ? more : Buffer.concat([this.#window, more]);
    }
    return this.#window;
  }

  skip(count: number): void {
    this.#position += count;
    this.#window = this.#window.subarray(count);
  }
}
