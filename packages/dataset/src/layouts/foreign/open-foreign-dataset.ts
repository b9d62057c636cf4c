import type { Metric } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { Dataset } from '../../open-dataset.js';
import type { Layout } from '../layout.js';

/** How files of another tool are opened. */
export interface ForeignOptions {
  readonly layout: Layout;
  /** The name of the collection where the files do not say; that of the file or folder if not said. */
  readonly collection?: string | undefined;
  /** How vectors are compared, where the files do not say; unknown if not said. */
  readonly metric?: Metric | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the rows read so far, over all files. */
  readonly onProgress?: ((rows: number) => void) | undefined;
}

/**
 * Open Parquet files in another tool's layout that have no manifest of ours, whoever wrote them. Everything is read once:
 * every page must decode, ids must be unique within their collection and tenant, and the vectors of a name must have one
 * kind and dimension. The manifest says what was found; its digests are of the points as they were read.
 *
 * Memory: some pages of each column, and some 16 bytes an id.
 * @throws VecportError `not-found`, `corrupt-data`, `incomplete`, `not-supported` or `invalid-argument`, naming the file.
 */
export async function openForeignDataset(storage: Storage, options: ForeignOptions): Promise<Dataset> {
  // Loaded here, as little else needs a reader for all of Parquet.
  const { readForeignDataset } = await import('./read-foreign-dataset.js');
  return readForeignDataset(storage, options);
}
