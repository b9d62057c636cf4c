import { createHash } from 'node:crypto';
import { hasVector, type VectorBatch, type VectorColumn, type VectorId } from '@vecport/abstractions';

/** A point that is used as a query. */
export interface SampledQuery {
  readonly id: VectorId;
  readonly vector: Float32Array;
}

/**
 * `count` points that have a vector which can be searched for: those with the smallest SHA-256 of seed and id, so the
 * same of the same points, in whatever order they come. A vector of zeros, or with a number that is not finite, is none.
 */
export async function sampleQueries(
  points: AsyncIterable<VectorBatch>,
  name: string,
  count: number,
  seed: number,
): Promise<readonly SampledQuery[]> {
  let kept: (SampledQuery & { readonly rank: string })[] = [];
  const settle = (): void => {
    kept = kept.toSorted((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, count);
  };
  let highest = 'g';
  for await (const batch of points) {
    const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
    batch.ids.forEach((id, row) => {
      const rank = createHash('sha256').update(`${seed}\n${id}`).digest('hex');
      if (rank >= highest) return;
      const vector = searchable(column, row);
      if (vector !== undefined) kept.push({ id, vector, rank });
    });
    if (kept.length < count) continue;
    settle();
    highest = kept.at(-1)?.rank ?? highest;
  }
  settle();
  return kept.map(({ id, vector }) => ({ id, vector }));
}

function searchable(column: VectorColumn | undefined, row: number): Float32Array | undefined {
  if (column?.kind !== 'dense' || !hasVector(column, row)) return undefined;
  const vector = column.values.slice(row * column.dimension, (row + 1) * column.dimension);
  return vector.every(Number.isFinite) && vector.some((value) => value !== 0) ? vector : undefined;
}
