import { createNdjsonPartWriter } from './ndjson/part-writer.js';
import { createParquetPartWriter } from './parquet/part-writer.js';
import type { ByteSink, PartSchema, PartWriter } from './part-codec.js';
import type { PartEncoding } from './part-encoding.js';

/** The writer of one part in an encoding. @throws VecportError `invalid-argument` for a schema that cannot be written. */
export function createPartWriter(schema: PartSchema, encoding: PartEncoding, sink: ByteSink): PartWriter {
  const { compression, level } = encoding;
  if (encoding.format === 'ndjson')
    return createNdjsonPartWriter({ schema, compression: encoding.compression, level }, sink);
  const { vectors, rowGroupRows } = encoding;
  return createParquetPartWriter({ schema, compression, level, vectors, rowGroupRows }, sink);
}
