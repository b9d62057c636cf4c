import { rows, type VectorRow } from '@vecport/abstractions';
import type { ManifestCollection } from './manifest.js';
import type { Dataset } from './open-dataset.js';
import { createVectorStatistics, type VectorStatistics } from './vector-statistics.js';

/** How a collection is looked at. */
export interface InspectOptions {
  /** How many of its first rows to keep; 3 if not said. */
  readonly sample?: number | undefined;
  /** Read every row and measure its vectors; only what the sample needs is read otherwise. */
  readonly statistics?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the rows read so far. */
  readonly onProgress?: ((rows: number) => void) | undefined;
}

/** What a look into a collection showed. */
export interface CollectionInspection {
  /** Its first rows, in the order of the dataset. */
  readonly sample: readonly VectorRow[];
  /** By vector name; absent when not asked for. */
  readonly statistics?: Readonly<Record<string, VectorStatistics>> | undefined;
}

/** Look into a collection of a dataset. Checks nothing: `validateDataset` does. Errors as of `readPart`. */
export async function inspectCollection(
  dataset: Dataset,
  collection: ManifestCollection,
  options: InspectOptions = {},
): Promise<CollectionInspection> {
  const wanted = options.sample ?? 3;
  const statistics = options.statistics === true ? createVectorStatistics() : undefined;
  const sample: VectorRow[] = [];
  let read = 0;
  if (wanted === 0 && statistics === undefined) return { sample };
  for await (const batch of dataset.read(collection, { signal: options.signal })) {
    for (const row of rows(batch)) {
      if (sample.length >= wanted) break;
      sample.push(row);
    }
    statistics?.add(batch);
    read += batch.ids.length;
    options.onProgress?.(read);
    if (statistics === undefined && sample.length >= wanted) break;
  }
  return { sample, statistics: statistics?.value() };
}
