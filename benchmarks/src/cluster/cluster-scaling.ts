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
/** As many slices as a plan has at most, each of one part. */
const PART_ROWS = 1875;
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
  /** Of the whole command, and from its first slice in the queue to its last one done. */
  readonly wallMs: number;
  readonly dispatchMs: number;
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
  const redis = runningServers().find(({ name }) => name === 'redis')?.storeUrl;
  if (redis === undefined) throw new Error('The queue is the server redis. Run npm run servers -- up redis.');
  // A database of its own: workers of others must not take slices of this.
  const queue = `${redis}/9`;
  const server = await startPageServer({ points: POINTS, dimension: DIMENSION, over: 'grpc', collection: COLLECTION });
  const proxy = await openThrottledProxy(server.address.grpcPort, BYTES_PER_SECOND);
  const work = await mkdtemp(join(tmpdir(), 'vecport-cluster-bench-'));
  const place: Place = { server, proxy, queue, work };
  const told = new Map<number, Told[]>(WORKERS.map((workers) => [workers, []]));
  return {
    about:
      `${POINTS.toLocaleString('en')} points of ${DIMENSION} dimensions from a page server that gives each connection ` +
      `${BYTES_PER_SECOND / 1e6} MB/s, in parts of ${PART_ROWS.toLocaleString('en')}, by so many workers with one slice at a time; queue in Redis.`,
    alternatives: WORKERS.map((workers) => ({
      name: workers === 1 ? '1 worker' : `${workers} workers`,
      run: async () => {
        const run = await runOf(place, workers);
        told.get(workers)?.push(run.told);
        return run.sample;
      },
    })),
    conclude: (measured) => [...scalingNotes(told), ...modelNotes(measured, told)],
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
    return { sample, told: { wallMs: sample.wallMs, ...statusOf(queue), ...partsOf(output) } };
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
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
function statusOf(queue: string): Pick<Told, 'queueMs' | 'slices' | 'dispatchMs'> {
  const text = execFileSync(process.execPath, [COMMAND, 'cluster', 'status', '--cluster', queue, '--json'], {
    encoding: 'utf8',
  });
  const { runs } = JSON.parse(text) as {
    readonly runs: readonly {
      readonly queueMs: number;
      readonly slices: { readonly total: number };
      readonly startedAt: string;
      readonly endedAt: string;
    }[];
  };
  const [run] = runs;
  if (run === undefined) throw new Error('The cluster knows no run.');
  const dispatchMs = Date.parse(run.endedAt) - Date.parse(run.startedAt);
  return { queueMs: run.queueMs, slices: run.slices.total, dispatchMs };
}

/** Runs by the number of workers, a round after the other. */
type AllTold = ReadonlyMap<number, readonly Told[]>;

function scalingNotes(told: AllTold): readonly string[] {
  const growth = (of: (run: Told) => number): string => {
    const alone = (told.get(1) ?? []).map(of);
    const more = WORKERS.slice(1).map((workers) => {
      const ratios = (told.get(workers) ?? []).map((run, round) => (alone[round] ?? Number.NaN) / of(run));
      return `${median(ratios).toFixed(2)} times with ${workers}`;
    });
    return more.join(' and ');
  };
  const costs = WORKERS.map(
    (workers) => `${medianOf(told, workers, ({ queueMs }) => queueMs).toFixed(1)} ms with ${workers}`,
  );
  return [
    `While workers read, from the first slice in the queue to the last one done, throughput grows ${growth(({ dispatchMs }) => dispatchMs)} workers; ` +
      `of the whole command, with plan, proof and manifest, ${growth(({ wallMs }) => wallMs)}.`,
    `From the end of a worker's turn, which is a part, to its next turn the queue took ${costs.join(', ')}.`,
  ];
}

/** The model, from the run with one worker, for all of them. */
function modelNotes(measured: readonly Measured[], told: AllTold): readonly string[] {
  const [one] = told.get(1) ?? [];
  if (one === undefined) return [];
  const queueMsPerPart = medianOf(told, 1, ({ queueMs }) => queueMs);
  const reading = medianOf(told, 1, ({ dispatchMs }) => dispatchMs) / 1000 - (one.parts * queueMsPerPart) / 1000;
  const fixedSeconds = medianOf(told, 1, ({ wallMs, dispatchMs }) => wallMs - dispatchMs) / 1000;
  const base: Omit<ClusterRun, 'workers'> = {
    ...{ points: POINTS, slices: one.slices, parts: one.parts, bytesPerPoint: one.bytes / POINTS, concurrency: 1 },
    ...{ queueMsPerPart, fixedSeconds, workerPointsPerSecond: POINTS / reading },
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
      `${queueMsPerPart.toFixed(1)} ms of the queue for each and ${fixedSeconds.toFixed(1)} s beside them, says for so many workers: ${lines.join('; ')}.`,
  ];
}

function medianOf(told: AllTold, workers: number, of: (run: Told) => number): number {
  return median((told.get(workers) ?? []).map(of));
}
