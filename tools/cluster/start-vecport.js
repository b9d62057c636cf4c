// @ts-check
import { join } from 'node:path';
import { spawnNode } from '@vecport/testkit';
import { rememberToEnd } from './leftovers.js';

/** The command `vecport` as it was built. */
export const VECPORT = join(import.meta.dirname, '../../packages/cli/dist/main.js');

/** @typedef {import('@vecport/testkit').NodeChild} Child */

/**
 * Start `vecport` in a process of its own, without settings of the one that is running this.
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env] beside what every process needs
 */
export function startVecport(args, env = {}) {
  const child = spawnNode(VECPORT, args, { env: environment(env) });
  void child.exit.finally(rememberToEnd(() => child.kill('SIGKILL')));
  return child;
}

/** @param {Readonly<Record<string, string>>} env */
export function environment(env) {
  return { PATH: process.env['PATH'], LANCEDB_LOG: 'error', ...env };
}

/**
 * Run `vecport --json` to its end.
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env]
 * @returns {Promise<Record<string, unknown>>} what it prints
 * @throws Error with its output when it does not end well
 */
export async function runVecport(args, env) {
  const { code, stdout, stderr } = await startVecport([...args, '--json'], env).exit;
  if (code !== 0) throw new Error(`vecport ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}
