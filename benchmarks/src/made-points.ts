import { batchFromRecords, type VectorBatch } from '@vecport/abstractions';
import { type Metadata, metadataOf, numbers, uuidOf } from './providers/points.js';

/** A point to be written, its vector as an import has it. */
export interface MadePoint {
  /** A uuid. */
  readonly id: string;
  readonly vector: Float32Array;
  readonly metadata: Metadata;
}

/** Points `first` … `first + count - 1`: the same ones whenever they are asked for. */
export function madePoints(first: number, count: number, dimension: number): readonly MadePoint[] {
  return Array.from({ length: count }, (_, row) => madePoint(first + row, dimension));
}

/** {@link madePoints} as columns. */
export function madeBatch(first: number, count: number, dimension: number): VectorBatch {
  return batchFromRecords(
    madePoints(first, count, dimension).map(({ id, vector, metadata }) => ({
      id,
      vectors: { default: vector },
      metadata,
    })),
  );
}

/** Write everything, so many at a time; `write` gives the rows of one. */
export async function writeAll<T>(
  everything: Iterable<T>,
  atATime: number,
  write: (one: T) => Promise<number>,
): Promise<{ readonly rows: number }> {
  const queue = everything[Symbol.iterator]();
  const written = await Promise.all(
    Array.from({ length: atATime }, async () => {
      let rows = 0;
      for (let next = queue.next(); next.done !== true; next = queue.next()) rows += await write(next.value);
      return rows;
    }),
  );
  return { rows: written.reduce((sum, rows) => sum + rows, 0) };
}

function madePoint(n: number, dimension: number): MadePoint {
  const next = numbers(n);
  const vector = new Float32Array(dimension);
  for (let at = 0; at < dimension; at++) vector[at] = next() / 2 ** 31 - 1;
  return { id: uuidOf(next), vector, metadata: metadataOf(n, next) };
}
