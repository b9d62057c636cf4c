// @ts-check
import { readdir, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { launchServer } from '../launch.js';
import { freePort } from '../ports.js';

/** The programs, and the libraries that a bare machine lacks. */
const PACKAGES = [
  'redis-server',
  'redis-tools',
  'libatomic1',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'lua-bitop',
  'lua-cjson',
];

/**
 * Redis of the Debian release this machine has, taken out of its packages: nothing is installed into the system.
 * @param {string} name
 * @param {string} version of the Debian release it is tested on; another release brings another one
 * @returns {import('./server.js').Server}
 */
export function redisServer(name, version) {
  return {
    name,
    version,
    weight: 1,
    installation: { folder: `redis-${version}`, from: "Debian's packages", build: unpackRedis },
    start: startRedis,
  };
}

/**
 * @param {string} target
 * @param {import('../install.js').Step} step
 */
async function unpackRedis(target, step) {
  const download = async () => step('apt-get', ['download', ...PACKAGES], { cwd: target });
  // Lists of packages that are old name versions that are gone.
  await download().catch(async () => {
    await step('apt-get', ['update']);
    await download();
  });
  const packages = (await readdir(target)).filter((file) => file.endsWith('.deb'));
  for (const file of packages) {
    await step('dpkg', ['-x', join(target, file), target]);
    await rm(join(target, file));
  }
}

/**
 * @param {import('./server.js').Run} run
 * @returns {Promise<import('./server.js').Started>}
 */
async function startRedis({ home, data, log }) {
  const port = await freePort();
  const libraries = join(home, 'usr/lib');
  const folders = (await readdir(libraries)).map((name) => join(libraries, name));
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', data, '--appendonly', 'yes', '--save', ''];
  const launched = await launchServer({
    command: join(home, 'usr/bin/redis-server'),
    args: settings,
    env: { LD_LIBRARY_PATH: folders.join(':') },
    data,
    log,
  });
  const url = `redis://127.0.0.1:${port}`;
  return { launched, url, storeUrl: url, ports: { redis: port }, ready: async () => isAlive(port) };
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
async function isAlive(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (answer) => {
      resolve(answer.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
