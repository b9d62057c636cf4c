import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openClusterScaling } from './cluster/cluster-scaling.js';
import { openDashboard } from './dashboard/dashboard.js';
import { ELASTIC_IMPORTS, openElasticImport } from './elastic/import-elastic.js';
import { exportLancedb } from './export-lancedb.js';
import { missesGoal } from './goals.js';
import { type Alternative, type Measured, measure } from './measure.js';
import { largeExports, memoryCurve, removeMemoryDatasets } from './memory.js';
import { openParquetFiles, PARQUET_SHAPES } from './parquet-files.js';
import { type Result, writePerformancePage } from './performance-page.js';
import { openProvider } from './providers/provider-benchmark.js';
import { targetNames } from './providers/targets.js';
import { renderTable } from './render-table.js';
import { openServiceLoad } from './service/service-load.js';
import { openStrategies, STRATEGY_SHAPES } from './strategies.js';
import { openExportWire, WIRE_VARIANTS } from './wire/export-wire.js';
import { IMPORT_DIMENSIONS, openImportWire } from './wire/import-wire.js';
import type { SelfTime } from './wire/thread-profiles.js';

/*
 * `npm run bench -- [names] [--rounds N] [--keep]`: runs benchmarks and prints their medians with ratios to the first
 * alternative. With --keep all samples go to benchmarks/results, from which docs/performance.md is written.
 * `npm run bench -- providers [names of servers]` measures exports of these providers, of all that are up if none is
 * named; `export-wire [variants]` and `import-wire` measure against a page server, `import-elastic-9` against a running one. With --profiles FOLDER each process that is measured leaves a profile there, and takes longer.
 */
interface Benchmark {
  readonly name: string;
  /** What is typed to run it. */
  readonly typed: string;
  /** `close` is called after the rounds. */
  open(): Promise<{
    readonly about: string;
    readonly alternatives: readonly Alternative[];
    /** Where the time of one run goes; asked for after the rounds, where a goal is missed. */
    profile?(): Promise<readonly SelfTime[]>;
    /** What the figures tell, in sentences. */
    conclude?(measured: readonly Measured[]): readonly string[];
    close?(): Promise<void>;
  }>;
}

const LANCEDB =
  'LanceDB to a Parquet dataset (zstd 1, byte-stream-split, digests, one part after the other synced to disk)';
const MEMORY =
  'What the largest resident memory does as a collection grows: points of 384 dimensions that are computed when they are ' +
  'read, to a Parquet dataset; that dataset into a store that keeps nothing; and the former into the latter without files; by so many workers.';
const MEMORY_LARGE =
  'Points of 128 dimensions that are computed when they are read, to a Parquet dataset as the command writes it: whether time is linear and memory flat.';
const BENCHMARKS: readonly Benchmark[] = [
  lancedbBenchmark('export-lancedb-200k', 200_000, '200,000 points of 384 dimensions, beside reading LanceDB alone.'),
  lancedbBenchmark(
    'export-lancedb-1m',
    1_000_000,
    '1,000,000 points of 384 dimensions: the same as above, to see what grows.',
  ),
  {
    name: 'memory',
    typed: 'memory',
    open: async () => ({ about: MEMORY, alternatives: memoryCurve(), close: removeMemoryDatasets }),
  },
  {
    name: 'memory-10m',
    typed: 'memory-10m',
    open: async () => ({ about: MEMORY_LARGE, alternatives: largeExports(), close: removeMemoryDatasets }),
  },
  { name: 'dashboard', typed: 'dashboard', open: async () => openDashboard() },
  { name: 'cluster', typed: 'cluster', open: openClusterScaling },
  { name: 'service', typed: 'service', open: async () => openServiceLoad({ profiles: values.profiles }) },
  ...PARQUET_SHAPES.map(
    (shape): Benchmark => ({
      name: `parquet-${shape.dimension}`,
      typed: `parquet-${shape.dimension}`,
      open: async () => openParquetFiles(shape),
    }),
  ),
  ...STRATEGY_SHAPES.map(
    (shape): Benchmark => ({
      name: `strategies-${shape.dimension}`,
      typed: `strategies-${shape.dimension}`,
      open: async () => openStrategies(shape),
    }),
  ),
];

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
    profiles: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail(`--rounds must be a whole number from 1, not '${values.rounds}'.`);
