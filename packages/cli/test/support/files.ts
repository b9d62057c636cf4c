import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths of all files below a folder, relative to it and in order; of none when there is no such folder. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => path.slice(folder.length + 1)).toSorted();
}

/** Paths of the visible parts of a dataset. */
export async function partsIn(dataset: string): Promise<readonly string[]> {
  return (await filesIn(dataset)).filter((path) => /\/part-[^/.]+\.parquet$/.test(path));
}

/** SHA-256 of every visible part of a dataset, by path. */
export async function partHashes(dataset: string): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {};
  for (const path of await partsIn(dataset)) {
    hashes[path] = createHash('sha256')
      .update(await readFile(join(dataset, path)))
      .digest('hex');
  }
  return hashes;
}
