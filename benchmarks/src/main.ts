import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportLancedb } from './export-lancedb.js';
import { type Alternative, type Measured, measure } from './measure.js';
import { renderTable } from './render-table.js';

/*
 * `npm run bench -- [names] [--rounds N]`: runs benchmarks, prints their medians with ratios to the first alternative,
 * and keeps all samples under benchmarks/results.
 */
const BENCHMARKS: Readonly<Record<string, () => Promise<readonly Alternative[]>>> = {
  'export-lancedb-200k': async () => exportLancedb(200_000),
  'export-lancedb-1m': async () => exportLancedb(1_000_000),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
for (const name of names) {
  const prepare = BENCHMARKS[name];
  if (prepare === undefined)
    throw new Error(`There is no benchmark '${name}', but: ${Object.keys(BENCHMARKS).join(', ')}.`);
  const measured = await measure(await prepare(), Number(values.rounds));
  console.log(`\n${name} (medians of ${values.rounds} rounds)\n${renderTable(measured)}`);
  await keep(name, measured);
}

async function keep(name: string, measured: readonly Measured[]): Promise<void> {
  const folder = join(import.meta.dirname, '../results');
  await mkdir(folder, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  const result = {
    name,
    measuredAt: new Date().toISOString(),
    command: `npm run bench -- ${name} --rounds ${values.rounds}`,
    machine,
    measured,
  };
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
