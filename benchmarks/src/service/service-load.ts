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
const POLLERS = 100;
const STREAMS = 100;
const PAUSE_MS = 1000;
const RUN_MS = 60_000;

/** A run with readers: what they have seen is kept with it. */
interface ReadSample extends Sample {
  readonly readers?: ReaderReport | undefined;
}

/** Two exports of the export service at the same time, without readers and with readers. */
export async function openServiceLoad({ profiles }: { readonly profiles?: string | undefined }) {
  const storeUrl = `lancedb:${await filledStore(POINTS)}`;
  const folder = await mkdtemp(join(tmpdir(), 'vecport-bench-'));
  const options = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const alternative = (name: string, read: boolean): Alternative => ({
    name,
    run: async () => {
      const service = await startService(join(folder, 'service'), storeUrl, options);
      try {
        return await runOnce(service, read);
      } finally {
        await service.close();
      }
    },
  });
  return {
    about:
      `Two exports at the same time by \`vecport serve\`, each of ${POINTS.toLocaleString('en')} points of 384 dimensions from LanceDB to ` +
      `Parquet in a folder, as fast as they can: what they have exported after ${RUN_MS / 1000} seconds, when they are canceled; and the same while ` +
      `a process on the same processors reads: ${POLLERS} readers request a status, wait ${PAUSE_MS} ms after the answer and ` +
      `request it again, and ${STREAMS} follow event streams. The service is as it comes but for its limit of requests a minute ` +
      'from one address; it answers and exports in one process, and writes its log and its audit of every request meanwhile. CPU and memory are those of the service alone.',
    alternatives: [alternative('two exports', false), alternative('two exports, 200 readers', true)],
    conclude,
    close: async () => rm(folder, { recursive: true, force: true }),
  };
}

async function runOnce(service: ServiceProcess, read: boolean): Promise<ReadSample> {
  for (const id of EXPORTS) await startExport(service.url, id);
  const readers = read ? startReaders(service.url) : undefined;
  try {
    const done = await watchExports(service.url, EXPORTS, RUN_MS);
    const used = service.used();
    const seen = await readers?.stop();
    await cancelExports(service.url, EXPORTS);
    return { ...done, ...used, ...(seen === undefined ? {} : { readers: seen }) };
  } finally {
    await readers?.stop();
  }
}

/** Readers in a process of their own; `stop` may be called again and gives the same. */
function startReaders(url: string): { stop(): Promise<ReaderReport> } {
  const options: ReaderOptions = {
    statuses: EXPORTS.map((id) => `${url}/v1/export/filesystem/${id}`),
    pollers: POLLERS,
    pauseMs: PAUSE_MS,
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
  const [alone, read] = measured;
  const reports = (read?.samples ?? []).flatMap(({ readers }: ReadSample) => (readers === undefined ? [] : [readers]));
  if (alone === undefined || read === undefined || reports.length === 0) return [];
  const of = (value: (report: ReaderReport) => number): number => median(reports.map(value));
  const sum = (value: (report: ReaderReport) => number): string =>
    reports.reduce((total, report) => total + value(report), 0).toLocaleString('en');
  const worst = Math.max(...reports.map(({ p99Ms }) => p99Ms));
  const slower = read.samples.map(({ wallMs, rows }, round) => {
    const before = alone.samples[round];
    return before === undefined ? Number.NaN : (wallMs / rows / (before.wallMs / before.rows) - 1) * 100;
  });
  const firstError = reports.find((report) => report.firstError !== undefined)?.firstError;
  return [
    `Status requests: ${of(({ medianMs }) => medianMs).toFixed(1)} ms in the median, ${of(({ p99Ms }) => p99Ms).toFixed(1)} ms for ` +
      `99 of 100 (${worst.toFixed(1)} ms in the worst round), ${of(({ maxMs }) => maxMs).toFixed(0)} ms for the slowest; ` +
      `${of(({ requests, seconds }) => requests / seconds).toFixed(0)} a second, for ${of(({ seconds }) => seconds).toFixed(0)} seconds a round.`,
    `Event streams open at the same time: ${Math.min(...reports.map(({ streams }) => streams))}; ` +
      `${of(({ events, seconds }) => events / seconds).toFixed(0)} events a second.`,
    `Errors: ${sum(({ errors }) => errors)} of ${sum(({ requests }) => requests)} requests and ${sum(({ streams }) => streams)} streams` +
      `${firstError === undefined ? '' : `, the first of them: ${firstError}`}.`,
    `A point takes the exports ${median(slower).toFixed(0)} % longer with readers, in the median of the rounds ` +
      `(${slower.map((percent) => percent.toFixed(0)).join(', ')}).`,
  ];
}
