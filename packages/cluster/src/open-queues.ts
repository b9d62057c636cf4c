import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendFactory, FlowProducer, IQueueBackend, Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import type { Backend } from './backend.js';
import { parseClusterUrl } from './cluster-url.js';
import { postgresBackend } from './postgres-backend.js';
import { redisBackend } from './redis-backend.js';
import type { RunRecord, SliceJob, SliceProgress, SliceResult, WorkerRecord } from './run-record.js';

/** Milliseconds that closing may take. */
const CLOSE_MS = 2000;
/** Braces: all keys in one slot of a Redis cluster. */
const PREFIX = '{vecport}';

type AnyQueue<D, R = unknown> = Queue<D, R, string, D, R, string, IQueueBackend, unknown>;
/** A worker of {@link ClusterQueues}. */
export type SliceWorker = Worker<SliceJob, SliceResult, string, IQueueBackend, SliceProgress, unknown>;
/** What a worker does with a slice. */
export type SliceProcessor = Processor<SliceJob, SliceResult, string, SliceProgress>;

/** The queues of a cluster. */
export interface ClusterQueues {
  /** As it may be shown. */
  readonly shown: string;
  readonly backend: Backend;
  /** What workers take. */
  readonly slices: AnyQueue<SliceJob, SliceResult>;
  /** One job a run, the parent of its slices; nobody takes it. */
  readonly runs: AnyQueue<RunRecord>;
  /** One job a worker, in which it tells of itself; nobody takes it. */
  readonly workers: AnyQueue<WorkerRecord>;
  readonly flow: FlowProducer<IQueueBackend, unknown>;
  work(processor: SliceProcessor, options: Omit<WorkerOptions<unknown>, 'connection'>): Promise<SliceWorker>;
  /** Close everything, also when the server does not answer. */
  close(): Promise<void>;
}

/**
 * Connect to the queues of a cluster. For Redis this does not wait for the server: commands do.
 * @throws what the server says, or that it does not answer.
 */
export async function openQueues(url: string): Promise<ClusterQueues> {
  const { kind, shown } = parseClusterUrl(url);
  const bull = await import('bullmq');
  const backend = kind === 'redis' ? await redisBackend(url) : await postgresBackend(url);
  const options = { connection: backend.connection, prefix: PREFIX };
  // BullMQ's overloads tell the default backend and others apart by types that hold for one of them at a time.
  const factory = backend.factory as BackendFactory<IQueueBackend, unknown>;
  const queue = <D, R = unknown>(name: string): AnyQueue<D, R> => {
    const made: AnyQueue<D, R> = new bull.Queue(name, options, factory);
    made.on('error', ignored);
    return made;
  };
  const flow = new bull.FlowProducer(options, factory);
  flow.on('error', ignored);
  const queues = [
    queue<SliceJob, SliceResult>('slices'),
    queue<RunRecord>('runs'),
    queue<WorkerRecord>('workers'),
  ] as const;
  const [slices, runs, workers] = queues;
  return {
    ...{ shown, backend, slices, runs, workers, flow },
    work: async (processor, asked) => {
      const worker: SliceWorker = new bull.Worker('slices', processor, { ...options, ...asked }, factory);
      worker.on('error', ignored);
      return worker;
    },
    close: async () => {
      const closing = Promise.allSettled([...queues.map(async (one) => one.close()), flow.close()]);
      // A server that does not answer cannot be said goodbye to.
      await Promise.race([closing, sleep(CLOSE_MS, undefined, { ref: false })]);
      for (const one of [...queues, flow]) void one.disconnect().catch(ignored);
      await backend.close();
    },
  };
}

// Whoever waits for an answer is told by the call, or by the outage watch.
function ignored(): void {}
