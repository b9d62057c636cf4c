import { type Measured, median, type Sample } from './measure.js';
import type { Result } from './performance-page.js';
import { meanRatio } from './wire/mean-ratio.js';

/** What the fast path is to reach, and how it follows from a result. */
interface Goal {
  readonly about: string;
  /** Name of the result it follows from. */
  readonly result: string;
  readonly bound: 'at most' | 'at least';
  readonly goal: number;
  /** `undefined` where the result has no such alternatives. */
  value(measured: readonly Measured[]): number | undefined;
  readonly digits?: number;
}

type Value = (sample: Sample) => number;

const wall: Value = ({ wallMs, rows }) => wallMs / rows;
const cpu: Value = ({ cpuMs, rows }) => cpuMs / rows;
const cpuWithServer: Value = ({ cpuMs, serverCpuMs = Number.NaN, rows }) => (cpuMs + serverCpuMs) / rows;
const memory: Value = ({ peakRssMb }) => peakRssMb;

const GOALS: readonly Goal[] = [
  ...[384, 1536].flatMap((dimension) => [
    ...againstDrain(`grpc-${dimension}`, `gRPC, ${dimension} dimensions`, { cpu: 3, plain: 2.2, wall: 1.5 }),
    ...againstDrain(`http-${dimension}`, `REST, ${dimension} dimensions`, { cpu: 2.6, wall: 1.4 }),
  ]),
  ...[384, 1536].flatMap((dimension) => againstGo(dimension)),
  ...[384, 1536].flatMap((dimension) => parquet(dimension)),
  atLeast('docs/s of elasticdump with vectors, Elasticsearch 9', 'provider-elastic-9', 2.5, (rows) =>
    ratio(rows, 'elasticdump, vectors asked for, 1000 a page', 'Vecport: export to Parquet', wall),
  ),
  atLeast('docs/s of elasticdump with vectors, Elasticsearch 8.19', 'provider-elastic-8', 1.5, (rows) =>
    ratio(rows, 'elasticdump, vectors asked for, 1000 a page', 'Vecport: export to Parquet', wall),
  ),
  atMost('memory of elasticdump with vectors, Elasticsearch 9', 'provider-elastic-9', 1, (rows) =>
    ratio(rows, 'Vecport: export to Parquet', 'elasticdump, vectors asked for, 1000 a page', memory),
  ),
  atMost('CPU of Weaviate’s own export, server and client together', 'provider-weaviate-1.39', 1, (rows) =>
    ratio(rows, 'Vecport: export to Parquet', "Weaviate's own export", cpuWithServer),
  ),
  ...[384, 1536].map((dimension) =>
    atLeast(
      `time of the plain way, Qdrant by REST, ${dimension} dimensions`,
      `export-wire-http-${dimension}`,
      5,
      (rows) => ratio(rows, 'official client, hyparquet-writer', 'Vecport', wall),
    ),
  ),
  atLeast('time of the plain way, Elasticsearch 9', 'provider-elastic-9', 2, (rows) =>
    ratio(rows, 'official client, scrollSearch', 'Vecport: export to Parquet', wall),
  ),
  ...[384, 1536].map((dimension) =>
    atLeast(
      `import over gRPC beside the official client, ${dimension} dimensions`,
      `import-wire-${dimension}`,
      3,
      (rows) => ratio(rows, 'official gRPC client: upsert', 'Vecport: upsertMany', cpu),
    ),
  ),
  ...[384, 1536].map((dimension) =>
    atLeast(
      `docs/s of the plain bulk helper, Elasticsearch 9, ${dimension} dimensions`,
      `import-elastic-9-${dimension}`,
      4,
      (rows) => ratio(rows, 'official client: helpers.bulk', 'Vecport: upsertMany', wall),
    ),
  ),
  {
    ...atMost(
      'MB of memory, export of 10,000,000 × 128',
      'memory-10m',
      500,
      (rows) => find(rows, 'export 10,000,000 x 128')?.peakRssMb,
    ),
    digits: 0,
  },
  atMost('time a point of 10,000,000, beside 1,000,000', 'memory-10m', 1.2, (rows) =>
    ratio(rows, 'export 10,000,000 x 128', 'export 1,000,000 x 128', wall),
  ),
];

