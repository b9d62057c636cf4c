// @ts-check
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { cachePath } from './cache.js';
import { isAlive, startTime } from './processes.js';

/**
 * Does the work while no other process does work of the same name; waits for its turn. The lock of a process that has
 * ended counts for nothing.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} onWait called once, with the process that is waited for
 * @returns {Promise<T>}
 */
export async function locked(name, work, onWait) {
  const path = cachePath('locks', name);
  const mine = JSON.stringify({ pid: process.pid, startTime: startTime(process.pid) });
  for (let waited = false; !take(path, mine); ) {
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (!isAlive(holder)) removeStale(path);
    else {
      if (!waited) onWait(holder.pid);
      waited = true;
      await delay(200);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {string} text
 */
function take(path, text) {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} path
 * @returns {import('./processes.js').ProcessIdentity | undefined} `undefined` when the lock has just gone
 */
function readHolder(path) {
  try {
    const text = readFileSync(path, 'utf8');
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {string} path */
function removeStale(path) {
  // Renamed first: of two processes that both saw the dead holder, only one removes it.
  const grave = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, grave);
  } catch {
    return;
  }
  rmSync(grave, { force: true });
}
