// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, cachePath } from './cache.js';
import { endOfLog, run } from './commands.js';
import { locked } from './lock.js';

/**
 * Something to be installed: a folder of the cache that is there only when it is complete.
 * @typedef {object} Installation
 * @property {string} folder
 * @property {string} from where it comes from, for the progress line
 * @property {(target: string, step: Step) => Promise<void>} build fills the target, an empty folder
 */

/** Runs a command of an installation, its output going to the log.
 * @typedef {(command: string, args: readonly string[], options?: { env?: Record<string, string>, cwd?: string }) => Promise<void>} Step */

/**
 * The folder of an installation, which is made when it is not there.
 * @param {Installation} installation
 * @param {{ say: (text: string) => void, signal?: AbortSignal | undefined }} options
 * @returns {Promise<string>}
 */
export async function ensureInstalled({ folder, from, build }, { say, signal }) {
  const final = join(cacheFolder(), folder);
  if (existsSync(final)) return final;
  const work = async () => {
    if (existsSync(final)) return final;
    say(`installing ${folder} from ${from}`);
    const log = cachePath('logs', `install-${folder}.log`);
    const target = `${final}.incomplete`;
    await rm(log, { force: true });
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    try {
      await build(target, async (command, args, options) => run(command, args, { ...options, log, signal }));
    } catch (error) {
      await rm(target, { recursive: true, force: true });
      signal?.throwIfAborted();
      throw new Error(`${folder} was not installed. ${/** @type {Error} */ (error).message}\n${endOfLog(log)}`, {
        cause: error,
      });
    }
    await rename(target, final);
    return final;
  };
  return locked(`install-${folder}`, work, (pid) => say(`waits for process ${pid}, which installs ${folder}`));
}

/**
 * A program compiled from a Go module.
 * @param {string} folder
 * @param {string} program `module@version`
 * @returns {Installation}
 */
export function goInstallation(folder, program) {
  return {
    folder,
    from: 'the Go module proxy (compiles for a while)',
    async build(target, step) {
      await step('go', ['install', '-p', '2', '-ldflags', '-s -w', program], { env: { GOBIN: target } });
    },
  };
}

/**
 * A Python environment with the given packages. Its scripts name the folder it was made in: run modules, not scripts.
 * @param {string} folder
 * @param {readonly string[]} packages
 * @param {(target: string, step: Step) => Promise<void>} [finish]
 * @returns {Installation}
 */
export function pythonInstallation(folder, packages, finish) {
  return {
    folder,
    from: `PyPI (${packages.join(', ')})`,
    async build(target, step) {
      await step('python3', ['-m', 'venv', target]);
      const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar=off', ...packages];
      await step(join(target, 'bin', 'python'), pip);
      await finish?.(target, step);
    },
  };
}

/**
 * A folder among the packages of a Python environment.
 * @param {string} environment
 * @param {string} path
 */
export function pythonPackage(environment, path) {
  const lib = join(environment, 'lib');
  const found = readdirSync(lib)
    .map((python) => join(lib, python, 'site-packages', path))
    .find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`${environment} has no ${path}. Remove it, so that it is installed anew.`);
  return found;
}
