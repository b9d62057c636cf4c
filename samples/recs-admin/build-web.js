// @ts-check
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Builds the dashboard in `web/` into `dist/web/`, unless what is there is newer than all it is made of.
 */
const made = join(import.meta.dirname, 'dist/web/index.html');
const web = join(import.meta.dirname, 'web');

/** @param {string} path */
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const sources = globSync('{index.html,vite.config.ts,src/**/*}', { cwd: web }).map((path) => join(web, path));
if (Math.max(...sources.map(changedAt), changedAt(join(import.meta.dirname, 'package.json'))) > changedAt(made)) {
  const { build } = await import('vite');
  await build({ root: web, configFile: join(web, 'vite.config.ts'), logLevel: 'warn' });
}
