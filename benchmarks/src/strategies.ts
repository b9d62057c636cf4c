import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EncodingOverrides, encodingOf } from '@vecport/dataset';
import { type Alternative, type Measured, taskAlternative } from './measure.js';
import { VECPORT_SETTINGS } from './providers/export-with-vecport.js';
import { type Shape, strategySource } from './strategy-source.js';
import type { StrategyWork } from './strategy-tasks.js';

/** The shapes that are measured. */
export const STRATEGY_SHAPES: readonly Shape[] = [
  { points: 200_000, dimension: 384 },
  { points: 50_000, dimension: 1536 },
];

const STRATEGIES: readonly (readonly [name: string, strategy: string | undefined, overrides?: EncodingOverrides])[] = [
  ['default: Parquet, split, zstd', undefined],
  ['parquet-small', 'parquet-small'],
  ['parquet-med', 'parquet-med'],
  ['parquet-large', 'parquet-large'],
  ['Parquet, plain, zstd', undefined, { vectors: 'plain' }],
  ['Parquet, split, gzip', undefined, { compression: 'gzip' }],
  ['Parquet, plain, snappy', undefined, { compression: 'snappy', vectors: 'plain' }],
  ['Parquet, plain, none', undefined, { compression: 'none', vectors: 'plain' }],
  ['ndjson-gz', 'ndjson-gz'],
  ['ndjson-zst', 'ndjson-zst'],
  ['ndjson, none', 'ndjson-zst', { compression: 'none' }],
];

/** What reading the source and writing it in each encoding takes, beside JSON as a program writes it without thinking. */
export async function openStrategies(shape: Shape) {
  const source = await strategySource(shape);
  const folder = `${source}.out`;
  const task = (name: string, work: Partial<StrategyWork>, kind = 'strategy'): Alternative =>
    taskAlternative(name, kind, JSON.stringify({ source, target: join(folder, 'out'), ...work }), VECPORT_SETTINGS);
  const lines = join(folder, 'lines');
  return {
    about:
      `${shape.points.toLocaleString('en')} points of ${shape.dimension} dimensions by strategy: a dataset in Parquet without ` +
      'compression is read, every record digested, and written in one process and one thread, but for gzip and zstd of NDJSON, which run in a ' +
      'second one. *JSON.stringify* parses the metadata and writes each point as an object with an array of numbers. The last two ' +
      'make Parquet of what `ndjson-gz` wrote, with our reader and with DuckDB.',
    alternatives: [
      ...STRATEGIES.map(([name, strategy, overrides]) => task(name, { encoding: encodingOf(strategy, overrides) })),
      task('JSON.stringify', {}, 'strategy-json'),
      lastOf(
        task('(ndjson-gz)', { target: lines, keep: true, encoding: encodingOf('ndjson-gz') }),
        task('ndjson-gz to Parquet', { source: lines, encoding: encodingOf() }),
      ),
      task('ndjson-gz to Parquet, DuckDB', { source: lines }, 'strategy-duckdb'),
    ],
    conclude: sizes,
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}

/** The second, which needs what the first wrote once. */
function lastOf(first: Alternative, second: Alternative): Alternative {
  let prepared: Promise<unknown> | undefined;
  return {
    name: second.name,
    run: async (round) => {
      prepared ??= first.run(round);
      await prepared;
      return second.run(round);
    },
  };
}

function sizes(measured: readonly Measured[]): readonly string[] {
  const json = measured.find(({ name }) => name === 'JSON.stringify')?.bytes ?? Number.NaN;
  const ratios = measured
    .filter(({ name, bytes }) => bytes !== undefined && name !== 'JSON.stringify')
    .map(({ name, bytes = Number.NaN }) => `${name} ${(bytes / json).toFixed(3)}`);
  return [`Bytes, of those that JSON.stringify writes: ${ratios.join('; ')}.`];
}
