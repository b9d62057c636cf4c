import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Make a folder and those above it that are missing; it is no error when it is there. Not `mkdir` with
 * `recursive`, which never returns where the system denies that an existing parent exists (in `/proc`).
 */
export async function makeFolder(path: string): Promise<void> {
  const missing = await tryMake(path);
  if (!missing) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}

/** Whether it could not be made because its parent is missing. */
async function tryMake(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT' && dirname(path) !== path) return true;
    throw error;
  }
}
