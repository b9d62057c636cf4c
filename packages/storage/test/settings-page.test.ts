import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { type ObjectScheme, STORAGE_SETTINGS } from '@vecport/storage';

const BEGIN = '<!-- settings: checked against STORAGE_SETTINGS by a test of packages/storage -->\n';
const END = '<!-- end of settings -->';

/** One table for each scheme, and one for what several have. */
function tables(): string {
  const groups = new Map<string, string[]>();
  for (const { schemes, name, inUrl, variables, secret, meaning } of STORAGE_SETTINGS) {
    const title = titleOf(schemes);
    const rows = groups.get(title) ?? [];
    const where = inUrl ? `\`?${name}=\`` : secret ? 'secret' : '';
    rows.push(`| ${name} | ${where} | ${variables.map((variable) => `\`${variable}\``).join(', ')} | ${meaning} |`);
    groups.set(title, rows);
  }
  const head = '| setting | in the URL | in the environment | |\n| --- | --- | --- | --- |';
  return [...groups].map(([title, rows]) => `\n### ${title}\n\n${head}\n${rows.join('\n')}\n`).join('');
}

function titleOf(schemes: readonly ObjectScheme[]): string {
  if (schemes.length === 5) return 'All of them';
  return schemes.map((scheme) => `\`${scheme}://\``).join(', ');
}

describe('docs/storage.md', () => {
  it('lists the settings as they are', async () => {
    const page = await readFile(new URL('../../../docs/storage.md', import.meta.url), 'utf8');
    const listed = page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END));
    expect(listed.trim()).toBe(tables().trim());
  });
});
