import { cp, glob, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Move what Weaviate's own export left, by its id, out of the server's folder of data. @throws Error when it is not there. */
export async function collectExport(data: string, id: string, folder: string): Promise<void> {
  for await (const name of glob(`{exports,backups}/**/${id}`, { cwd: data })) {
    await cp(join(data, name), join(folder, id), { recursive: true });
    await rm(join(data, name), { recursive: true });
    return;
  }
  throw new Error(`Weaviate left no export '${id}' in ${data}.`);
}
