// @ts-check
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SERVERS } from './catalog.js';

/**
 * Which files are run, with which servers, and which are not.
 * @typedef {object} TestPlan
 * @property {string[]} files
 * @property {string[]} servers
 * @property {string[]} skipped sentences
 */

/**
 * A file of tests needs the servers whose names stand as literals in it or in what it imports from its own folder.
 * One that asks `testedServers` which of them it shall use is run for those that were asked; any other one needs all.
 * One that names none is always run.
 * @param {string} root of the repository
 * @param {readonly string[]} asked names; none means all
 * @returns {TestPlan}
 */
export function planTests(root, asked) {
  const names = SERVERS.map(({ name }) => name);
  const files = globSync('{packages,samples,tools}/*/test/**/*.server.test.ts', { cwd: root }).sort();
  if (asked.length === 0) return { files, servers: names, skipped: [] };
  const servers = new Set(asked);
  /** @type {string[]} */
  const chosen = [];
  /** @type {string[]} */
  const skipped = [];
  for (const file of files) {
    const text = textOf(join(root, file));
    const needed = names.filter((name) => text.includes(`'${name}'`));
    if (needed.length === 0 || needed.some((name) => asked.includes(name))) {
      chosen.push(file);
      if (!text.includes('testedServers(')) for (const name of needed) servers.add(name);
    } else skipped.push(`${file}: needs ${needed.join(' or ')}`);
  }
  const left = names.filter((name) => !servers.has(name)).map((name) => `${name}: not asked for`);
  return { files: chosen, servers: names.filter((name) => servers.has(name)), skipped: [...left, ...skipped] };
}

/**
 * A test with the files of its folder that it imports.
 * @param {string} path
 * @param {Set<string>} [seen]
 * @returns {string}
 */
function textOf(path, seen = new Set()) {
  if (seen.has(path) || !existsSync(path)) return '';
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  const imported = [...text.matchAll(/from '(\.[^']*)\.js'/g)].map(([, to = '']) => join(dirname(path), `${to}.ts`));
  return [text, ...imported.map((to) => textOf(to, seen))].join('\n');
}
