import { classNameEncoder, vectorBytesEncoder, vectorsJsonEncoder } from '../layouts/weaviate-encoders.js';
import type { ByteSink, PartWriter } from '../part-codec.js';
import type { ColumnEncoder, EncoderSettings } from './column-encoder.js';
import type { Column } from './layout.js';
import { createNativeWriter, type ParquetPartOptions } from './native-writer.js';
import type { SchemaLeaf } from './schema-node.js';

export type { ParquetPartOptions } from './native-writer.js';

/**
 * A writer of one Parquet file in the native layout or that of another tool. The sink gets the pages of the largest dense vector
 * as they fill, those of the other columns when their row group ends, and the footer at last. Until then the compressed pages
 * of these columns are in memory, and one page of vectors.
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
