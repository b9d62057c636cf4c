import { parseJson, stringifyJson } from '@vecport/abstractions';
import {
  type DatasetProblem,
  type Manifest,
  openDataset,
  type PartEntry,
  readPart,
  validateDataset,
} from '@vecport/dataset';
import type { MemoryStorage } from './memory-storage.js';

/** The parts of a sample of two batches. */
export const FIRST = 'collections/things/_/part-000-00000.parquet';
export const SECOND = 'collections/things/_/part-000-00001.parquet';

export function contentOf(storage: MemoryStorage, path: string): Buffer {
  const content = storage.files.get(path);
  if (content === undefined) throw new Error(`There is no ${path}.`);
  return content;
}

/** What is wrong with the dataset in a storage. */
export async function problemsOf(storage: MemoryStorage): Promise<readonly DatasetProblem[]> {
  return (await validateDataset(await openDataset(storage))).problems;
}

/** Read the first part that the manifest names. */
export async function readFirst(storage: MemoryStorage): Promise<void> {
  const [part] = (await openDataset(storage)).collection().parts;
  if (part === undefined) throw new Error('no part');
  for await (const _batch of readPart(storage, part));
}

/** Put something else in the place of the manifest. */
export function edit(storage: MemoryStorage, change: (manifest: Manifest) => unknown): void {
  const manifest = parseJson(String(contentOf(storage, 'manifest.json'))) as unknown as Manifest;
  storage.files.set('manifest.json', Buffer.from(stringifyJson(change(manifest))));
}

/** Change what the manifest says of a part, the first if not said. */
export function editPart(storage: MemoryStorage, more: Partial<PartEntry>, path = FIRST): void {
  edit(storage, (manifest) => ({
    ...manifest,
    collections: manifest.collections.map((collection) => ({
      ...collection,
      parts: collection.parts.map((part) => (part.path === path ? { ...part, ...more } : part)),
    })),
  }));
}
