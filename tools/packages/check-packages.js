import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/*
 * Packs every publishable package as it would be published, lints the tarballs with publint and attw, installs them
 * into an empty project without this repository's node_modules and imports each one there.
 */
const root = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = /pnpm@\S+/.exec(scripts.bootstrap)[0];
const work = mkdtempSync(join(tmpdir(), 'vecport-packages-'));

try {
  const tarballs = publishable().map(pack);
  for (const { file } of tarballs) lint(file);
  importAll(tarballs);
  if (process.exitCode === undefined) console.log(`${tarballs.length} packages pack, lint, install and import.`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function publishable() {
  return globSync('packages/*/package.json', { cwd: root })
    .map((path) => ({ folder: join(root, dirname(path)), ...JSON.parse(readFileSync(join(root, path), 'utf8')) }))
    .filter((manifest) => manifest.private !== true);
}

function pack({ folder, name, version }) {
  const file = join(work, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  run('npx', ['--yes', pnpm, 'pack', '--out', file], folder);
  return { name, file };
}

function lint(file) {
  run('publint', ['--strict', file], root);
  run('attw', ['--profile', 'esm-only', '--no-emoji', '--no-color', file], root);
}

/** With pnpm, as its strict node_modules shows undeclared dependencies, and with this repository's own settings. */
function importAll(tarballs) {
  const project = join(work, 'project');
  mkdirSync(project);
  const settings = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').replace(/^packages:\n( .*\n)+/m, '');
  const overrides = `overrides:\n${tarballs.map(({ name, file }) => `  '${name}': file:${file}\n`).join('')}`;
  const [before, after = ''] = settings.split(/^overrides:\n/m);
  writeFileSync(join(project, 'pnpm-workspace.yaml'), `${before}\n${overrides}${after}`);
  const dependencies = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  writeFileSync(join(project, 'main.js'), tarballs.map(({ name }) => `await import('${name}');\n`).join(''));
  run('npx', ['--yes', pnpm, 'install', '--prefer-offline', '--no-frozen-lockfile'], project);
  run('node', ['main.js'], project);
}

/** Runs a command; shows its output only if it fails, and goes on, so that one run reports everything. */
function run(command, args, cwd) {
  try {
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    process.exitCode = 1;
    console.error(`${command} ${args.map((arg) => basename(arg)).join(' ')} failed:\n${error.stdout}${error.stderr}`);
  }
}
