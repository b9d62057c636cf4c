// @ts-check
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { cachePath } from './cache.js';
import { stopRun } from './processes.js';

/**
 * One running server, as it stands in `state/NAME.json` of the cache.
 * @typedef {object} ServerState
 * @property {string} name
 * @property {string} version
 * @property {boolean} ready false from the start of its process until its first good answer
 * @property {number} pid leader of its process group
 * @property {string} startTime
 * @property {NodeJS.Signals} stopSignal
 * @property {string} url what its own clients take
 * @property {string} storeUrl what Vecport takes
 * @property {Record<string, number>} ports by what is spoken there
 * @property {string} data a temporary folder
 * @property {string} log
 * @property {string[]} [enter] a command that runs the command after it where the server's own ports are
 * @property {Record<string, number>} [innerPorts] the server's own ports there
 * @property {Record<string, string>} [extra] what else a client has to know: a password, a certificate
 * @property {number} [readyAfterMs]
 */

/** Every data folder begins so; nothing else is ever removed. */
export const DATA_PREFIX = join(tmpdir(), 'vecport-server-');

/**
 * The state of a server, `undefined` when it does not run.
 * @param {string} name
 * @returns {ServerState | undefined}
 */
export function readState(name) {
  try {
    return /** @type {ServerState} */ (JSON.parse(readFileSync(statePath(name), 'utf8')));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {ServerState} state */
export function writeState(state) {
  const path = statePath(state.name);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Names that have a state file, running or not. */
export function stateNames() {
  return readdirSync(cachePath('state', ''))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
}

/**
 * Stops what a state file names, removes its data folder and then the file.
 * @param {ServerState} state
 */
export async function endRun(state) {
  await stopRun(state, state.data, state.stopSignal);
  await removeData(state.data);
  rmSync(statePath(state.name), { force: true });
}

/** @param {string} data */
export async function removeData(data) {
  if (!data.startsWith(DATA_PREFIX) || data.slice(DATA_PREFIX.length).includes(sep))
    throw new Error(`${data} is not a data folder of a server; it was not removed.`);
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * A URL without its password.
 * @param {string} url
 */
export function shownUrl(url) {
  return url.replace(/:[^:@/]+@/, ':***@');
}

/** @param {string} name */
function statePath(name) {
  return cachePath('state', `${name}.json`);
}
