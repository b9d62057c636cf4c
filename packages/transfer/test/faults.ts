import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExportOptions, IVectorSearchRepository } from '@vecport/abstractions';

/** The same repository, whose full reads throw what `fault` gives for the number of pages read so far, if anything. */
export function faulty(
  repository: IVectorSearchRepository,
  fault: (pages: number, options: ExportOptions) => Error | undefined,
): IVectorSearchRepository {
  let pages = 0;
  return {
    ...repository,
    exportAll: async function* (options = {}) {
      for await (const batch of repository.exportAll?.(options) ?? []) {
        const error = fault(pages, options);
        if (error !== undefined) throw error;
        pages++;
        yield batch;
      }
    },
  };
}

/** The same repository, whose full reads break for good after so many pages. */
export function cutAfter(repository: IVectorSearchRepository, pages: number): IVectorSearchRepository {
  return faulty(repository, (read) => (read >= pages ? new Error('cut') : undefined));
}

/** Name and SHA-256 of every part below a folder, in order. */
export async function partHashes(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.parquet')).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      return `${name} ${createHash('sha256').update(bytes).digest('hex')}`;
    }),
  );
}
