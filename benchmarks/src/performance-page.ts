import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measured } from './measure.js';
import { renderTable } from './render-table.js';

/** A benchmark that was run: what is kept under `results`. */
export interface Result {
  readonly name: string;
  /** What was compared, one sentence. */
  readonly about: string;
  readonly measuredAt: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly measured: readonly Measured[];
}

const HEAD = `# Performance

Written by \`npm run bench -- --keep\`: no figure here is typed by hand. Each alternative runs in a process of its own, in turn,
several rounds; the figures are medians. Ratios compare with the first line of a table and are what to look at: rates
depend on the machine and on what else runs on it. CPU is user and system time of all threads, the peak is the
process's own largest resident memory.
`;

/** Write the page from all results in a folder. */
export async function writePerformancePage(results: string, page: string): Promise<void> {
  const names = (await readdir(results)).filter((name) => name.endsWith('.json')).toSorted();
  const all = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(results, name), 'utf8')) as Result),
  );
  await writeFile(page, [HEAD, ...all.map(section)].join('\n'));
}

function section({ name, about, measuredAt, command, machine, measured }: Result): string {
  const where = Object.entries(machine)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  return `## ${name}

${about}

\`\`\`
${renderTable(measured)}
\`\`\`

\`${command}\`, ${measured[0]?.samples.length ?? 0} rounds, ${measuredAt.slice(0, 10)}; ${where}
`;
}
