// @ts-check
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

/*
 * Builds the dashboard in `web/` into `dist/web/`, each script beside itself compressed, unless what is there is newer
 * than all it is made of.
 */
const made = join(import.meta.dirname, 'dist/web/index.html');
const web = join(import.meta.dirname, 'web');

/** @param {string} path */
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = globSync('{index.html,vite.config.ts,src/**/*}', { cwd: web }).map((path) => join(web, path));
if (
  Math.max(
    ...sources.map(changedAt),
    ...['package.json', 'build-web.js'].map((name) => changedAt(join(import.meta.dirname, name))),
  ) > changedAt(made)
) {
  const { build } = await import('vite');
  await build({ root: web, configFile: join(web, 'vite.config.ts'), logLevel: 'warn' });
  const assets = join(import.meta.dirname, 'dist/web/assets');
  for (const name of globSync('*.js', { cwd: assets })) {
    writeFileSync(join(assets, `${name}.br`), brotliCompressSync(readFileSync(join(assets, name))));
  }
}
