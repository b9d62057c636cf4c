import { createHash } from 'node:crypto';
import { VecportError, type VectorBatch } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import type { Manifest, ManifestCollection, PartEntry } from '../../manifest.js';
import { collectionOf, type Dataset } from '../../open-dataset.js';
import { collectionFolders } from '../../paths.js';
import { withVecportErrors } from '../../storage-errors.js';
import type { OtherLayout } from '../layout.js';
import { type OpenForeignFile, openForeignFile } from './foreign-file.js';
import { findForeignFiles } from './foreign-files.js';
import { collectionEntry, foreignManifest, tenantsOf } from './foreign-manifest.js';
import { type CollectionScan, createCollectionScan } from './foreign-scan.js';
import type { ForeignOptions } from './open-foreign-dataset.js';
import { checkWeaviateCounts, readWeaviateSummary } from './weaviate-summary.js';

/** See `openForeignDataset`. */
export async function readForeignDataset(storage: Storage, options: ForeignOptions): Promise<Dataset> {
  const { layout, collection, signal } = options;
  if (layout === 'native') {
    throw new VecportError('invalid-argument', 'A dataset in the native layout is opened by its manifest.', {
      advice: 'Name the layout the files were written in.',
    });
  }
  const places = await findForeignFiles(storage, { layout, collection }, { signal });
  const summary = layout === 'weaviate' ? await readWeaviateSummary(storage, { signal }) : undefined;
  const files: OpenForeignFile[] = [];
  for (const place of places.files) files.push(await openForeignFile(storage, place, layout, options));
  const collections = await scanAll(storage, files, layout, options);
  if (summary !== undefined) {
    const found = new Map(collections.map(({ name, counts }) => [name, counts.exported]));
    checkWeaviateCounts(summary, found, storage.url);
  }
  const manifest = foreignManifest({ layout, provider: places.provider ?? layout, files, collections, summary });
  return asDataset(storage, manifest, new Map(files.map((file) => [file.place.path, file])), layout);
}

async function scanAll(
  storage: Storage,
  files: readonly OpenForeignFile[],
  layout: OtherLayout,
  options: ForeignOptions,
): Promise<readonly ManifestCollection[]> {
  const byCollection = Map.groupBy(files, ({ collection }) => collection);
  const folders = collectionFolders(byCollection.keys());
  const progress = counting(options.onProgress);
  const collections: ManifestCollection[] = [];
  for (const [name, own] of byCollection) {
    const scan = createCollectionScan(name);
    const parts: PartEntry[] = [];
    const tenants = tenantsOf(name, own, layout);
    for (const file of own) {
      const tenant = tenants === undefined ? undefined : file.tenant;
      parts.push(await scanFile(storage, { ...file, tenant }, parts.length, scan, { ...options, progress }));
    }
    collections.push(
      collectionEntry({ name, path: folders.get(name) ?? '', tenants, parts }, own, scan, options.metric),
    );
  }
  return collections;
}

async function scanFile(
  storage: Storage,
  { place, tenant, read }: OpenForeignFile,
  index: number,
  scan: CollectionScan,
  { signal, progress }: ForeignOptions & { readonly progress: (batch: VectorBatch) => void },
): Promise<PartEntry> {
  const { path, bytes } = place;
  const { digest, minId, maxId } = await scan.file(path, tenant, observed(read({ signal }), progress));
  const sum = createHash('sha256');
  for await (const chunk of withVecportErrors(storage).stream(path, { signal })) sum.update(chunk);
  return { path, tenant, slice: 0, index, rows: digest.count, bytes, sha256: sum.digest('hex'), minId, maxId, digest };
}

async function* observed(
  batches: AsyncIterable<VectorBatch>,
  observe: (batch: VectorBatch) => void,
): AsyncGenerator<VectorBatch, void, undefined> {
  for await (const batch of batches) {
    observe(batch);
    yield batch;
  }
}

function counting(onProgress: ForeignOptions['onProgress']): (batch: VectorBatch) => void {
  let rows = 0;
  return ({ ids }) => {
    rows += ids.length;
    onProgress?.(rows);
  };
}

function asDataset(
  storage: Storage,
  manifest: Manifest,
  files: ReadonlyMap<string, OpenForeignFile>,
  foreign: OtherLayout,
): Dataset {
  const readPart: Dataset['readPart'] = ({ path }, options) => {
    const file = files.get(path);
    if (file === undefined) throw new VecportError('invalid-argument', `The dataset has no file '${path}'.`);
    return file.read(options);
  };
  return {
    manifest,
    storage,
    foreign,
    collection: (name) => collectionOf(manifest, name),
    readPart,
    read: async function* readParts({ parts }, options = {}) {
      for (const part of parts) {
        if (options.tenant === undefined || part.tenant === options.tenant) yield* readPart(part, options);
      }
    },
    removed: async function* none() {},
  };
}
