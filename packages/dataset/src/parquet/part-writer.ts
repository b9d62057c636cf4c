import { classNameEncoder, vectorBytesEncoder, vectorsJsonEncoder } from '../layouts/weaviate-encoders.js';
import type { ByteSink, PartWriter } from '../part-codec.js';
import type { ColumnEncoder, EncoderSettings } from './column-encoder.js';
import type { Column } from './layout.js';
import { createNativeWriter, type ParquetPartOptions } from './native-writer.js';
import type { SchemaLeaf } from './schema-node.js';

export type { ParquetPartOptions } from './native-writer.js';

/**
 * A writer of one Parquet file in the native layout or that of another tool. The sink gets a row group at a time, then the
 * footer; until then the compressed pages of the row group are in memory and nothing else of it. Of row groups with more
 * than 64 MiB of one dense vector, which only `rowGroupRows` asks for, the pages of that vector go to the sink as they
 * fill, so that its chunk stands before the others, and only those of the other columns wait.
 * Floats keep their bits, metadata its bytes. A batch that does not fit is refused as a whole, and the
 * writer goes on; after the sink has failed the writer is of no use.
 *
 * Rows keep their order. Neither `write` nor `finish` may be called before the last call has resolved.
 * @throws VecportError `invalid-argument` for options out of range.
 */
export function createParquetPartWriter(options: ParquetPartOptions, sink: ByteSink): PartWriter {
  return createNativeWriter(options, sink, layoutEncoder);
}

function layoutEncoder({ content }: Column, leaf: SchemaLeaf, settings: EncoderSettings): ColumnEncoder | undefined {
  switch (content.kind) {
    case 'className':
      return classNameEncoder(content.value, leaf, settings);
    case 'vectorBytes':
      return vectorBytesEncoder(content.name, leaf, settings);
    case 'vectorsJson':
      return vectorsJsonEncoder(Object.keys(content.vectors), leaf, settings);
    default:
      return undefined;
  }
}
