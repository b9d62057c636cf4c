// @ts-check
import { eventually } from '@vecport/testkit';
import { startVecport } from './start-vecport.js';

/**
 * Workers that are there until they are killed, each with a place that a new one takes.
 * @typedef {object} Workers
 * @property {() => Promise<void>} ready resolves when all that were started have said that they are ready
 * @property {(at: number) => Promise<void>} replace kill the worker at a place with SIGKILL, and start another one
 * @property {() => Promise<void>} stop with SIGTERM; after some seconds with SIGKILL
 * @property {() => string} said what those that are there now have printed
 */

/** What workers of these runs are started with: short waits, as the runs are short. */
const IMPATIENT = ['--takeover', '3s', '--drain', '5s', '--patience', '60s'];
const STOP_MS = 15_000;
const READY_MS = 120_000;

/**
 * @param {string} cluster
 * @param {number} number
 * @param {readonly string[]} flags
 */
export function workerArgs(cluster, number, flags = IMPATIENT) {
  return ['worker', '--cluster', cluster, '--concurrency', '2', '--name', `worker-${number}`, ...flags];
}

/** @param {import('./start-vecport.js').Child} child */
function asWorker(child) {
  return { ...child, said: () => child.stdout() + child.stderr() };
}

/**
 * @param {{ cluster: string, count: number, env?: Readonly<Record<string, string>>, flags?: readonly string[] }} options
 * @returns {Workers}
 */
export function startWorkers({ cluster, count, env, flags = IMPATIENT }) {
  let started = 0;
  const start = () => asWorker(startVecport(workerArgs(cluster, ++started, flags), env));
  const places = Array.from({ length: count }, start);
  return {
    ready: async () => {
      await Promise.all(places.map(untilReady));
    },
    replace: async (at) => {
      const child = places[at];
      if (child === undefined) throw new Error(`There is no worker at ${at}.`);
      child.kill('SIGKILL');
      await child.exit;
      places[at] = start();
    },
    stop: async () => {
      await Promise.all(places.map(stopChild));
    },
    said: () => places.map((child) => child.said()).join(''),
  };
}

/**
 * Wait until a worker says that it is ready.
 * @param {{ said(): string, exit: Promise<unknown> }} worker
 */
export async function untilReady({ said, exit }) {
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  await eventually(
    'the worker is ready',
    () => {
      if (ended) throw new Error(`The worker ended before it was ready:\n${said()}`);
      return said().includes('is ready');
    },
    { timeout: READY_MS, interval: 100 },
  );
}

/** Ask a process to end, and make it. @param {{ kill(signal: NodeJS.Signals): void, exit: Promise<unknown> }} child */
export async function stopChild(child) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await child.exit;
  clearTimeout(timer);
}
