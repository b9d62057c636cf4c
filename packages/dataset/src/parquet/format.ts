/** The numbers of the Parquet format this package uses; named as in parquet.thrift. */

/** First and last four bytes of a file. */
export const MAGIC: Uint8Array = Uint8Array.of(0x50, 0x41, 0x52, 0x31);

/** Physical types. */
export const TYPE = { INT32: 1, INT64: 2, FLOAT: 4, BYTE_ARRAY: 6 } as const;

/** How often a value stands in its parent. */
export const REPETITION = { REQUIRED: 0, OPTIONAL: 1, REPEATED: 2 } as const;

/** Encodings of values and levels. */
export const ENCODING = { PLAIN: 0, RLE: 3, BYTE_STREAM_SPLIT: 9 } as const;

/** Compression codecs. */
export const CODEC = { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2, ZSTD: 6 } as const;

/** Annotations for readers from before logical types. */
export const CONVERTED_TYPE = { UTF8: 0, LIST: 3, UINT_32: 13 } as const;

/** Fields of the union LogicalType. */
export const LOGICAL_TYPE = { STRING: 1, LIST: 3, INTEGER: 10 } as const;

/** The only kind of page in use. */
export const DATA_PAGE_V2 = 3;

/** Encoded values a page holds before it ends; a page goes beyond it by less than its last row. */
export const PAGE_BYTES: number = 1 << 20;

/** Bytes one row may have in one column. */
export const MAX_ROW_BYTES: number = 1 << 27;

/** Bytes a page may decode to: a reader allocates no more on the word of a file. */
export const MAX_PAGE_BYTES: number = 1 << 28;

/** Rows a page may hold. */
export const MAX_PAGE_ROWS: number = 1 << 20;
