// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from './launch.js';
import { listenOnLoopback } from './ports.js';
import { MARK } from './processes.js';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ port: number, innerPort: number, server: import('node:net').Server }} Passage */

/**
 * Starts a server that would listen on every interface in a network of its own, which has only loopback, and hands its
 * ports through to 127.0.0.1 here. The sockets that listen here are made here and given to the process inside, so that
 * one process alone stands between a client and the server.
 * @template {string} Name
 * @param {import('./launch.js').Launch} launch
 * @param {Record<Name, number>} innerPorts
 * @returns {Promise<{ launched: import('./launch.js').Launched, ports: Record<Name, number>, innerPorts: Record<Name, number> }>}
 */
export async function launchIsolated(launch, innerPorts) {
  const passages = await openPassages(innerPorts);
  try {
    const asRoot = process.getuid?.() === 0;
    const child = enterNetwork(launch, asRoot ? ['--net'] : ['--map-root-user', '--net']);
    const launched = await identify(child);
    await Promise.race([failure(child), handOver(child, Object.values(passages), launch)]);
    child.removeAllListeners();
    child.disconnect();
    child.unref();
    const flags = asRoot ? ['--net'] : ['--user', '--net', '--preserve-credentials'];
    const enter = ['nsenter', ...flags, '--target', String(launched.pid)];
    return { launched: { ...launched, enter }, ports: mapValues(passages, ({ port }) => port), innerPorts };
  } finally {
    for (const { server } of Object.values(passages)) server.close();
  }
}

/**
 * @template {string} Name
 * @param {Record<Name, number>} innerPorts
 * @returns {Promise<Record<Name, Passage>>}
 */
async function openPassages(innerPorts) {
  const entries = /** @type {[Name, number][]} */ (Object.entries(innerPorts)).map(async ([name, innerPort]) => {
    const server = await listenOnLoopback();
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return /** @type {const} */ ([name, { port, innerPort, server }]);
  });
  return /** @type {Record<Name, Passage>} */ (Object.fromEntries(await Promise.all(entries)));
}

/**
 * @param {import('./launch.js').Launch} launch
 * @param {readonly string[]} namespaces
 */
function enterNetwork({ env, data, log }, namespaces) {
  const out = openSync(log, 'a');
  const inside = [process.execPath, join(import.meta.dirname, 'inside-network.js')];
  const child = spawn('unshare', [...namespaces, '--', ...inside], {
    cwd: data,
    detached: true,
    env: { ...process.env, ...env, [MARK]: data },
    stdio: ['ignore', out, out, 'ipc'],
  });
  closeSync(out);
  return child;
}

/**
 * @param {ChildProcess} child
 * @param {readonly Passage[]} passages
 * @param {import('./launch.js').Launch} launch
 */
async function handOver(child, passages, { command, args }) {
  const send = async (/** @type {object} */ message, /** @type {import('node:net').Server | undefined} */ handle) =>
    new Promise((resolve, reject) => {
      child.send(message, handle, (error) => (error ? reject(error) : resolve(undefined)));
    });
  for (const { innerPort, server } of passages) await send({ innerPort }, server);
  await send({ command, args }, undefined);
  await once(child, 'message');
}

/**
 * @param {ChildProcess} child
 * @returns {Promise<never>}
 */
async function failure(child) {
  await once(child, 'exit');
  throw new Error(
    'It needs a network of its own, as it would listen on all interfaces of this one, and none could be made. ' +
      'That takes root, or a kernel that lets users make namespaces, and the commands unshare and ip.',
  );
}

/**
 * @template {string} Name
 * @template From, To
 * @param {Record<Name, From>} record
 * @param {(value: From) => To} map
 * @returns {Record<Name, To>}
 */
function mapValues(record, map) {
  const entries = /** @type {[Name, From][]} */ (Object.entries(record)).map(([name, value]) => [name, map(value)]);
  return /** @type {Record<Name, To>} */ (Object.fromEntries(entries));
}
