// @ts-check
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakFile, CHECKS } from './checks.js';
import { fetchTools } from './fetch-tools.js';

/*
 * `npm run check:deploy`: lints the Dockerfile, the Compose file and the Helm chart of `deploy`, which is rendered and
 * compared with the schemas of Kubernetes and KEDA. Then each check gets a copy with a mistake in it, and must find it.
 * The tools come from package registries the first time; that takes Python and Go.
 */

/**
 * Mistakes, and the check that has to find each.
 * @type {readonly { check: string, file: string, from: string, to: string }[]}
 */
const MISTAKES = [
  { check: 'hadolint', file: 'Dockerfile', from: 'USER 1000:1000', to: 'USER 1000:1000\nRUN cd /tmp' },
  { check: 'hadolint', file: 'Dockerfile', from: 'ENTRYPOINT [', to: 'ENTRYPOINTS [' },
  { check: 'Compose specification', file: 'compose.yaml', from: 'restart: unless-stopped', to: 'restarts: always' },
  { check: 'docker compose config', file: 'compose.yaml', from: '- exports:/exports', to: '- exporst:/exports' },
  {
    check: 'docker compose config',
    file: 'compose.yaml',
    from: 'depends_on:\n      redis:',
    to: 'depends_on:\n      rediss:',
  },
  { check: 'helm lint', file: 'helm/vecport/values.yaml', from: 'concurrency: 2', to: 'concurrency: many' },
  {
    check: 'schemas of Kubernetes',
    file: 'helm/vecport/values.yaml',
    from: 'drainSeconds: 120',
    to: 'drainSeconds: 200',
  },
  { check: 'helm lint', file: 'helm/vecport/templates/service.yaml', from: '{{- end }}', to: '' },
  {
    check: 'schemas of Kubernetes',
    file: 'helm/vecport/templates/worker-deployment.yaml',
    from: 'livenessProbe:',
    to: 'livenesProbe:',
  },
  {
    check: 'schemas of Kubernetes',
    file: 'helm/vecport/templates/worker-disruption-budget.yaml',
    from: 'apiVersion: policy/v1',
    to: 'apiVersion: policy/v1beta1',
  },
  {
    check: 'schemas of KEDA',
    file: 'helm/vecport/templates/worker-scaling.yaml',
    from: 'maxReplicaCount: {{ .maxReplicas }}',
    to: 'maxReplicaCount: {{ .maxReplicas | quote }}',
  },
];

const deploy = join(import.meta.dirname, '../../deploy');
const tools = fetchTools();
let failed = 0;
for (const check of CHECKS) {
  const said = await withCopy(async (folder) => problemOf(check, folder));
  report(said === undefined, check.name, said);
}
for (const mistake of MISTAKES) {
  const check = CHECKS.find(({ name }) => name.includes(mistake.check));
  if (check === undefined) throw new Error(`There is no check '${mistake.check}'.`);
  const said = await withCopy(async (folder) => {
    breakFile(folder, mistake);
    return problemOf(check, folder);
  });
  const shown = (mistake.to.trim() === '' ? `no ${mistake.from}` : mistake.to).split('\n').at(-1)?.trim();
  report(said !== undefined, `${check.name}: finds '${shown}'`, 'The mistake was not found.');
}
console.log(failed === 0 ? 'The files of deploy are right.' : `${failed} checks failed.`);
if (failed > 0) process.exitCode = 1;

/** @param {boolean} good @param {string} name @param {string | undefined} problem */
function report(good, name, problem) {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name}`);
  if (good) return;
  failed++;
  console.log(problem);
}

/**
 * @param {import('./checks.js').Check} check
 * @param {string} folder
 * @returns {Promise<string | undefined>} what is wrong
 */
async function problemOf(check, folder) {
  try {
    await check.run(folder, tools);
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/**
 * @template T
 * @param {(folder: string) => Promise<T>} use gets a copy of `deploy` that it may change
 */
async function withCopy(use) {
  const folder = mkdtempSync(join(tmpdir(), 'vecport-deploy-'));
  try {
    cpSync(deploy, folder, { recursive: true });
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
