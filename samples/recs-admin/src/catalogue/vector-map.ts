import { type IVectorSearchRepository, requireCapability, rows } from '@vecport/abstractions';
import type { ItemStore } from './item-store.js';
import { alongPrincipalAxes, type VectorTable } from './principal-axes.js';

/** Points a map shows at most: more would be a smear. */
const MOST = 5000;
const BATCH_SIZE = 500;

/** Where an item is on the map. */
interface MapPoint {
  readonly id: string;
  readonly emoji: string;
  readonly label: string;
  readonly group: string;
  /** −1 … 1 */
  readonly x: number;
  /** −1 … 1 */
  readonly y: number;
}

/** The items' vectors in two dimensions, by their two principal components. */
export interface VectorMap {
  /**
   * The first 5,000 points whose items are there. Computed at the first call and when the number of vectors has changed.
   * @throws VecportError `not-supported` when the provider cannot export.
   */
  points(signal?: AbortSignal): Promise<readonly MapPoint[]>;
}

/** A map of a collection; `shutdown` stops it from being drawn. */
export function createVectorMap(
  repository: IVectorSearchRepository,
  items: ItemStore,
  shutdown: AbortSignal,
): VectorMap {
  let drawn: { readonly vectors: number; readonly points: Promise<readonly MapPoint[]> } | undefined;
  return {
    points: async (signal) => {
      const vectors = await repository.count(undefined, { signal });
      signal?.throwIfAborted();
      if (drawn?.vectors !== vectors) {
        // For everybody who asks meanwhile: the first one's going away does not stop it.
        const points = draw(repository, items, shutdown);
        drawn = { vectors, points };
        points.catch(() => {
          if (drawn?.points === points) drawn = undefined;
        });
      }
      return drawn.points;
    },
  };
}

async function draw(
  repository: IVectorSearchRepository,
  items: ItemStore,
  signal: AbortSignal,
): Promise<readonly MapPoint[]> {
  const found: Omit<MapPoint, 'x' | 'y'>[] = [];
  const vectors: Float32Array[] = [];
  for await (const batch of requireCapability(repository, 'exportAll').exportAll({ batchSize: BATCH_SIZE, signal })) {
    for (const { id, embedding } of rows(batch)) {
      const item = items.get(id);
      if (item === undefined || embedding === undefined || found.length >= MOST) continue;
      found.push({ id, emoji: item.emoji, label: item.label, group: item.group });
      vectors.push(embedding.slice());
    }
    if (found.length >= MOST) break;
  }
  const [along, across] = await alongPrincipalAxes(tableOf(vectors), signal);
  const [xs, ys] = [scaled(along), scaled(across)];
  return found.map((point, at) => ({ ...point, x: xs[at] ?? 0, y: ys[at] ?? 0 }));
}

function tableOf(vectors: readonly Float32Array[]): VectorTable {
  const dimension = vectors[0]?.length ?? 1;
  const values = new Float32Array(vectors.length * dimension);
  for (const [row, vector] of vectors.entries()) values.set(vector, row * dimension);
  return { values, dimension };
}

/** From the least to the greatest as −1 … 1, with four digits, which a screen does not tell from more. */
function scaled(values: Float64Array): Float64Array {
  const least = values.reduce((min, value) => Math.min(min, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const width = most - least || 1;
  return values.map((value) => Math.round((((value - least) / width) * 2 - 1) * 10_000) / 10_000);
}
