import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { objectsDone } from './jobs/job-status.js';
import type { JobRecord } from './state/job-record.js';
import type { JobTable } from './state/job-table.js';

/** What the service counts. Its labels hold no names of classes, stores or people. */
export interface ServiceMetrics {
  readonly contentType: string;
  /** Everything, as Prometheus reads it. */
  text(): Promise<string>;
  started(record: JobRecord): void;
  ended(record: JobRecord): void;
  request(operation: string, status: number, seconds: number): void;
  /** How many event streams are open. */
  streams(change: 1 | -1): void;
  denied(): void;
  /** Stop measuring. */
  close(): void;
}

/** Counters of one service, in a registry of their own. */
export function createMetrics(jobs: Pick<JobTable, 'counts'>): ServiceMetrics {
  const registry = new Registry();
  const registers = [registry];
  const byKind = ['kind', 'backend'] as const;
  const started = new Counter({
    name: 'vecport_jobs_started_total',
    help: 'Jobs begun.',
    labelNames: byKind,
    registers,
  });
  const ended = new Counter({
    name: 'vecport_jobs_ended_total',
    help: 'Jobs with a final status.',
    labelNames: [...byKind, 'status'],
    registers,
  });
  const objects = new Counter({
    name: 'vecport_objects_total',
    help: 'Objects of ended jobs.',
    labelNames: byKind,
    registers,
  });
  const duration = new Histogram({
    name: 'vecport_job_duration_seconds',
    help: 'Time from the start of a job to its final status.',
    labelNames: [...byKind, 'status'],
    buckets: [1, 5, 15, 60, 300, 900, 3600, 14400, 86400],
    registers,
  });
  const requests = new Histogram({
    name: 'vecport_http_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['operation', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const streams = new Gauge({ name: 'vecport_event_streams', help: 'Open event streams.', registers });
  // How late timers of this process are: what every answer waits besides its own work.
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  new Gauge({
    name: 'vecport_event_loop_delay_seconds',
    help: 'How late the event loop was since the last time this was read.',
    labelNames: ['quantile'],
    registers,
    collect() {
      for (const quantile of [0.5, 0.99, 1]) {
        this.set({ quantile: String(quantile) }, Math.max(0, delays.percentile(quantile * 100) / 1e9 - 0.01));
      }
      delays.reset();
    },
  });
  const denied = new Counter({ name: 'vecport_denied_total', help: 'Requests denied.', registers });
  new Gauge({
    name: 'vecport_jobs',
    help: 'Remembered jobs.',
    labelNames: ['kind', 'status'],
    registers,
    collect() {
      this.reset();
      for (const { kind, status, count } of jobs.counts()) this.set({ kind, status }, count);
    },
  });
  return {
    contentType: registry.contentType,
    text: async () => registry.metrics(),
    started: ({ kind, address: { backend } }) => started.inc({ kind, backend }),
    ended: (record) => {
      const { kind, address, status, startedAt, completedAt = startedAt } = record;
      const { backend } = address;
      ended.inc({ kind, backend, status });
      objects.inc({ kind, backend }, objectsDone(record));
      duration.observe({ kind, backend, status }, (completedAt - startedAt) / 1000);
    },
    request: (operation, status, seconds) => requests.observe({ operation, status }, seconds),
    streams: (change) => streams.inc(change),
    denied: () => denied.inc(),
    close: () => void delays.disable(),
  };
}
