// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/**
 * Runs a command to its end, its output appended to a log.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ log: string, signal?: AbortSignal | undefined, env?: Record<string, string> | undefined, cwd?: string | undefined, uid?: number | undefined, gid?: number | undefined }} options
 */
export async function run(command, args, { log, signal, env, ...where }) {
  const out = openSync(log, 'a');
  try {
    await new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        ...where,
        signal,
        env: { ...process.env, ...env },
        stdio: ['ignore', out, out],
      });
      child.once('error', reject);
      child.once('close', (code, killed) => {
        if (code === 0) resolve(undefined);
        else reject(new Error(`${command} ended with ${killed ?? `exit code ${code}`}.`));
      });
    });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT')
      throw new Error(`${command} is not installed.`, { cause: error });
    throw error;
  } finally {
    closeSync(out);
  }
}

/**
 * The last lines of a log, indented; empty when there is no log.
 * @param {string} path
 * @param {number} [lines]
 */
export function endOfLog(path, lines = 30) {
  try {
    const all = readFileSync(path, 'utf8').trimEnd().split('\n');
    return all
      .slice(-lines)
      .map((line) => `    ${line}`)
      .join('\n');
  } catch {
    return '';
  }
}
