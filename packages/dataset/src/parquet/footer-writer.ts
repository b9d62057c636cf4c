import type { PartSchema } from '../part-codec.js';
import { type ChunkStatistics, type ColumnChunk, chunkEncodings } from './column-chunk.js';
import { MAGIC } from './format.js';
import { type Column, LAYOUT_KEY, layoutText, rootOf } from './layout.js';
import { flatten, writeSchemaNode } from './schema-node.js';
import { ThriftWriter } from './thrift-writer.js';

/** Who wrote the file, in the footer. The same in every version that writes the same bytes. */
const CREATED_BY = 'vecport dataset format 1';

/** Longer smallest and largest ids are left out of the statistics, which are to be short. */
const MAX_STATISTICS_BYTES = 1024;

/** What the footer keeps of a chunk when its pages are written. */
export type WrittenChunk = Omit<ColumnChunk, 'buffers'> & {
  /** Where the chunk starts in the file. */
  readonly start: number;
};

/** What the footer keeps of a row group. */
export interface WrittenRowGroup {
  readonly rows: number;
  readonly chunks: readonly WrittenChunk[];
}

/** The end of the file: metadata, its length and the magic bytes. */
export function encodeFooter(
  columns: readonly Column[],
  groups: readonly WrittenRowGroup[],
  schema?: PartSchema,
): Uint8Array {
  const nodes = flatten(rootOf(columns));
  const leaves = nodes.filter((node) => node.type !== undefined);
  const thrift = new ThriftWriter();
  const metadata = thrift
    .i32(1, 2)
    .structList(2, nodes, (node) => writeSchemaNode(thrift, node))
    .i64(
      3,
      total(groups, (group) => group.rows),
    )
    .structList(4, groups, (group) => writeRowGroup(thrift, group))
    .structList(5, [layoutText(columns, schema)], (text) => thrift.binary(1, LAYOUT_KEY).binary(2, text))
    .binary(6, CREATED_BY)
    .structList(7, leaves, () => thrift.struct(1).end())
    .take();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, MAGIC]);
}

function writeRowGroup(thrift: ThriftWriter, group: WrittenRowGroup): void {
  thrift
    .structList(1, group.chunks, (chunk) => writeChunk(thrift, chunk))
    .i64(
      2,
      total(group.chunks, (chunk) => chunk.rawBytes),
    )
    .i64(3, group.rows)
    .i64(5, Math.min(...group.chunks.map((chunk) => chunk.start)))
    .i64(
      6,
      total(group.chunks, (chunk) => chunk.bytes),
    );
}

function writeChunk(thrift: ThriftWriter, chunk: WrittenChunk): void {
  thrift
    .i64(2, 0)
    .struct(3)
    .i32(1, chunk.leaf.type)
    .i32List(2, chunkEncodings(chunk.encoding))
    .textList(3, chunk.leaf.path)
    .i32(4, chunk.codec)
    .i64(5, chunk.values)
    .i64(6, chunk.rawBytes)
    .i64(7, chunk.bytes)
    .i64(9, chunk.start);
  if (chunk.statistics !== undefined) writeStatistics(thrift, chunk.statistics);
  thrift.end();
}

function writeStatistics(thrift: ThriftWriter, { nulls, min, max }: ChunkStatistics): void {
  thrift.struct(12).i64(3, nulls);
  if (isShort(max)) thrift.binary(5, max);
  if (isShort(min)) thrift.binary(6, min);
  thrift.end();
}

function isShort(text: string | undefined): text is string {
  return text !== undefined && Buffer.byteLength(text) <= MAX_STATISTICS_BYTES;
}

function total<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((sum, item) => sum + size(item), 0);
}
