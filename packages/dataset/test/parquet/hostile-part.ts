import { crc32 } from 'node:zlib';
import { encodeFooter } from '../../src/parquet/footer-writer.js';
import { MAGIC, TYPE } from '../../src/parquet/format.js';
import { columnsOf } from '../../src/parquet/layout.js';
import { leavesOf } from '../../src/parquet/schema-node.js';
import { ThriftWriter } from '../../src/parquet/thrift-writer.js';

/** What a page made by hand claims, and what it is. */
export interface HostilePage {
  /** Bytes it says it unpacks to. */
  readonly rawBytes: number;
  readonly rows: number;
  readonly data: Uint8Array;
  /** As numbered in parquet.thrift; zstd if not said. */
  readonly codec?: number | undefined;
}

/** A file with one page of ids, made by hand with a right checksum. */
export function hostileIds(page: HostilePage): Buffer {
  const columns = columnsOf({ vectors: {}, createdAt: false, updatedAt: false });
  const header = pageHeader(page);
  const bytes = header.length + page.data.length;
  const rest = {
    encoding: 0,
    codec: page.codec ?? 6,
    values: page.rows,
    rawBytes: header.length + page.rawBytes,
    buffers: [],
  };
  const chunks = columns.map(({ node }, index) => ({
    ...rest,
    leaf: leavesOf(node)[0] ?? { path: [], type: TYPE.INT32 },
    start: 4 + index * bytes,
    bytes,
  }));
  const body = [header, page.data];
  return Buffer.concat([MAGIC, ...body, ...body, encodeFooter(columns, [{ rows: page.rows, chunks }])]);
}

function pageHeader(page: HostilePage): Uint8Array {
  return new ThriftWriter()
    .i32(1, 3)
    .i32(2, page.rawBytes)
    .i32(3, page.data.length)
    .i32(4, crc32(page.data) | 0)
    .struct(8)
    .i32(1, page.rows)
    .i32(2, 0)
    .i32(3, page.rows)
    .i32(4, 0)
    .i32(5, 0)
    .i32(6, 0)
    .bool(7, true)
    .end()
    .take();
}
