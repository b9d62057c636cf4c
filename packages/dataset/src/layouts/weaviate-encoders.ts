import { hasVector, rowRange, type VectorBatch } from '@vecport/abstractions';
import { floatsText } from '@vecport/wire';
import { bytesOf } from '../bytes-of.js';
import type { ColumnEncoder, EncoderSettings } from '../parquet/column-encoder.js';
import { FlatColumn, writeBytes, writeText } from '../parquet/flat-encoders.js';
import type { SchemaLeaf } from '../parquet/schema-node.js';

/** The encoder of a column with the same text in every row. */
export function classNameEncoder(value: string, leaf: SchemaLeaf, settings: EncoderSettings): ColumnEncoder {
  const column = new FlatColumn(leaf, settings);
  return {
    append: (_, start, end) => {
      for (let row = start; row < end; row++) {
        writeText(column.data, value);
        column.endRow('required');
      }
    },
    endRowGroup: () => [column.take()],
  };
}

/** The encoder of a dense vector as the bytes of its floats, least significant first. */
export function vectorBytesEncoder(name: string, leaf: SchemaLeaf, settings: EncoderSettings): ColumnEncoder {
  const column = new FlatColumn(leaf, settings);
  return {
    append: (batch, start, end) => {
      const vectors = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
      for (let row = start; row < end; row++) {
        const isThere = vectors?.kind === 'dense' && hasVector(vectors, row);
        if (isThere) {
          const { dimension, values } = vectors;
          writeBytes(column.data, bytesOf(values.subarray(row * dimension, (row + 1) * dimension)));
        }
        column.endRow(isThere ? 'optional' : 'null');
      }
    },
    endRowGroup: () => [column.take()],
  };
}

/** The encoder of vectors by name as a JSON object; floats are printed so that they are read back as they were. */
export function vectorsJsonEncoder(
  names: readonly string[],
  leaf: SchemaLeaf,
  settings: EncoderSettings,
): ColumnEncoder {
  const column = new FlatColumn(leaf, settings);
  return {
    append: (batch, start, end) => {
      for (let row = start; row < end; row++) {
        const members = names.flatMap((name) => memberOf(batch, name, row) ?? []);
        if (members.length > 0) writeText(column.data, `{${members.join(',')}}`);
        column.endRow(members.length > 0 ? 'optional' : 'null');
      }
    },
    endRowGroup: () => [column.take()],
  };
}

function memberOf({ vectors: columns }: VectorBatch, name: string, row: number): string | undefined {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (column === undefined || column.kind === 'sparse' || !hasVector(column, row)) return undefined;
  const { dimension, values } = column;
  const at = (index: number): string => `[${floatsText(values.subarray(index * dimension, (index + 1) * dimension))}]`;
  if (column.kind === 'dense') return `${JSON.stringify(name)}:${at(row)}`;
  const [start, end] = rowRange(column.offsets, row);
  const vectors = Array.from({ length: end - start }, (_, i) => at(start + i));
  return `${JSON.stringify(name)}:[${vectors.join(',')}]`;
}
