import { selectRows, VecportError, type VectorBatch, type VectorId } from '@vecport/abstractions';
import type { StorageOptions } from '@vecport/storage';
import { createIdTable, type IdTable } from './id-table.js';
import type { Manifest, ManifestCollection, ManifestTenant, PartEntry } from './manifest.js';
import { collectionOf, type Dataset, type ReadOptions } from './open-dataset.js';
import type { ReadPartOptions } from './read-part.js';
import { readTombstones, type TombstoneOptions } from './tombstones.js';
import { wholeDigest, wholeOf } from './whole-digest.js';

/**
 * A dataset and its increments, the oldest first, as the one dataset they stand for: read from it, a point is there
 * once, in its newest state, and what is gone is not. Its manifest is the last one's, with counts and digests of all
 * points; `rows` and `bytes` of its parts are those of the files, and their paths begin with the number of the layer.
 * The ids of all increments are read, and 23 to 46 bytes kept of each.
 *
 * That the points are those the last manifest vouches for is not checked here: `validateDataset` does.
 * @throws VecportError `invalid-argument` when one is not an increment to the one before it, naming both.
 */
export async function openDatasetChain(datasets: readonly Dataset[], options: StorageOptions = {}): Promise<Dataset> {
  const layers = datasets.flatMap((dataset) => dataset.layers ?? [dataset]);
  const last = layers.at(-1);
  if (last === undefined) throw new VecportError('invalid-argument', 'There is no dataset.');
  checkParents(layers);
  if (layers.length === 1) return last;
  const views = new Map<string, CollectionView>();
  for (const { name } of last.manifest.collections) views.set(name, await viewOf(layers, name, options));
  const parts = new Map([...views.values()].flatMap((view) => view.parts.map((part) => [part.entry.path, part])));
  const manifest = mergedManifest(last.manifest, views);
  const dataset: Dataset = {
    manifest,
    storage: last.storage,
    layers,
    collection: (name) => collectionOf(manifest, name),
    readPart: (part, partOptions) => readVisible(parts.get(part.path), part, partOptions),
    read: (collection, readOptions) => readParts(dataset, collection, readOptions),
    removed: (collection, tombstoneOptions) => removedFrom(layers, views, collection, tombstoneOptions),
  };
  return dataset;
}

/** For each tenant (`''` without tenants), the newest layer in which an id is written or gone. */
type Newest = ReadonlyMap<string, IdTable>;

/** A part of a layer, of which some rows are of no more use. */
interface VisiblePart {
  /** As the merged manifest names it. */
  readonly entry: PartEntry;
  /** As its layer does. */
  readonly own: PartEntry;
  readonly layer: Dataset;
  readonly at: number;
  readonly newest: IdTable;
}

interface CollectionView {
  readonly newest: Newest;
  readonly parts: readonly VisiblePart[];
}

function checkParents(layers: readonly Dataset[]): void {
  layers.forEach(({ manifest }, at) => {
    const { id, parent } = manifest;
    const before = layers[at - 1]?.manifest;
    if (parent === undefined && before === undefined) return;
    if (parent === undefined) throw refused(`The dataset '${id}' is no increment to '${before?.id}'.`);
    if (before === undefined) {
      throw refused(`The dataset '${id}' is an increment to '${parent.id}', which is not given.`, parent.id);
    }
    if (parent.id !== before.id) {
      throw refused(`The dataset '${id}' is an increment to '${parent.id}', not to '${before.id}'.`, parent.id);
    }
    if (parent.digest !== wholeDigest(before).content) {
      throw refused(`The dataset '${before.id}' is not the one '${id}' was made against: its digest is another.`);
    }
  });
}

function refused(reason: string, missing?: string): VecportError {
  return new VecportError('invalid-argument', reason, {
    advice:
      missing === undefined
        ? 'Give a complete dataset and its increments, the oldest first.'
        : `Give '${missing}' before it; a dataset that lies beside it is found by its name.`,
  });
}

