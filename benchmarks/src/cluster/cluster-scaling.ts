import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alternative, type Measured, median, type Sample } from '../measure.js';
import { runningServers } from '../providers/servers.js';
import { type PageServer, startPageServer } from '../wire/start-page-server.js';
import { runVecportExport } from '../wire/vecport-export.js';
import { type ClusterRun, predictRun } from './cluster-model.js';
import { startWorkers } from './start-workers.js';
import { openThrottledProxy, type ThrottledProxy } from './throttled-proxy.js';

const WORKERS = [1, 2, 4];
const POINTS = 120_000;
const DIMENSION = 384;
const PART_ROWS = 2500;
/** Of each connection: some 1,200 points. */
const BYTES_PER_SECOND = 2_400_000;
const COLLECTION = 'pages';
const COMMAND = join(import.meta.dirname, '../../../packages/cli/dist/main.js');

/** Runs of clusters, their source and queue there: what is measured, and what the model says of it. */
export interface ClusterBenchmark {
  readonly about: string;
  readonly alternatives: readonly Alternative[];
  conclude(measured: readonly Measured[]): readonly string[];
  close(): Promise<void>;
}

/** What a run told of itself. */
interface Told {
  /** Milliseconds from one turn to the next, where work was waiting. */
  readonly queueMs: number;
  readonly slices: number;
  readonly parts: number;
  readonly bytes: number;
}

/** The source of this benchmark, and where to reach it. */
interface Place {
  readonly server: PageServer;
  readonly proxy: ThrottledProxy;
  readonly queue: string;
  readonly work: string;
}

/** Start the source. @throws Error when the server `redis` of `npm run servers` does not run. */
export async function openClusterScaling(): Promise<ClusterBenchmark> {
  const queue = runningServers().find(({ name }) => name === 'redis')?.storeUrl;
  if (queue === undefined) throw new Error('The queue is the server redis. Run npm run servers -- up redis.');
  const server = await startPageServer({ points: POINTS, dimension: DIMENSION, over: 'grpc', collection: COLLECTION });
  const proxy = await openThrottledProxy(server.address.grpcPort, BYTES_PER_SECOND);
  const work = await mkdtemp(join(tmpdir(), 'vecport-cluster-bench-'));
  const place: Place = { server, proxy, queue, work };
  const told = new Map<number, Told[]>(WORKERS.map((workers) => [workers, []]));
  const fixed: number[] = [];
  return {
    about:
      `${POINTS.toLocaleString('en')} points of ${DIMENSION} dimensions from a page server that gives each connection ` +
      `${BYTES_PER_SECOND / 1e6} MB/s, in parts of ${PART_ROWS.toLocaleString('en')}, by so many workers with one slice at a time; queue in Redis.`,
    alternatives: WORKERS.map((workers) => ({
      name: workers === 1 ? '1 worker' : `${workers} workers`,
      run: async () => {
        if (workers === WORKERS[0]) fixed.push(await fixedSeconds(place));
        const run = await runOf(place, workers);
        told.get(workers)?.push(run.told);
        return run.sample;
      },
    })),
    conclude: (measured) => [...scalingNotes(measured, told), ...modelNotes(measured, told, median(fixed))],
    close: async () => {
      await proxy.close();
      await server.close();
      await rm(work, { recursive: true, force: true });
    },
  };
}

