import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exportLancedb } from './export-lancedb.js';
import { type Alternative, measure } from './measure.js';
import { type Result, writePerformancePage } from './performance-page.js';
import { renderTable } from './render-table.js';

/*
 * `npm run bench -- [names] [--rounds N] [--keep]`: runs benchmarks and prints their medians with ratios to the first
 * alternative. With --keep all samples go to benchmarks/results, from which docs/performance.md is written.
 */
interface Benchmark {
  readonly about: string;
  prepare(): Promise<readonly Alternative[]>;
}

const LANCEDB =
  'LanceDB to a Parquet dataset (zstd 1, byte-stream-split, digests, one part after the other synced to disk)';
const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  'export-lancedb-200k': {
    about: `${LANCEDB}, 200,000 points of 384 dimensions, beside reading LanceDB alone.`,
    prepare: async () => exportLancedb(200_000),
  },
  'export-lancedb-1m': {
    about: `${LANCEDB}, 1,000,000 points of 384 dimensions: the same as above, to see what grows.`,
    prepare: async () => exportLancedb(1_000_000),
  },
};

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, keep: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail(`--rounds must be a whole number from 1, not '${values.rounds}'.`);
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
for (const name of names) {
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined) fail(`There is no benchmark '${name}', but: ${Object.keys(BENCHMARKS).join(', ')}.`);
  const measured = await measure(await benchmark.prepare(), rounds);
  console.log(`\n${name} (medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'})\n${renderTable(measured)}`);
  if (values.keep) await keep({ name, about: benchmark.about, measured });
}

async function keep(result: Pick<Result, 'name' | 'about' | 'measured'>): Promise<void> {
  const folder = join(root, 'benchmarks/results');
  await mkdir(folder, { recursive: true });
  const kept: Result = {
    ...result,
    measuredAt: new Date().toISOString(),
    command: `npm run bench -- ${result.name} --rounds ${rounds} --keep`,
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      'memory (GiB)': Math.round(totalmem() / 2 ** 30),
      Node: process.version,
    },
  };
  await writeFile(join(folder, `${result.name}.json`), `${JSON.stringify(kept, null, 2)}\n`);
  await writePerformancePage(folder, join(root, 'docs/performance.md'));
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(2);
}
