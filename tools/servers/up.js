// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cachePath } from './cache.js';
import { endOfLog } from './commands.js';
import { inParallel } from './in-parallel.js';
import { ensureInstalled } from './install.js';
import { locked } from './lock.js';
import { isAlive, stopRun } from './processes.js';
import { DATA_PREFIX, endRun, readState, removeData, shownUrl, writeState } from './state.js';

const PATIENCE_MS = 300_000;
const CORES = 2;

/** @typedef {{ say: (text: string) => void, signal: AbortSignal }} Progress */

/**
 * Brings servers up, a few at the same time, and tells on the console how that goes.
 * @param {readonly import('./kinds/server.js').Server[]} servers
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>} the names of those that are not up
 */
export async function bringAllUp(servers, signal) {
  /** @type {string[]} */
  const missing = [];
  await inParallel(servers, CORES, async ({ name, ...server }) => {
    try {
      await bringUp({ name, ...server }, { say: (text) => console.log(`${name}: ${text}`), signal });
    } catch (error) {
      console.error(`${name}: FAILED. ${/** @type {Error} */ (error).message}`);
      missing.push(name);
    }
  });
  return missing;
}

/**
 * Installs and starts a server unless it runs; resolves when it has answered.
 * @param {import('./kinds/server.js').Server} server
 * @param {Progress} progress
 * @returns {Promise<import('./state.js').ServerState>}
 */
async function bringUp(server, progress) {
  const work = async () => {
    const running = readState(server.name);
    if (running?.ready && isAlive(running)) {
      progress.say(`runs already: ${shownUrl(running.storeUrl)}`);
      return running;
    }
    if (running !== undefined) await endRun(running);
    const home = await ensureInstalled(server.installation, progress);
    return start(server, home, progress);
  };
  return locked(server.name, work, (pid) => progress.say(`waits for process ${pid}, which works on it`));
}

/**
 * @param {import('./kinds/server.js').Server} server
 * @param {string} home
 * @param {Progress} progress
 */
async function start(server, home, { say, signal }) {
  const begin = performance.now();
  const log = cachePath('logs', `${server.name}.log`);
  await rm(log, { force: true });
  const data = await mkdtemp(`${DATA_PREFIX}${server.name}-`);
  /** @type {import('./state.js').ServerState | undefined} */
  let state;
  try {
    signal.throwIfAborted();
    say(`starting ${server.version}`);
    const {
      launched,
      ready,
      stopSignal = 'SIGTERM',
      ...started
    } = await server.start({ home, data, log, signal, say });
    const { name, version } = server;
    state = { name, version, ready: false, ...launched, stopSignal, ...started, data, log };
    writeState(state);
    await untilReady(ready, state, signal);
    const readyAfterMs = Math.round(performance.now() - begin);
    state = { ...state, ready: true, readyAfterMs };
    writeState(state);
    say(`ready after ${(readyAfterMs / 1000).toFixed(1)} s: ${shownUrl(state.storeUrl)} (pid ${state.pid})`);
    return state;
  } catch (error) {
    if (state === undefined) {
      await stopRun(undefined, data, 'SIGTERM');
      await removeData(data);
    } else await endRun(state);
    signal.throwIfAborted();
    throw new Error(`${/** @type {Error} */ (error).message} The end of ${log}:\n${endOfLog(log)}`, { cause: error });
  }
}

/**
 * @param {() => Promise<boolean>} ready
 * @param {import('./processes.js').ProcessIdentity} identity
 * @param {AbortSignal} signal
 */
async function untilReady(ready, identity, signal) {
  const end = performance.now() + PATIENCE_MS;
  while (!(await ready())) {
    signal.throwIfAborted();
    if (!isAlive(identity)) throw new Error('It ended before it was ready.');
    if (performance.now() > end) throw new Error(`It was not ready after ${PATIENCE_MS / 1000} s.`);
    await delay(250, undefined, { signal });
  }
}
