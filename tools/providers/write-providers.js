// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { providersPage } from './providers-page.js';

/*
 * node write-providers.js RESULTS           writes docs/providers.md
 * node write-providers.js RESULTS --check   fails when the page is not what the results say
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean' } } });
const [folder] = positionals;
if (folder === undefined) throw new Error('Name the folder with the results of the conformance suite.');
const root = join(import.meta.dirname, '../..');
const path = join(root, 'docs/providers.md');
const page = `${providersPage(root, folder).trimEnd()}\n`;
if (values.check !== true) writeFileSync(path, page);
else if (readFileSync(path, 'utf8') === page) console.log('docs/providers.md is what the conformance suite found.');
else {
  const [found, expected] = [readFileSync(path, 'utf8').split('\n'), page.split('\n')];
  const at = expected.findIndex((line, i) => line !== found[i]);
  console.error(`docs/providers.md is out of date, first in line ${at + 1}:\n- ${found[at]}\n+ ${expected[at]}`);
  console.error('Write it again with `npm run providers`.');
  process.exitCode = 1;
}
