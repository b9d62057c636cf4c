// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { rememberToEnd } from './leftovers.js';
import { createLink } from './link.js';
import { environment, VECPORT } from './start-vecport.js';

/** @typedef {import('./link.js').Link} Link */

/**
 * A worker behind a link.
 * @typedef {object} FarWorker
 * @property {Link} link
 * @property {() => string} said
 * @property {(signal: NodeJS.Signals) => void} kill
 * @property {Promise<unknown>} exit
 */

/** Whether this machine lets us make networks. */
export function canMakeNetworks() {
  const { status } = spawnSync('unshare', [...namespaces(), '--', 'ip', 'link', 'set', 'lo', 'up'], {
    stdio: 'ignore',
  });
  return status === 0;
}

function namespaces() {
  return process.getuid?.() === 0 ? ['--net'] : ['--map-root-user', '--net'];
}

/**
 * Ports of this machine's loopback behind a link, for processes in this network.
 * @param {Link} link
 * @param {number} target
 * @returns {Promise<{ port: number, close: () => void }>} another port, through which the target is reached
 */
export async function openPassage(link, target) {
  const server = createServer({ allowHalfOpen: true }, (socket) => link.carry(socket, target)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { port, close: () => void server.close() };
}

/**
 * A worker in a network of its own that has loopback alone. At these ports there it reaches the same ports here, over
 * a slow link.
 * @param {{ args: readonly string[], env: Readonly<Record<string, string>>, ports: readonly number[], shape: Parameters<typeof createLink>[0] }} options
 * @returns {FarWorker}
 */
export function startFarWorker({ args, env, ports, shape }) {
  const link = createLink(shape);
  const inside = [process.execPath, join(import.meta.dirname, 'inside-network.js')];
  const child = spawn('unshare', [...namespaces(), '--', ...inside], {
    env: environment(env),
    // A group of its own: a kill takes the command along.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.on('message', (message, handle) => {
    const { port } = /** @type {{ port: number }} */ (message);
    const server = /** @type {import('node:net').Server} */ (handle);
    Object.assign(server, { allowHalfOpen: true });
    server.on('connection', (socket) => link.carry(socket, port));
    void exit.then(() => server.close());
  });
  child.send({ ports, command: process.execPath, args: [VECPORT, ...args] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const exit = once(child, 'exit').then(() => link.close());
  const kill = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal === 'SIGKILL' && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  void exit.finally(rememberToEnd(() => kill('SIGKILL')));
  return { link, said: () => said, kill, exit };
}
