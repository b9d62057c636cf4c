import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();

/**
 * A new empty folder below the system's temporary folder. It stays until {@link removeTempFolders},
 * which `describeConformance` calls when it is done: other tests call it in `afterAll`.
 */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vecport-test-'));
  made.add(folder);
  return folder;
}

/** Remove every folder made by {@link tempFolder} in this process, with all that is in it. */
export async function removeTempFolders(): Promise<void> {
  const folders = [...made];
  made.clear();
  await Promise.all(folders.map(async (folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
}
