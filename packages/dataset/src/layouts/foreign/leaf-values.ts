import { type ColumnMetaData, type FileMetaData, parquetRead, type SchemaElement } from 'hyparquet';
import { corrupt } from '../../parquet/corrupt.js';
import type { PageRows } from '../../parquet/page-rows.js';
import { decompressors } from './decompressors.js';
import { asCorrupt, type ForeignFile, type ForeignLeaf } from './foreign-parquet.js';
import { type LeafShape, readPageWindows } from './leaf-pages.js';
import { timeParsers } from './time-text.js';

/** A value of a leaf: bytes of texts and binaries, `bigint` of 64-bit integers, lists where it is repeated; null or undefined for none. */
export type LeafValue = unknown;

/**
 * The values of a leaf in one row group, as many rows at a time as come in a few pages. A leaf below a structure gives the
 * structure with that one member.
 * @throws VecportError `corrupt-data`.
 */
export async function* readLeaf(
  file: ForeignFile,
  leaf: ForeignLeaf,
  group: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<PageRows<readonly LeafValue[]>, void, undefined> {
  const { meta, range, shape, rows: expected } = chunkOf(file, leaf, group);
  const { place } = shape;
  let rows = 0;
  for await (const { dictionary, pages, values } of readPageWindows(file.source, range, shape, signal)) {
    const all = dictionary === undefined ? pages : [dictionary, ...pages];
    const { buffer } = new Uint8Array(Buffer.concat(all.map(({ bytes }) => bytes)));
    const read = await decodeWindow(buffer, values, { leaf, meta, place });
    rows += read.length;
    yield { rows: read.length, slice: (start, end) => read.slice(start, end) };
  }
  if (rows !== expected) throw corrupt(`${place} has ${rows} rows instead of ${expected}.`);
}

/** Where a leaf stands in a row group, and what its pages are like. */
export interface LeafChunk {
  readonly meta: ColumnMetaData;
  readonly range: { readonly start: number; readonly end: number };
  readonly shape: LeafShape;
  /** Rows of the row group. */
  readonly rows: number;
}

/** Find a leaf in a row group. @throws VecportError `corrupt-data` where it is not in the file. */
export function chunkOf({ source, metadata }: ForeignFile, leaf: ForeignLeaf, group: number): LeafChunk {
  const place = `column '${leaf.path.join('.')}' of row group ${group}`;
  const chunk = metadata.row_groups[group]?.columns[leaf.index];
  const meta = chunk?.meta_data;
  if (meta === undefined || chunk?.file_path !== undefined) throw corrupt(`${place} is not in the file.`);
  const maxRepetition = leaf.elements.filter((element) => element.repetition_type === 'REPEATED').length;
  return {
    meta,
    range: chunkRange(meta, source.size, place),
    shape: { codec: meta.codec, maxRepetition, place },
    rows: Number(metadata.row_groups[group]?.num_rows ?? 0),
  };
}

function chunkRange(meta: ColumnMetaData, size: number, place: string) {
  const offsets = [meta.dictionary_page_offset, meta.data_page_offset].filter((at) => at !== undefined && at > 0n);
  const start = offsets.length === 0 ? -1 : Math.min(...offsets.map(Number));
  const end = start + Number(meta.total_compressed_size);
  if (start < 4 || end > size || end < start) throw corrupt(`${place} lies outside of the file.`);
  return { start, end };
}

interface WindowOf {
  readonly leaf: ForeignLeaf;
  readonly meta: ColumnMetaData;
  readonly place: string;
}

/** Pages by themselves are a file with one row group of one column to hyparquet. */
async function decodeWindow(
  buffer: ArrayBuffer,
  values: number,
  { leaf, meta, place }: WindowOf,
): Promise<readonly LeafValue[]> {
  const size = BigInt(buffer.byteLength);
  const metadata = {
    version: 1,
    schema: schemaOf(leaf),
    num_rows: BigInt(values),
    row_groups: [
      {
        columns: [
          {
            file_offset: 0n,
            meta_data: {
              type: meta.type,
              encodings: meta.encodings,
              path_in_schema: meta.path_in_schema,
              codec: meta.codec,
              num_values: BigInt(values),
              total_uncompressed_size: size,
              total_compressed_size: size,
              data_page_offset: 0n,
            },
          },
        ],
        total_byte_size: size,
        num_rows: BigInt(values),
      },
    ],
    metadata_length: 0,
  } as FileMetaData;
  const found: LeafValue[] = [];
  try {
    await parquetRead({
      file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
      metadata,
      compressors: decompressors,
      utf8: false,
      geoparquet: false,
      parsers: {
        stringFromBytes: (bytes) => bytes,
        jsonFromBytes: (bytes) => bytes,
        ...timeParsers(leaf.elements.at(-1)),
      },
      onChunk: ({ columnData }) => {
        for (const value of columnData) found.push(value);
      },
    });
  } catch (error) {
    throw asCorrupt(place, error);
  }
  return found;
}

/** The schema with this leaf alone. Lists that are so by their logical type only get the older annotation too. */
function schemaOf({ elements }: ForeignLeaf): SchemaElement[] {
  const own = elements.map((element, at): SchemaElement => {
    const isGroup = at < elements.length - 1;
    const isList = isGroup && element.logical_type?.type === 'LIST';
    return {
      ...element,
      ...(isGroup && { num_children: 1 }),
      ...(isList && { converted_type: 'LIST' as const }),
    };
  });
  return [{ name: 'schema', num_children: 1 }, ...own];
}
