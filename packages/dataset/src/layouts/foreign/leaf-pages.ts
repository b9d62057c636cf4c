import { crc32 } from 'node:zlib';
import type { ColumnMetaData } from 'hyparquet';
import { corrupt } from '../../parquet/corrupt.js';
import { readExactly } from '../../parquet/read-exactly.js';
import { numberField, readThrift, sizeField, structField, type ThriftStruct } from '../../parquet/thrift-reader.js';
import type { ByteSource } from '../../part-codec.js';
import { decompressors } from './decompressors.js';

/** Whole pages of one leaf, in which no row begins or ends outside. */
export interface PageWindow {
  readonly dictionary?: RawPage | undefined;
  /** Data pages, at least one. */
  readonly pages: readonly RawPage[];
  /** Values with nulls: at least as many as there are rows. */
  readonly values: number;
}

/** The codec of a leaf and how its lists are repeated. */
export interface LeafShape {
  readonly codec: ColumnMetaData['codec'];
  /** How many lists a value stands in. */
  readonly maxRepetition: number;
  readonly place: string;
}

/** Decompressed bytes and values that a page may have: nothing larger is taken on the word of a file. */
const MAX_PAGE_BYTES = 1 << 28;
const MAX_PAGE_VALUES = 1 << 25;
/** Decompressed bytes after which pages are handed on. */
const WINDOW_BYTES = 4 << 20;
const READ_BYTES = 2 << 20;
const MAX_HEADER_BYTES = 4 << 20;
const [DATA_PAGE, , DICTIONARY_PAGE, DATA_PAGE_V2] = [0, 1, 2, 3] as const;

/**
 * The pages of a chunk, some at a time, with what their headers say checked before memory is taken for it, and with their
 * checksums where they have some.
 * @throws VecportError `corrupt-data`.
 */
export async function* readPageWindows(
  source: ByteSource,
  { start, end }: { readonly start: number; readonly end: number },
  shape: LeafShape,
  signal: AbortSignal | undefined,
): AsyncGenerator<PageWindow, void, undefined> {
  const reader = new ChunkReader(source, start, end);
  let dictionary: RawPage | undefined;
  let pages: RawPage[] = [];
  let values = 0;
  let rawBytes = 0;
  while (reader.left > 0) {
    signal?.throwIfAborted();
    const page = await readPage(reader, shape);
    if (page.type === DICTIONARY_PAGE) dictionary = page;
    if (page.type !== DATA_PAGE && page.type !== DATA_PAGE_V2) continue;
    if (rawBytes >= WINDOW_BYTES && startsRow(page, shape)) {
      yield { dictionary, pages, values };
      [pages, values, rawBytes] = [[], 0, 0];
    }
    pages.push(page);
    values += page.values;
    rawBytes += page.rawBytes;
  }
  if (pages.length > 0) yield { dictionary, pages, values };
}

/** A page whose sizes and checksum are right, neither decompressed nor decoded. */
export interface RawPage {
  readonly header: ThriftStruct;
  readonly type: number;
  /** With its header. */
  readonly bytes: Uint8Array;
  readonly body: Uint8Array;
  readonly rawBytes: number;
  readonly values: number;
}

async function readPage(reader: ChunkReader, { place }: LeafShape): Promise<RawPage> {
  const { value: header, length } = await readHeader(reader, place);
  const type = numberField(header, 1, place);
  const rawBytes = sizeField(header, 2, place);
  const stored = sizeField(header, 3, place);
  if (rawBytes > MAX_PAGE_BYTES || stored > MAX_PAGE_BYTES)
    throw corrupt(`${place}: a page of ${Math.max(rawBytes, stored)} bytes is larger than ${MAX_PAGE_BYTES}.`);
  const values = valuesOf(type, header, place);
  if (values > MAX_PAGE_VALUES) throw corrupt(`${place}: a page of ${values} values has more than ${MAX_PAGE_VALUES}.`);
  if (length + stored > reader.left) throw corrupt(`${place}: a page of ${stored} bytes goes beyond its column.`);
  const bytes = new Uint8Array((await reader.peek(length + stored)).subarray(0, length + stored));
  reader.skip(bytes.length);
  const body = bytes.subarray(length);
  const checksum = header.get(4);
  if (typeof checksum === 'number' && (crc32(body) | 0) !== (checksum | 0))
    throw corrupt(`${place}: the checksum of a page is not that of its bytes.`);
  return { header, type, bytes, body, rawBytes, values };
}

/** Statistics in a header can be long texts, so more is looked at until it is whole. */
async function readHeader(reader: ChunkReader, place: string) {
  for (let size = 1 << 12; ; size *= 16) {
    const bytes = await reader.peek(Math.min(size, reader.left));
    try {
      return readThrift(bytes.subarray(0, size), `${place}, page header`);
    } catch (error) {
      if (size >= reader.left || size >= MAX_HEADER_BYTES) throw error;
    }
  }
}

function valuesOf(type: number, header: ThriftStruct, place: string): number {
  if (type === DATA_PAGE) return sizeField(structField(header, 5, place), 1, place);
  if (type === DICTIONARY_PAGE) return sizeField(structField(header, 7, place), 1, place);
  return type === DATA_PAGE_V2 ? sizeField(structField(header, 8, place), 1, place) : 0;
}

/** Whether a page begins with a row. Pages of version 2 do; those of version 1 may go on with the last row of another. */
function startsRow({ type, body, rawBytes, values }: RawPage, { codec, maxRepetition, place }: LeafShape): boolean {
  if (type === DATA_PAGE_V2 || maxRepetition === 0 || values === 0) return true;
  const data = codec === 'UNCOMPRESSED' ? body : decompressors[codec]?.(body, rawBytes);
  if (data === undefined || data.length < 6) throw corrupt(`${place}: a page has no levels.`);
  // The levels are runs after their length: a run of equal ones, or eight and more packed into bits.
  let at = 4;
  const isPacked = ((data[at] ?? 0) & 1) === 1;
  while (((data[at++] ?? 0) & 0x80) !== 0);
  const first = data[at] ?? 0;
  return (isPacked ? first & (2 ** (32 - Math.clz32(maxRepetition)) - 1) : first) === 0;
}

/** Reads a chunk from its start to its end, some megabytes at a time. */
class ChunkReader {
  readonly #source: ByteSource;
  readonly #end: number;
  #at: number;
  #buffer: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#at = start;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  /** At least the next `size` bytes, which must be there. */
  async peek(size: number): Promise<Uint8Array> {
    if (this.#buffer.length < size) {
      const want = Math.min(this.left, Math.max(size, READ_BYTES));
      this.#buffer = await readExactly(this.#source, this.#at, this.#at + want);
    }
    return this.#buffer;
  }

  skip(size: number): void {
    this.#buffer = this.#buffer.subarray(size);
    this.#at += size;
  }
}
