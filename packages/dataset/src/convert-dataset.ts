import { VecportError } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { completeDataset } from './complete-dataset.js';
import { isSameDigest } from './digest.js';
import { writeJson } from './files.js';
import type { Increment, Manifest, ManifestCollection, PartEntry } from './manifest.js';
import type { Dataset } from './open-dataset.js';
import { openPart } from './open-part.js';
import type { PartSchema } from './part-codec.js';
import type { PartEncoding } from './part-encoding.js';
import { extensionOf } from './part-encoding.js';
import { extensionAtEnd, isPartPath, MANIFEST_PATH } from './paths.js';
import { readPart } from './read-part.js';
import { withVecportErrors } from './storage-errors.js';
import { dataPaths } from './tombstones.js';

/** Into what a dataset is converted, and to where. */
export interface ConvertOptions {
  readonly encoding: PartEncoding;
  /** An empty folder; if not said, the dataset is converted where it lies. */
  readonly storage?: Storage | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told every part that was written. */
  readonly onPart?: ((part: PartEntry) => void) | undefined;
}

/**
 * The same dataset with its parts in another encoding, one for one: same records, same digests, which are compared. Memory:
 * what a reader and a writer of one part take.
 *
 * Where it lies, new parts are written beside the old ones, then the manifest is replaced, then the old parts are removed: it
 * is complete at every moment, and a conversion that was interrupted is completed by another one.
 * @throws VecportError `already-exists` when the other folder holds a dataset, `invalid-argument` when the encoding needs
 * the same names as the parts have, `not-supported` for a dataset in another layout or put together from increments,
 * `corrupt-data` when a part is not what the manifest says; the dataset is as it was then.
 */
export async function convertDataset(dataset: Dataset, options: ConvertOptions): Promise<Manifest> {
  const { encoding, signal } = options;
  signal?.throwIfAborted();
  checkConvertible(dataset, options);
  const target = withVecportErrors(options.storage ?? dataset.storage);
  const collections: ManifestCollection[] = [];
  for (const collection of dataset.manifest.collections)
    collections.push(await convertCollection(dataset, collection, target, options));
  const manifest: Manifest = { ...dataset.manifest, encoding, collections };
  if (options.storage !== undefined) {
    await completeDataset(target, manifest, { signal });
    return manifest;
  }
  await writeJson(target, MANIFEST_PATH, manifest, { signal });
  const kept = new Set(dataPaths(manifest));
  for (const path of dataPaths(dataset.manifest)) if (!kept.has(path)) await target.delete(path);
  return manifest;
}

function checkConvertible({ manifest, layers, storage }: Dataset, { encoding, storage: other }: ConvertOptions): void {
  if (layers !== undefined || manifest.layout !== 'native') {
    throw new VecportError('not-supported', `The dataset '${manifest.id}' cannot be converted as it is.`, {
      advice:
        layers === undefined
          ? `Its parts are files in the layout ${manifest.layout}; import it and export it again.`
          : 'Convert the dataset and each of its increments.',
    });
  }
  if (other !== undefined) return;
  const extension = extensionOf(encoding);
  const same = dataPaths(manifest).find((path) => extensionAtEnd(path) === extension);
  if (same === undefined) return;
  throw new VecportError('invalid-argument', `${same} in ${storage.url} would be written over while it is read.`, {
    advice: 'Convert it into another folder.',
  });
}

async function convertCollection(
  dataset: Dataset,
  collection: ManifestCollection,
  target: Storage,
  options: ConvertOptions,
): Promise<ManifestCollection> {
  const { vectors } = collection.description;
  const schema: PartSchema = {
    vectors: Object.fromEntries(
      Object.entries(vectors).map(([name, { kind, dimension }]) => [name, { kind, dimension }]),
    ),
    createdAt: false,
    updatedAt: false,
  };
  const convert = async (part: PartEntry): Promise<PartEntry> => convertPart(dataset, part, schema, target, options);
  const increments = async (increment: Increment | undefined): Promise<Increment | undefined> =>
    increment?.tombstones === undefined ? increment : { ...increment, tombstones: await convert(increment.tombstones) };
  const parts: PartEntry[] = [];
  for (const part of collection.parts) parts.push(await convert(part));
  const tenants: NonNullable<ManifestCollection['tenants']>[number][] = [];
  for (const tenant of collection.tenants ?? [])
    tenants.push({ ...tenant, increment: await increments(tenant.increment) });
  return {
    ...collection,
    parts,
    increment: await increments(collection.increment),
    tenants: collection.tenants && tenants,
  };
}

async function convertPart(
  { storage }: Dataset,
  part: PartEntry,
  description: PartSchema,
  target: Storage,
  { encoding, signal, onPart }: ConvertOptions,
): Promise<PartEntry> {
  const path = withExtension(part.path, encoding);
  const isPart = isPartPath(path);
  let written: Awaited<ReturnType<typeof openPart>> | undefined;
  const { tenant, slice, index } = part;
  const open = async (times: Pick<PartSchema, 'createdAt' | 'updatedAt'>) =>
    openPart(target, {
      collection: '',
      tenant,
      slice,
      index,
      path,
      schema: { vectors: isPart ? description.vectors : {}, ...times },
      encoding,
      signal,
    });
  try {
    for await (const batch of readPart(storage, part, { signal })) {
      written ??= await open({ createdAt: batch.createdAt !== undefined, updatedAt: batch.updatedAt !== undefined });
      await written.write(batch);
    }
    written ??= await open({ createdAt: false, updatedAt: false });
    const entry = await written.commit();
    if (!isSameDigest(entry.digest, part.digest)) {
      await target.delete(path);
      throw new VecportError('corrupt-data', `The part ${part.path} holds other records than the manifest says.`, {
        advice: 'Get the file again from where it was written, or export again.',
      });
    }
    onPart?.(entry);
    return entry;
  } catch (error) {
    await written?.abort();
    throw error;
  }
}

function withExtension(path: string, encoding: PartEncoding): string {
  const old = extensionAtEnd(path);
  return `${old === undefined ? path : path.slice(0, -old.length - 1)}.${extensionOf(encoding)}`;
}
