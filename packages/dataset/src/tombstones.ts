import type { VectorId } from '@vecport/abstractions';
import type { Manifest, ManifestCollection, PartEntry } from './manifest.js';
import type { Dataset } from './open-dataset.js';
import { readPart } from './read-part.js';

/** Which tombstones are read. */
export interface TombstoneOptions {
  /** Only those of this tenant; of all tenants if not said. */
  readonly tenant?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Files of ids that are gone, of a collection of an increment. */
export function tombstoneParts({ increment, tenants = [] }: ManifestCollection, tenant?: string): readonly PartEntry[] {
  const own = tenants.filter(({ name }) => tenant === undefined || name === tenant);
  return [increment, ...own.map((entry) => entry.increment)].flatMap((entry) => entry?.tombstones ?? []);
}

/** The paths of all files of points that a manifest names. */
export function dataPaths({ collections }: Pick<Manifest, 'collections'>): readonly string[] {
  return collections.flatMap((collection) =>
    [...collection.parts, ...tombstoneParts(collection)].map(({ path }) => path),
  );
}

/** The ids that an increment says are gone; none for any other dataset. Errors as of `readPart`. */
export async function* readTombstones(
  { storage }: Pick<Dataset, 'storage'>,
  collection: ManifestCollection,
  { tenant, signal }: TombstoneOptions = {},
): AsyncGenerator<readonly VectorId[], void, undefined> {
  for (const part of tombstoneParts(collection, tenant)) {
    for await (const { ids } of readPart(storage, part, { columns: 'ids', signal })) yield ids;
  }
}
