import { type IVectorSearchRepository, requireCapability, rows } from '@vecport/abstractions';
import { PCA } from 'ml-pca';
import type { ItemStore } from '../catalogue/item-store.js';

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

/** A map of a collection. */
export function createVectorMap(repository: IVectorSearchRepository, items: ItemStore): VectorMap {
  let drawn: { readonly vectors: number; readonly points: readonly MapPoint[] } | undefined;
  return {
    points: async (signal) => {
      const vectors = await repository.count(undefined, { signal });
      if (drawn?.vectors !== vectors) drawn = { vectors, points: await draw(repository, items, signal) };
      return drawn.points;
    },
  };
}

async function draw(
  repository: IVectorSearchRepository,
  items: ItemStore,
  signal: AbortSignal | undefined,
): Promise<readonly MapPoint[]> {
  const found: Omit<MapPoint, 'x' | 'y'>[] = [];
  const vectors: number[][] = [];
  for await (const batch of requireCapability(repository, 'exportAll').exportAll({ batchSize: BATCH_SIZE, signal })) {
    for (const { id, embedding } of rows(batch)) {
      const item = items.get(id);
      if (item === undefined || embedding === undefined || found.length >= MOST) continue;
      found.push({ id, emoji: item.emoji, label: item.label, group: item.group });
      vectors.push([...embedding]);
    }
    if (found.length >= MOST) break;
  }
  if (found.length < 2) return found.map((point) => ({ ...point, x: 0, y: 0 }));
  const placed = new PCA(vectors, { method: 'NIPALS', nCompNIPALS: 2 }).predict(vectors, { nComponents: 2 });
  const [xs, ys] = [scaled(placed.getColumn(0)), scaled(placed.getColumn(1))];
  return found.map((point, at) => ({ ...point, x: xs[at] ?? 0, y: ys[at] ?? 0 }));
}

/** From the least to the greatest as −1 … 1, with four digits, which a screen does not tell from more. */
function scaled(values: readonly number[]): readonly number[] {
  const least = values.reduce((min, value) => Math.min(min, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const width = most - least || 1;
  return values.map((value) => Math.round((((value - least) / width) * 2 - 1) * 10_000) / 10_000);
}
