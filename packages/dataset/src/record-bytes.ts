import type { MissingRows, VectorBatch } from '@vecport/abstractions';

/** Bytes of one row of a batch: its id in UTF-8, its vectors as floats and indices, its metadata. */
export type RecordBytes = (row: number) => number;

/**
 * What the rows of a batch take in memory, by row, so that where a part ends depends on the records alone: not on how they
 * came, nor on how they are written.
 */
export function recordBytes({ ids, vectors, metadata }: VectorBatch): RecordBytes {
  const sizes = Object.values(vectors).map((column) => {
    const { missing } = column;
    if (column.kind === 'dense') return fixed(column.dimension * 4, missing);
    return varying(column.offsets, column.kind === 'sparse' ? 8 : column.dimension * 4, missing);
  });
  sizes.push(varying(metadata.offsets, 1, metadata.missing));
  return (row) => {
    let bytes = Buffer.byteLength(ids[row] ?? '');
    for (const size of sizes) bytes += size(row);
    return bytes;
  };
}

function fixed(width: number, missing: MissingRows | undefined): RecordBytes {
  return (row) => (missing === undefined || missing[row] === 0 ? width : 0);
}

function varying(offsets: Uint32Array, width: number, missing: MissingRows | undefined): RecordBytes {
  return (row) =>
    missing === undefined || missing[row] === 0 ? ((offsets[row + 1] ?? 0) - (offsets[row] ?? 0)) * width : 0;
}
