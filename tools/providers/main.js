// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * Runs the conformance suite over every provider, on real servers where there are any, and writes docs/providers.md from
 * what it found. Servers that do not run are started, and run on.
 */
const root = join(import.meta.dirname, '../..');
const results = mkdtempSync(join(tmpdir(), 'vecport-conformance-'));

try {
  npm('servers', 'up');
  npm('jest', 'packages/adapter-.*/test/conformance');
  npm('jest', '-c', 'jest.servers.config.js', 'packages/adapter-.*/test/conformance');
  execFileSync(process.execPath, [join(import.meta.dirname, 'write-providers.js'), results], { stdio: 'inherit' });
} finally {
  rmSync(results, { recursive: true, force: true });
}

/** @param {string} script @param {string[]} args */
function npm(script, ...args) {
  const env = { ...process.env, VECPORT_CONFORMANCE_RESULTS: results };
  execFileSync('npm', ['run', '-s', script, '--', ...args], { cwd: root, env, stdio: 'inherit' });
}
