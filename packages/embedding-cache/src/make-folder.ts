import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Make a folder and those above it that are missing; it is no error when it is there. Not `mkdir`
 * with `recursive`, which never returns where the system denies that an existing parent exists (in
 * `/proc`).
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isMade(path)) return;
  await makeFolder(dirname(path));
  // Another process may have been faster.
  if (!(await isMade(path))) await mkdir(path);
}

/** False when its parent is missing. */
async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}
