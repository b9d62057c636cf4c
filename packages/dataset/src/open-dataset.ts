import { parseJson, VecportError, type VectorBatch, type VectorId } from '@vecport/abstractions';
import type { Storage, StorageOptions } from '@vecport/storage';
import { checkManifest } from './check-manifest.js';
import { readText } from './files.js';
import type { OtherLayout } from './layouts/layout.js';
import type { Manifest, ManifestCollection, PartEntry } from './manifest.js';
import { MANIFEST_PATH, PLAN_PATH } from './paths.js';
import { type ReadPartOptions, readPart } from './read-part.js';
import { withVecportErrors } from './storage-errors.js';
import { readTombstones, type TombstoneOptions } from './tombstones.js';

/** Which rows of a collection are read, and how. */
export interface ReadOptions extends ReadPartOptions {
  /** Only those of this tenant; of all tenants if not said. */
  readonly tenant?: string | undefined;
}

/** A complete dataset, open for reading. There is nothing to close. */
export interface Dataset {
  readonly manifest: Manifest;
  readonly storage: Storage;
  /** The dataset and the increments this one is put together from, the oldest first; absent where it is one. */
  readonly layers?: readonly Dataset[] | undefined;
  /** Whose layout its files have, where they have no manifest of ours: it was read whole when it was opened. */
  readonly foreign?: OtherLayout | undefined;
  /**
   * The entry of a collection; of the only one if no name is said.
   * @throws VecportError `not-found`, `invalid-argument` when there are several to choose from.
   */
  collection(name?: string): ManifestCollection;
  /** See `readPart`. */
  readPart(part: PartEntry, options?: ReadPartOptions): AsyncIterable<VectorBatch>;
  /** The rows of a collection, part by part in the manifest's order; errors as of `readPart`. */
  read(collection: ManifestCollection, options?: ReadOptions): AsyncIterable<VectorBatch>;
  /** Ids that its increments say are gone, and that no later one brings back. Errors as of `readPart`. */
  removed(collection: ManifestCollection, options?: TombstoneOptions): AsyncIterable<readonly VectorId[]>;
}

/**
 * Open the dataset whose folder a storage is. Reads the manifest and no part.
 * @throws VecportError `not-found` where there is no dataset, `incomplete` where an export was not
 * completed, `not-supported` when a newer version wrote it, `corrupt-data` when the manifest is
 * damaged or points outside of the dataset.
 */
export async function openDataset(storage: Storage, options?: StorageOptions): Promise<Dataset> {
  const text = await readText(storage, MANIFEST_PATH, options);
  if (text === undefined) throw await whyNoManifest(storage, options);
  const manifest = checkManifest(parseManifest(text, storage));
  return {
    manifest,
    storage,
    collection: (name) => collectionOf(manifest, name),
    readPart: (part, partOptions) => readPart(storage, part, partOptions),
    read: (collection, readOptions) => readParts(storage, collection, readOptions),
    removed: (collection, tombstoneOptions) => readTombstones({ storage }, collection, tombstoneOptions),
  };
}

async function* readParts(
  storage: Storage,
  collection: ManifestCollection,
  options: ReadOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  for (const part of collection.parts) {
    if (options.tenant !== undefined && part.tenant !== options.tenant) continue;
    yield* readPart(storage, part, options);
  }
}

function parseManifest(text: string, storage: Storage): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new VecportError('corrupt-data', `${MANIFEST_PATH} in ${storage.url} is not JSON.`, {
      cause,
      advice: 'Copy the dataset again from where it came.',
    });
  }
}

async function whyNoManifest(storage: Storage, options: StorageOptions | undefined): Promise<VecportError> {
  const plan = await withVecportErrors(storage).head(PLAN_PATH, options);
  return plan === undefined
    ? new VecportError('not-found', `There is no dataset in ${storage.url}: it has no ${MANIFEST_PATH}.`, {
        advice: 'Name the folder that holds the manifest.',
      })
    : new VecportError('incomplete', `The export in ${storage.url} was not completed.`, {
        advice: 'Complete it with the same export command and --resume.',
      });
}

/** The entry of a collection; see `Dataset.collection`. */
export function collectionOf(manifest: Manifest, name: string | undefined): ManifestCollection {
  const { collections } = manifest;
  const names = collections.map((collection) => `'${collection.name}'`).join(', ');
  if (name === undefined && collections.length > 1) {
    throw new VecportError('invalid-argument', `The dataset has several collections: ${names}.`, {
      advice: 'Name one of them.',
    });
  }
  const found = name === undefined ? collections[0] : collections.find((collection) => collection.name === name);
  if (found !== undefined) return found;
  throw new VecportError('not-found', `The dataset has no collection '${name}'.`, { advice: `It has: ${names}.` });
}
