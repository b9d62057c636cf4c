// @ts-check
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder of installed servers, their state and their logs; never inside the repository. */
export function cacheFolder() {
  return process.env['VECPORT_SERVERS_CACHE'] ?? join(homedir(), '.cache', 'vecport', 'servers');
}

/**
 * A file or folder in the cache, below a folder that is made if it is missing.
 * @param {'state' | 'logs' | 'locks' | ''} group
 * @param {string} name
 */
export function cachePath(group, name) {
  const folder = join(cacheFolder(), group);
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}
