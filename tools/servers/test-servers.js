// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pickServers, WITHOUT_SERVER } from './catalog.js';
import { planTests } from './test-plan.js';
import { bringAllUp } from './up.js';

/*
 * Runs the tests against real servers: of all servers, or of those whose names are given. Starts the servers that do not
 * run and lets them run on. A server that is missing counts as a failure. Ends with the line `N passed, N failed`.
 */
const PATIENCE_MS = 20_000;
const root = join(import.meta.dirname, '..', '..');
const asked = pickServers(process.argv.slice(2));
const plan = planTests(root, process.argv.length > 2 ? asked.map(({ name }) => name) : []);

const aborter = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => aborter.abort(new Error(`Stopped by ${signal}.`)));
const own = plan.servers.filter((name) => process.env[variableOf(name)] === undefined);
const missing = own.length === 0 ? [] : await bringAllUp(pickServers(own), aborter.signal);
aborter.signal.throwIfAborted();

const counts = plan.files.length === 0 ? { passed: 0, failed: 0, skipped: 0 } : await runJest();
for (const line of [...plan.skipped, ...WITHOUT_SERVER]) console.log(`skipped ${line}`);
for (const name of missing) console.log(`failed ${name}: the server did not start, see above`);
const failed = counts.failed + missing.length;
console.log(`\n${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
if (failed > 0) process.exitCode = 1;

/** Which tests fail is printed by jest itself. */
async function runJest() {
  const folder = mkdtempSync(join(tmpdir(), 'vecport-test-servers-'));
  const output = join(folder, 'results.json');
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const options = ['--config=jest.servers.config.js', '--reporters=default', '--json', `--outputFile=${output}`];
  try {
    const child = spawn(process.execPath, [...jest, ...options, '--runTestsByPath', ...plan.files], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, VECPORT_TEST_SERVERS: asked.map(({ name }) => name).join(',') },
    });
    aborter.signal.addEventListener('abort', () => child.kill('SIGKILL'));
    return countsOf(output, await endOf(child, output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The exit code of jest. It does not end while something that a test has left open keeps it: then it is stopped some
 * time after it has told its results, and has failed.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} output
 */
async function endOf(child, output) {
  /** @type {number | undefined} */
  let code;
  child.once('exit', (status) => {
    code = status ?? 1;
  });
  for (let since = Number.POSITIVE_INFINITY; performance.now() - since <= PATIENCE_MS; await delay(200)) {
    if (code !== undefined) return code;
    if (since === Number.POSITIVE_INFINITY && existsSync(output)) since = performance.now();
  }
  console.error('jest did not end: a test or what it tests has left something open. Run its file alone to find it.');
  child.kill('SIGKILL');
  return 1;
}

/**
 * @param {string} output
 * @param {number} code
 */
function countsOf(output, code) {
  try {
    const results = JSON.parse(readFileSync(output, 'utf8'));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    return {
      passed: Number(results.numPassedTests),
      failed: Math.max(failed, code === 0 ? 0 : 1),
      skipped: results.numPendingTests + results.numTodoTests,
    };
  } catch (error) {
    console.error(`jest left no results: ${/** @type {Error} */ (error).message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** @param {string} name */
function variableOf(name) {
  return `VECPORT_TEST_SERVER_${name.toUpperCase().replaceAll(/[-.]/g, '_')}`;
}
