// @ts-check
import { spawnNode } from '@vecport/testkit';

/**
 * Start `vecport` in a process of its own, without settings of the one that is running this.
 * @param {readonly string[]} command options for node, then the script; arguments are added
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [env] beside what every process needs
 */
export function startVecport(command, args, env = {}) {
  const nodeArgs = command.slice(0, -1);
  return spawnNode(command.at(-1) ?? '', args, { nodeArgs, env: { PATH: process.env['PATH'], ...env } });
}
