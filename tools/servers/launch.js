// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MARK, startTime } from './processes.js';

/** The system user for servers that refuse to be root; made when it is missing. */
const SERVICE_USER = 'vecport-servers';

/**
 * What a server is started with.
 * @typedef {object} Launch
 * @property {string} command
 * @property {readonly string[]} args
 * @property {Record<string, string>} [env]
 * @property {string} data
 * @property {string} log
 * @property {{ uid: number, gid: number } | undefined} [user]
 */

/**
 * A started server: the leader of a process group of its own, which outlives this process.
 * @typedef {object} Launched
 * @property {number} pid
 * @property {string} startTime
 * @property {string[]} [enter] a command that runs the command after it where the server's own ports are
 */

/**
 * @param {Launch} launch
 * @returns {Promise<Launched>}
 */
export async function launchServer({ command, args, env, data, log, user }) {
  const out = openSync(log, 'a');
  const child = spawn(command, args, {
    ...user,
    cwd: data,
    detached: true,
    env: { ...process.env, ...env, [MARK]: data },
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const launched = await identify(child);
  child.unref();
  return launched;
}

/** The user that servers run as which refuse root: `undefined` (the caller) unless the caller is root. */
export function serviceUser() {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (/** @type {string} */ flag) =>
    Number(execFileSync('id', [flag, SERVICE_USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      SERVICE_USER,
    ]);
    return { uid: idOf('-u'), gid: idOf('-g') };
  }
}

/**
 * Gives a folder and all that is in it to a user.
 * @param {string} folder
 * @param {{ uid: number, gid: number } | undefined} user
 */
export function giveTo(folder, user) {
  if (user === undefined) return;
  chownSync(folder, user.uid, user.gid);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath, entry.name), user.uid, user.gid);
  }
}

/**
 * Which process was started.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<Launched>}
 */
export async function identify(child) {
  await once(child, 'spawn');
  const pid = /** @type {number} */ (child.pid);
  return { pid, startTime: startTime(pid) ?? 'ended' };
}
