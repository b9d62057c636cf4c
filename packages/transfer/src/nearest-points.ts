import { hasVector, type Metric, type VectorBatch, type VectorId } from '@vecport/abstractions';

/** A point that was found, and how near it is: see `SearchMatch.score`. */
export interface Neighbour {
  readonly id: VectorId;
  readonly score: number;
}

/** Metrics whose scores are computed here. */
export type ScoredMetric = Extract<Metric, 'cosine' | 'dot' | 'euclidean' | 'manhattan'>;

/** Whether scores of a metric are computed here. */
export function isScored(metric: Metric | undefined): metric is ScoredMetric {
  return metric === 'cosine' || metric === 'dot' || metric === 'euclidean' || metric === 'manhattan';
}

/**
 * The `k` nearest of all points to each query, nearest first, by comparing every point with every query. Points without
 * the vector are not among them.
 */
export async function nearestPoints(
  points: AsyncIterable<VectorBatch>,
  name: string,
  metric: ScoredMetric,
  queries: readonly Float32Array[],
  k: number,
): Promise<readonly (readonly Neighbour[])[]> {
  const best: Neighbour[][] = queries.map(() => []);
  for await (const batch of points) {
    const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
    if (column?.kind !== 'dense') continue;
    for (let row = 0; row < batch.ids.length; row++) {
      if (!hasVector(column, row)) continue;
      const start = row * column.dimension;
      queries.forEach((query, at) => {
        keepNearest(best[at] as Neighbour[], k, batch.ids[row] ?? '', scoreOf(metric, query, column.values, start));
      });
    }
  }
  return best;
}

/** Insert a point into a list of at most `k`, nearest first. A score that is no number is the farthest. */
function keepNearest(list: Neighbour[], k: number, id: VectorId, score: number): void {
  const last = list.at(-1);
  if (Number.isNaN(score) || (list.length === k && last !== undefined && score <= last.score)) return;
  let at = list.length;
  while (at > 0 && (list[at - 1]?.score ?? 0) < score) at--;
  list.splice(at, 0, { id, score });
  if (list.length > k) list.pop();
}

/** How near a vector is to a query: higher is nearer. `values` holds it from `start` on. */
function scoreOf(metric: ScoredMetric, query: Float32Array, values: Float32Array, start: number): number {
  let [sum, own, its] = [0, 0, 0];
  for (let i = 0; i < query.length; i++) {
    const a = query[i] ?? 0;
    const b = values[start + i] ?? 0;
    if (metric === 'euclidean') sum -= (a - b) * (a - b);
    else if (metric === 'manhattan') sum -= Math.abs(a - b);
    else sum += a * b;
    own += a * a;
    its += b * b;
  }
  if (metric === 'euclidean') return -Math.sqrt(-sum);
  return metric === 'cosine' ? sum / Math.sqrt(own * its) : sum;
}