/** The goals as a table: each with what was measured, and whether it was met. */
export function goalTable(results: readonly Result[]): string {
  const lines = GOALS.map((goal) => {
    const result = results.find(({ name }) => name === goal.result);
    const value = result === undefined ? undefined : goal.value(result.measured);
    const wanted = `${goal.bound} ${goal.goal}`;
    if (value === undefined) return `| ${goal.about} | ${wanted} | not measured | | \`${goal.result}\` |`;
    return `| ${goal.about} | ${wanted} | ${value.toFixed(goal.digits ?? 2)} | ${isMet(goal, value) ? 'met' : 'missed'} | \`${goal.result}\` |`;
  });
  return ['| what, in times of | goal | measured | | result |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}

/** Whether a result misses a goal, or does not say. */
export function missesGoal(result: string, measured: readonly Measured[]): boolean {
  return GOALS.some((goal) => goal.result === result && !isMet(goal, goal.value(measured)));
}

function isMet({ bound, goal }: Goal, value: number | undefined): boolean {
  return value !== undefined && (bound === 'at most' ? value <= goal : value >= goal);
}

function againstDrain(
  variant: string,
  what: string,
  goals: { readonly cpu: number; readonly plain?: number; readonly wall: number },
): readonly Goal[] {
  const result = `export-wire-${variant}`;
  const drain = (rows: readonly Measured[], paced = false): string =>
    rows.find(({ name }) => name.startsWith('drain') && name.endsWith('paced') === paced)?.name ?? '';
  const plain = goals.plain;
  return [
    atMost(`CPU of the drain, ${what}`, result, goals.cpu, (rows) => ratio(rows, 'Vecport', drain(rows), cpu)),
    ...(plain === undefined
      ? []
      : [
          atMost(`CPU of the drain, uncompressed, ${what}`, result, plain, (rows) =>
            ratio(rows, 'Vecport, uncompressed', drain(rows), cpu),
          ),
        ]),
    atMost(`time of the paced drain, ${what}`, result, goals.wall, (rows) =>
      ratio(rows, 'Vecport, paced', drain(rows, true), wall),
    ),
  ];
}

function againstGo(dimension: number): readonly Goal[] {
  const result = `export-wire-go-${dimension}-paced`;
  const best = (rows: readonly Measured[]): Measured | undefined =>
    rows.filter(({ name }) => name.startsWith('Go, ')).toSorted((a, b) => a.wallMs - b.wallMs)[0];
  return [
    atMost(`time of the better Go form, paced, ${dimension} dimensions`, result, 0.9, (rows) =>
      ratio(rows, 'Vecport, paced', best(rows)?.name ?? '', wall),
    ),
    atMost(`the same, upper end of the 95 % interval`, result, 1, (rows) => {
      const [own, other] = [find(rows, 'Vecport, paced'), best(rows)];
      return own && other && meanRatio(own.samples.map(wall), other.samples.map(wall)).high;
    }),
  ];
}

function parquet(dimension: number): readonly Goal[] {
  const goal = (work: string, peer: string, wanted: number): Goal =>
    atLeast(`CPU: ${peer} to ${work}, ${dimension} dimensions`, `parquet-${dimension}`, wanted, (rows) =>
      ratio(rows, `${work}: ${peer}`, `${work}: Vecport`, cpu),
    );
  return [
    goal('write split', 'pyarrow', 1),
    goal('write plain', 'pyarrow', 1),
    goal('write split', 'parquet-wasm', 3),
    goal('write plain', 'parquet-wasm', 4),
    goal('read split', 'pyarrow', 0.8),
    goal('read plain', 'pyarrow', 0.8),
  ];
}

function atMost(about: string, result: string, goal: number, value: Goal['value']): Goal {
  return { about, result, bound: 'at most', goal, value };
}

function atLeast(about: string, result: string, goal: number, value: Goal['value']): Goal {
  return { about, result, bound: 'at least', goal, value };
}

function find(measured: readonly Measured[], name: string): Measured | undefined {
  return measured.find((row) => row.name === name);
}

/** The median over rounds of the ratio within a round. */
function ratio(measured: readonly Measured[], name: string, other: string, value: Value): number | undefined {
  const [row, beside] = [find(measured, name), find(measured, other)];
  if (row === undefined || beside === undefined) return undefined;
  return median(
    row.samples.flatMap((sample, round) => {
      const against = beside.samples[round];
      return against === undefined ? [] : [value(sample) / value(against)];
    }),
  );
}
