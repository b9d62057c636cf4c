// @ts-check
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pickServers } from '../servers/catalog.js';
import { ensureInstalled } from '../servers/install.js';
import { launchServer, serviceUser } from '../servers/launch.js';
import { stopRun } from '../servers/processes.js';
import { DATA_PREFIX, removeData } from '../servers/state.js';
import { rememberToEnd } from './leftovers.js';

/**
 * A server that nobody else uses, and that may be killed.
 * @typedef {object} OwnServer
 * @property {string} url as its own clients take it
 * @property {string} storeUrl as Vecport takes it
 * @property {Readonly<Record<string, string>>} env variables that open it
 * @property {number} port
 * @property {() => Promise<void>} kill with SIGKILL; resolves when it is gone
 * @property {(options?: { empty?: boolean }) => Promise<void>} restart on the same port with what is on disk, or with
 * nothing; resolves when it answers
 * @property {() => Promise<void>} close ends it and removes its data
 */

/** Redis and PostgreSQL keep queues, s3 keeps datasets. @typedef {'redis' | 'pgvector' | 's3'} ServerName */

const PATIENCE_MS = 60_000;

/**
 * A server of the catalog of `npm run servers`, in a process of its own.
 * @param {ServerName} name
 * @returns {Promise<OwnServer>}
 */
export async function startOwnServer(name) {
  const [server] = pickServers([name]);
  if (server === undefined) throw new Error(`There is no server ${name}.`);
  const say = (/** @type {string} */ text) => console.log(`${name}: ${text}`);
  const signal = new AbortController().signal;
  const home = await ensureInstalled(server.installation, { say, signal });
  const data = await mkdtemp(`${DATA_PREFIX}cluster-`);
  const log = `${data}.log`;
  let running;
  try {
    running = await server.start({ home, data, log, signal, say });
    await untilReady(running.ready);
  } catch (error) {
    await stopRun(running?.launched, data, 'SIGKILL');
    await removeData(data);
    throw error;
  }
  const { launched, ready, ports, url, storeUrl, extra = {} } = running;
  const port = Object.values(ports)[0] ?? 0;
  const again = { ...startAgain(name, { home, data, port, pid: launched.pid }), data, log };
  let process = launched;
  const close = async () => {
    await stopRun(process, data, 'SIGKILL');
    await removeData(data);
    await rm(log, { force: true });
    forget();
  };
  const forget = rememberToEnd(close);
  return {
    ...{ url, storeUrl, port, env: extra },
    kill: async () => stopRun(process, data, 'SIGKILL'),
    restart: async ({ empty = false } = {}) => {
      if (empty) for (const file of await readdir(data)) await rm(join(data, file), { recursive: true });
      process = await launchServer(again);
      await untilReady(ready);
    },
    close,
  };
}

/**
 * What starts a server again, on its port and its data.
 * @param {ServerName} name
 * @param {{ home: string, data: string, port: number, pid: number }} running
 */
function startAgain(name, { home, data, port, pid }) {
  if (name === 'redis') return redisAgain(home, data, port);
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  const [command = '', ...args] = words;
  return { command, args, env: { HOME: data }, user: name === 'pgvector' ? serviceUser() : undefined };
}

/** Redis writes its title over its command line. @param {string} home @param {string} data @param {number} port */
function redisAgain(home, data, port) {
  const libraries = globSync(join(home, 'usr/lib/*')).join(':');
  const keep = ['--dir', data, '--appendonly', 'yes', '--save', ''];
  return {
    command: join(home, 'usr/bin/redis-server'),
    args: ['--bind', '127.0.0.1', '--port', String(port), ...keep],
    env: { LD_LIBRARY_PATH: libraries },
    user: undefined,
  };
}

/** @param {() => Promise<boolean>} ready */
async function untilReady(ready) {
  const end = performance.now() + PATIENCE_MS;
  while (!(await ready())) {
    if (performance.now() > end) throw new Error(`It was not ready after ${PATIENCE_MS / 1000} s.`);
    await delay(50);
  }
}

/**
 * A bucket of a server `s3`.
 * @param {OwnServer} server
 * @param {number} [port] another one through which it is reached
 */
export function bucketIn({ storeUrl, port: own, env }, port = own) {
  const [place = '', query = ''] = storeUrl.split('?');
  return { url: `${place.replace(/\/$/, '')}/chaos?${query.replace(String(own), String(port))}`, env };
}