for (const { name, typed, open } of chosen()) {
  const load = loadavg()[0] ?? 0;
  const { about, alternatives, profile: profiled, conclude, close } = await open();
  try {
    const measured = await measure(alternatives, rounds);
    const loads = `${load.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`;
    console.log(
      `\n${name} (medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}; load average ${loads})\n${renderTable(measured)}`,
    );
    const notes = conclude?.(measured) ?? [];
    for (const note of notes) console.log(note);
    const profile = values.keep && missesGoal(name, measured) ? await profiled?.() : undefined;
    if (values.keep) await keep({ name, about, notes, profile, measured }, typed, loads);
  } finally {
    await close?.();
  }
}

function lancedbBenchmark(name: string, rows: number, about: string): Benchmark {
  return {
    name,
    typed: name,
    open: async () => ({ about: `${LANCEDB}, ${about}`, alternatives: await exportLancedb(rows) }),
  };
}

function chosen(): readonly Benchmark[] {
  const [first, ...rest] = positionals;
  if (first === undefined) return BENCHMARKS;
  if (first === 'strategies' || first === 'parquet')
    return BENCHMARKS.filter(({ name }) => name.startsWith(`${first}-`));
  if (first === 'providers') return (rest.length > 0 ? rest : targetNames()).map(providerBenchmark);
  if (first === 'export-wire') return (rest.length > 0 ? rest : Object.keys(WIRE_VARIANTS)).map(wireBenchmark);
  if (first === 'import-wire') return IMPORT_DIMENSIONS.map(importBenchmark);
  if (first === 'import-elastic-9') return ELASTIC_IMPORTS.map(elasticImport);
  return positionals.map((name) => {
    const known = BENCHMARKS.find((benchmark) => benchmark.name === name);
    if (known === undefined)
      fail(
        `There is no benchmark '${name}', but: ${BENCHMARKS.map((one) => one.name).join(', ')}, providers, export-wire, import-wire, import-elastic-9.`,
      );
    return known;
  });
}

function providerBenchmark(name: string): Benchmark {
  return {
    name: `provider-${name}`,
    typed: `providers ${name}`,
    open: async () => openProvider(name, { profiles: values.profiles }),
  };
}

function wireBenchmark(name: string): Benchmark {
  const variant = WIRE_VARIANTS[name];
  if (variant === undefined)
    fail(`export-wire has no variant '${name}', but: ${Object.keys(WIRE_VARIANTS).join(', ')}.`);
  return {
    name: `export-wire-${name}`,
    typed: `export-wire ${name}`,
    open: async () => openExportWire(variant),
  };
}

function importBenchmark(dimension: number): Benchmark {
  return { name: `import-wire-${dimension}`, typed: 'import-wire', open: async () => openImportWire(dimension) };
}

function elasticImport(dimension: number): Benchmark {
  const name = `import-elastic-9-${dimension}`;
  return { name, typed: 'import-elastic-9', open: async () => openElasticImport(dimension) };
}

async function keep(
  result: Pick<Result, 'name' | 'about' | 'notes' | 'profile' | 'measured'>,
  typed: string,
  loads: string,
): Promise<void> {
  const folder = join(root, 'benchmarks/results');
  await mkdir(folder, { recursive: true });
  const kept: Result = {
    ...result,
    measuredAt: new Date().toISOString(),
    command: `npm run bench -- ${typed} --rounds ${rounds} --keep`,
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      'memory (GiB)': Math.round(totalmem() / 2 ** 30),
      Node: process.version,
      'load average': loads,
    },
  };
  await writeFile(join(folder, `${result.name}.json`), `${JSON.stringify(kept, null, 2)}\n`);
  await writePerformancePage(folder, join(root, 'docs/performance.md'));
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(2);
}
