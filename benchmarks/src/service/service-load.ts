import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { filledStore } from '../export-lancedb.js';
import { type Alternative, type Measured, median, type Sample } from '../measure.js';
import type { ReaderOptions, ReaderReport } from './readers.js';
import { cancelExports, startExport, watchExports } from './run-exports.js';
import { type ServiceProcess, startService } from './start-service.js';

const POINTS = 2_000_000;
const EXPORTS = ['first', 'second'] as const;
const POLLERS = 200;
const STREAMS = 200;
const PAUSE_MS = 1000;
/** What two exports take at most, on a machine that does other things as well. */
const LONGEST_MS = 300_000;
const CLOSED_MS = 20_000;

/** A run; with readers: what they have seen is kept with it. */
interface ReadSample extends Sample {
  readonly readers?: ReaderReport | undefined;
  /** Of the process that answers. */
  readonly answersCpuMs: number;
  readonly lateMs: number;
}

/** Who reads, and for how long at most. */
interface Reading {
  readonly name: string;
  readonly ms: number;
  readonly pauseMs?: number | undefined;
}

const ALONE: Reading = { name: 'two exports', ms: LONGEST_MS };
const READ: Reading = { name: 'two exports, 200 readers, 200 streams', ms: LONGEST_MS, pauseMs: PAUSE_MS };
const CLOSED: Reading = { name: 'two exports, 200 readers that do not wait, 200 streams', ms: CLOSED_MS, pauseMs: 0 };

/** Two exports of the export service at the same time, without readers and with readers. */
export async function openServiceLoad({ profiles }: { readonly profiles?: string | undefined }) {
  const storeUrl = `lancedb:${await filledStore(POINTS)}`;
  const folder = await mkdtemp(join(tmpdir(), 'vecport-bench-'));
  const options = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const alternative = (reading: Reading): Alternative => ({
    name: reading.name,
    run: async () => {
      const service = await startService(join(folder, 'service'), storeUrl, options);
      try {
        return await runOnce(service, reading);
      } finally {
        await service.close();
      }
    },
  });
  return {
    about:
      `Two exports at the same time by \`vecport serve\`, each of ${POINTS.toLocaleString('en')} points of 384 dimensions from LanceDB to ` +
      'Parquet in a folder, as fast as they can, until both are done, which takes a minute or more; and the same while ' +
      `a process on the same processors reads: ${POLLERS} readers request a status, as a dashboard would, wait ${PAUSE_MS} ms after the answer and ` +
      `request it again, and ${STREAMS} others follow event streams. Then ${CLOSED_MS / 1000} seconds with readers that do not wait: each requests ` +
      'again as soon as it has an answer, so that what they see is how many answers there are in a second. The service is as it ' +
      'comes but for its limit of requests a minute from one address: each job is a process of its own with a lower priority, and ' +
      'the log and the audit of every request are written meanwhile. CPU and memory are those of the service and its jobs.',
    alternatives: [ALONE, READ, CLOSED].map(alternative),
    conclude,
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}

async function runOnce(service: ServiceProcess, { ms, pauseMs }: Reading): Promise<ReadSample> {
  for (const id of EXPORTS) await startExport(service.url, id);
  const readers = pauseMs === undefined ? undefined : startReaders(service.url, pauseMs);
  try {
    const done = await watchExports(service.url, EXPORTS, ms);
    const used = service.used();
    const seen = await readers?.stop();
    const lateMs = await service.lateMs();
    await cancelExports(service.url, EXPORTS);
    return { ...done, ...used, lateMs, ...(seen === undefined ? {} : { readers: seen }) };
  } finally {
    await readers?.stop();
  }
}

/** Readers in a process of their own; `stop` may be called again and gives the same. */
function startReaders(url: string, pauseMs: number): { stop(): Promise<ReaderReport> } {
  const options: ReaderOptions = {
    statuses: EXPORTS.map((id) => `${url}/v1/export/filesystem/${id}`),
    pollers: POLLERS,
    pauseMs,
    streams: STREAMS,
  };
  const script = join(import.meta.dirname, 'readers.js');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const printed = text(child.stdout);
  return {
    stop: async () => {
      child.stdin.end();
      await ended;
      return JSON.parse(await printed) as ReaderReport;
    },
  };
}

function conclude(measured: readonly Measured[]): readonly string[] {
  const [alone, read, closed] = measured;
  if (alone === undefined || read === undefined || closed === undefined) return [];
  const slower = read.samples.map(({ wallMs, rows }, round) => {
    const before = alone.samples[round];
    return before === undefined ? Number.NaN : (wallMs / rows / (before.wallMs / before.rows) - 1) * 100;
  });
  return [
    ...answersOf(read),
    `A point takes the exports ${median(slower).toFixed(0)} % longer with readers, in the median of the rounds ` +
      `(${slower.map((percent) => percent.toFixed(0)).join(', ')}).`,
    ...answersOf(closed),
  ];
}

function answersOf({ name, samples }: Measured): readonly string[] {
  const runs = samples as readonly ReadSample[];
  const reports = runs.flatMap(({ readers }) => readers ?? []);
  const of = (value: (report: ReaderReport) => number): number => median(reports.map(value));
  const sum = (value: (report: ReaderReport) => number): string =>
    reports.reduce((total, report) => total + value(report), 0).toLocaleString('en');
  const worst = Math.max(...reports.map(({ p99Ms }) => p99Ms));
  const firstError = reports.find((report) => report.firstError !== undefined)?.firstError;
  const busy = median(runs.map(({ answersCpuMs, wallMs }) => (answersCpuMs / wallMs) * 100));
  return [
    `${name}: a status takes ${of(({ medianMs }) => medianMs).toFixed(1)} ms in the median, ${of(({ p99Ms }) => p99Ms).toFixed(1)} ms for ` +
      `99 of 100 (${worst.toFixed(1)} ms in the worst round), ${of(({ maxMs }) => maxMs).toFixed(0)} ms for the slowest; ` +
      `${of(({ requests, seconds }) => requests / seconds).toFixed(0)} a second, for ${of(({ seconds }) => seconds).toFixed(0)} seconds a round; ` +
      `${Math.min(...reports.map(({ streams }) => streams))} event streams were open with ` +
      `${of(({ events, seconds }) => events / seconds).toFixed(0)} events a second; ` +
      `${sum(({ errors }) => errors)} errors in ${sum(({ requests }) => requests)} requests and ${sum(({ streams }) => streams)} streams` +
      `${firstError === undefined ? '' : `, the first of them: ${firstError}`}. The process that answers used ` +
      `${busy.toFixed(0)} % of a processor; its event loop was ${median(runs.map(({ lateMs }) => lateMs)).toFixed(1)} ms late for 99 of 100 times.`,
  ];
}