/** Export everything with so many workers. */
async function runOf(
  { proxy, server, queue, work }: Place,
  workers: number,
): Promise<{ readonly sample: Sample; readonly told: Told }> {
  const stop = await startWorkers(queue, workers);
  const folder = await mkdtemp(join(work, 'run-'));
  try {
    const output = join(folder, 'dataset');
    const storeUrl = storeUrlOf(server.address.httpPort, proxy.port);
    const args = ['--part-rows', String(PART_ROWS), '--cluster', queue];
    const sample = await runVecportExport({ storeUrl, output, args, options: [] });
    if (sample.rows !== POINTS) throw new Error(`${sample.rows} points came where ${POINTS} are.`);
    return { sample, told: { ...statusOf(queue), ...partsOf(output) } };
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds of a run with next to no points: what a run takes beside its parts. */
async function fixedSeconds({ queue, work }: Place): Promise<number> {
  const server = await startPageServer({ points: 64, dimension: DIMENSION, over: 'grpc', collection: COLLECTION });
  const stop = await startWorkers(queue, 1);
  try {
    const storeUrl = storeUrlOf(server.address.httpPort, server.address.grpcPort);
    const output = join(work, `fixed-${performance.now()}`);
    const { wallMs } = await runVecportExport({ storeUrl, output, args: ['--cluster', queue], options: [] });
    return wallMs / 1000;
  } finally {
    await stop();
    await server.close();
  }
}

function storeUrlOf(httpPort: number, grpcPort: number): string {
  return `qdrant://127.0.0.1:${httpPort}/${COLLECTION}?grpc-port=${grpcPort}`;
}

function partsOf(output: string): { readonly parts: number; readonly bytes: number } {
  const { collections } = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')) as {
    readonly collections: readonly { readonly parts: readonly { readonly bytes: number }[] }[];
  };
  const parts = collections.flatMap((collection) => collection.parts);
  return { parts: parts.length, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** What the cluster says of its newest run. */
function statusOf(queue: string): { readonly queueMs: number; readonly slices: number } {
  const text = execFileSync(process.execPath, [COMMAND, 'cluster', 'status', '--cluster', queue, '--json'], {
    encoding: 'utf8',
  });
  const { runs } = JSON.parse(text) as {
    readonly runs: readonly { readonly queueMs: number; readonly slices: { readonly total: number } }[];
  };
  return { queueMs: runs[0]?.queueMs ?? Number.NaN, slices: runs[0]?.slices.total ?? Number.NaN };
}

function scalingNotes(measured: readonly Measured[], told: ReadonlyMap<number, readonly Told[]>): readonly string[] {
  const [first] = measured;
  if (first === undefined) return [];
  const growth = measured.slice(1).map(({ name, samples }) => {
    const ratios = samples.flatMap(({ wallMs }, round) => (first.samples[round]?.wallMs ?? Number.NaN) / wallMs);
    return `${median(ratios).toFixed(2)} times with ${name}`;
  });
  const costs = WORKERS.map((workers) => `${queueMsOf(told, workers).toFixed(1)} ms with ${workers}`);
  return [
    `Throughput of one worker grows ${growth.join(' and ')}.`,
    `Between the end of a worker's turn on a slice, a part, and its next one the queue took ${costs.join(', ')}.`,
  ];
}

/** The model, from the run with one worker, for all of them. */
function modelNotes(
  measured: readonly Measured[],
  told: ReadonlyMap<number, readonly Told[]>,
  fixed: number,
): readonly string[] {
  const [one] = told.get(1) ?? [];
  const alone = measured[0];
  if (one === undefined || alone === undefined) return [];
  const queueMsPerPart = queueMsOf(told, 1);
  const reading = alone.wallMs / 1000 - fixed - (one.parts * queueMsPerPart) / 1000;
  const base: Omit<ClusterRun, 'workers'> = {
    ...{ points: POINTS, slices: one.slices, parts: one.parts, bytesPerPoint: one.bytes / POINTS, concurrency: 1 },
    ...{ queueMsPerPart, fixedSeconds: fixed, workerPointsPerSecond: POINTS / reading },
  };
  const lines = WORKERS.map((workers, at) => {
    const { seconds, bound } = predictRun({ ...base, workers });
    const found = (measured[at]?.wallMs ?? Number.NaN) / 1000;
    const off = (((seconds - found) / found) * 100).toFixed(1);
    return `${workers}: ${seconds.toFixed(1)} s predicted (bound by ${bound}), ${found.toFixed(1)} s measured, ${off} % off`;
  });
  const rate = Math.round(base.workerPointsPerSecond).toLocaleString('en');
  return [
    `The model, from one worker's ${rate} points/s while it reads, ${one.slices} slices, ${one.parts} parts, ` +
      `${queueMsPerPart.toFixed(1)} ms of the queue for each and ${fixed.toFixed(1)} s beside them, says for so many workers: ${lines.join('; ')}.`,
  ];
}

function queueMsOf(told: ReadonlyMap<number, readonly Told[]>, workers: number): number {
  return median((told.get(workers) ?? []).map(({ queueMs }) => queueMs));
}