async function viewOf(layers: readonly Dataset[], name: string, options: StorageOptions): Promise<CollectionView> {
  const entries = layers.map(({ manifest }) => manifest.collections.find((collection) => collection.name === name));
  const newest = new Map<string, IdTable>();
  const parts: VisiblePart[] = [];
  for (const [at, layer] of layers.entries()) {
    const entry = entries[at];
    if (entry === undefined) continue;
    for (const tenant of tenantsOf(entry)) {
      // A layer that does not name a tenant ends it: what was before is gone with it.
      if (!entries.slice(at).every((later) => later !== undefined && tenantsOf(later).includes(tenant))) continue;
      const table = ensure(newest, tenant ?? '');
      for (const own of partsOf(entry, tenant))
        parts.push({ entry: { ...own, path: `${at}/${own.path}` }, own, layer, at, newest: table });
      if (at > 0) await note(table, at, layer, entry, { ...options, tenant });
    }
  }
  return { newest, parts };
}

async function note(
  table: IdTable,
  layer: number,
  dataset: Dataset,
  entry: ManifestCollection,
  options: ReadOptions,
): Promise<void> {
  for await (const { ids } of dataset.read(entry, { ...options, columns: 'ids' })) {
    for (const id of ids) table.put(id, 0, layer);
  }
  for await (const ids of readTombstones(dataset, entry, options)) for (const id of ids) table.put(id, 0, layer);
}

async function* readVisible(
  visible: VisiblePart | undefined,
  { path }: PartEntry,
  options: ReadPartOptions | undefined,
): AsyncGenerator<VectorBatch, void, undefined> {
  if (visible === undefined) throw new VecportError('invalid-argument', `The dataset has no part '${path}'.`);
  const { layer, own, at, newest } = visible;
  for await (const batch of layer.readPart(own, options)) {
    const rows = batch.ids.flatMap((id, row) => (newestLayer(newest, id) > at ? [] : row));
    yield rows.length === batch.ids.length ? batch : selectRows(batch, rows);
  }
}

async function* readParts(
  dataset: Dataset,
  { parts }: ManifestCollection,
  options: ReadOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  for (const part of parts) {
    if (options.tenant === undefined || part.tenant === options.tenant) yield* dataset.readPart(part, options);
  }
}

async function* removedFrom(
  layers: readonly Dataset[],
  views: ReadonlyMap<string, CollectionView>,
  { name }: ManifestCollection,
  options: TombstoneOptions = {},
): AsyncGenerator<readonly VectorId[], void, undefined> {
  const newest = views.get(name)?.newest;
  for (const [at, layer] of layers.entries()) {
    const entry = layer.manifest.collections.find((collection) => collection.name === name);
    for (const tenant of entry === undefined ? [] : tenantsOf(entry)) {
      if (entry === undefined || (options.tenant !== undefined && options.tenant !== tenant)) continue;
      for await (const ids of readTombstones(layer, entry, { ...options, tenant })) {
        yield ids.filter((id) => newestLayer(newest?.get(tenant ?? ''), id) === at);
      }
    }
  }
}

function newestLayer(table: IdTable | undefined, id: VectorId): number {
  const place = table?.find(id) ?? -1;
  return table === undefined || place < 0 ? 0 : table.low(place);
}

function mergedManifest(last: Manifest, views: ReadonlyMap<string, CollectionView>): Manifest {
  return {
    ...last,
    parent: undefined,
    collections: last.collections.map((collection) => ({
      ...asWhole(collection),
      tenants: collection.tenants?.map(asWhole),
      parts: views.get(collection.name)?.parts.map(({ entry }) => entry) ?? [],
    })),
  };
}

function asWhole<T extends ManifestCollection | ManifestTenant>(entry: T): T {
  const digest = wholeOf(entry);
  return { ...entry, counts: { ...entry.counts, exported: digest.count }, digest, increment: undefined };
}

function tenantsOf({ tenants }: ManifestCollection): readonly (string | undefined)[] {
  return tenants?.map(({ name }) => name) ?? [undefined];
}

function partsOf({ parts }: ManifestCollection, tenant: string | undefined): readonly PartEntry[] {
  return parts.filter((part) => part.tenant === tenant);
}

function ensure(tables: Map<string, IdTable>, tenant: string): IdTable {
  const known = tables.get(tenant);
  if (known !== undefined) return known;
  const made = createIdTable();
  tables.set(tenant, made);
  return made;
}
