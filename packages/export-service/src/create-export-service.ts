import { join } from 'node:path';
import type { Router } from 'express';
import { type Logger, pino } from 'pino';
import type { ApiKeyRecord } from './auth/api-keys.js';
import type { Audit } from './auth/audit.js';
import { type AuthOptions, createAuthenticate } from './auth/authenticate.js';
import type { Backend } from './backends/backend.js';
import { type Backends, createBackends } from './backends/backends.js';
import { type Clock, systemClock } from './clock.js';
import { ENDPOINTS } from './http/endpoints.js';
import { createHandlers } from './http/handlers.js';
import { type OpenApiDocument, openApiDocument } from './http/openapi.js';
import { createRouter } from './http/router.js';
import { createInProcessRunner, IMPORTS_FOLDER } from './jobs/in-process-runner.js';
import { createJobManager, type JobManager } from './jobs/job-manager.js';
import type { JobRunner } from './jobs/job-runner.js';
import { createMetrics, type ServiceMetrics } from './metrics.js';
import { type AskCluster, clusterOperations } from './operations/cluster-operations.js';
import { exportOperations } from './operations/export-operations.js';
import { importOperations } from './operations/import-operations.js';
import { scheduleOperations } from './operations/schedule-operations.js';
import type { ServiceParts } from './operations/service-parts.js';
import { createScheduler, type Scheduler } from './schedules/scheduler.js';
import type { ServiceState } from './state/open-state.js';
import { createStorePool, type StoreSet } from './stores/store-pool.js';
import { serviceVersion } from './version.js';

/** How many of what. All have defaults. */
export interface ServiceLimits {
  /** Jobs that run at the same time; 2 if not said. */
  readonly concurrency?: number | undefined;
  /** Jobs that may wait; 100 if not said. */
  readonly queued?: number | undefined;
  /** How often a job is begun whose process dies; 5 if not said. */
  readonly attempts?: number | undefined;
  /** Days after which an ended job is forgotten (its files stay); 90 if not said. */
  readonly retentionDays?: number | undefined;
  /** Bytes of a body; 256 KiB if not said. */
  readonly bodyBytes?: number | undefined;
  /** Requests a minute from one address; 6,000 if not said. */
  readonly requestsPerMinute?: number | undefined;
  /** Failed attempts to authenticate a minute from one address; 30 if not said. */
  readonly failuresPerMinute?: number | undefined;
  /** Open event streams, of which nobody has more than half; 1,000 if not said. */
  readonly streams?: number | undefined;
  /** Milliseconds between two signs of life of an event stream; 15,000 if not said. */
  readonly heartbeatMs?: number | undefined;
}

/** What a service is composed of. */
export interface ExportServiceOptions {
  readonly stores: StoreSet;
  readonly backends: readonly Backend[];
  /** Opened by `openState`; closed by who opened it, after the service. */
  readonly state: ServiceState;
  /** Who may do what; programs on this machine everything, and nobody else anything, if not said. */
  readonly auth?: AuthOptions | undefined;
  /** API keys besides those of `auth`, asked with every request: `watchApiKeys` gives those of a folder. */
  readonly keys?: (() => readonly ApiKeyRecord[]) | undefined;
  /** Asks the cluster whose workers do exports, to show it to administrators. The runner is what gives it work. */
  readonly cluster?: AskCluster | undefined;
  /** Runs the jobs; in this process if not said. */
  readonly runner?: JobRunner | undefined;
  readonly limits?: ServiceLimits | undefined;
  /** Gets every decision; written to the logger if not said. */
  readonly audit?: Audit | undefined;
  /** Nothing is logged if not said. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** A running service. */
export interface ExportService {
  /** Mount it where it shall be: `app.use(router)` or `app.use('/exports', router)`. */
  readonly router: Router;
  readonly document: OpenApiDocument;
  /**
   * Begin nothing any more, end event streams, and stop jobs at a point from which the next service of this state goes
   * on. Resolves when all have stopped; a second call waits for the same.
   */
  close(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;
const FORGET_EVERY_MS = 60 * 60_000;

/**
 * A service over HTTP that exports, imports and schedules. Jobs that an earlier service of the same state left are gone
 * on with at once, and runs of schedules that were missed are made up for.
 */
export function createExportService(options: ExportServiceOptions): ExportService {
  const { state, stores, limits = {}, clock = systemClock, logger = pino({ level: 'silent' }) } = options;
  const audit: Audit = options.audit ?? ((entry) => logger.info({ audit: entry }, 'Decided'));
  const metrics = createMetrics(state.jobs);
  const backends = createBackends(options.backends);
  const runner = options.runner ?? defaultRunner(options, backends);
  const pool = createStorePool(stores);
  let scheduler: Scheduler | undefined;
  const manager = managerOf(options, { runner, metrics, clock, logger }, (record) => scheduler?.ended(record));
  const parts: ServiceParts = { stores, pool, backends, state, manager, runner, clock };
  const exports = exportOperations(parts);
  scheduler = createScheduler({
    ...parts,
    exports,
    audit,
    onError: (err, schedule) => logger.error({ err, schedule }, 'A scheduled run failed'),
  });
  const ending = new AbortController();
  const document = openApiDocument(Object.values(ENDPOINTS), serviceVersion());
  const authenticate = createAuthenticate(options.auth ?? {}, clock, options.keys);
  const handlers = createHandlers({
    authenticate,
    exports,
    imports: importOperations(parts),
    schedules: scheduleOperations(parts, scheduler),
    cluster: clusterOperations(options.cluster),
    metrics,
    clock,
    heartbeatMs: limits.heartbeatMs ?? 15_000,
    maxStreams: limits.streams ?? 1000,
    signal: ending.signal,
    isReady: () => !ending.signal.aborted && state.isHealthy(),
  });
  const router = createRouter({
    handlers,
    document,
    authenticate,
    audit,
    metrics,
    clock,
    logger,
    limits: {
      bodyBytes: limits.bodyBytes ?? 256 * 1024,
      requestsPerMinute: limits.requestsPerMinute ?? 6000,
      failuresPerMinute: limits.failuresPerMinute ?? 30,
    },
  });
  const stopForgetting = forgetRegularly(state, clock, (limits.retentionDays ?? 90) * DAY_MS);
  manager.recover();
  scheduler.wake();
  return {
    router,
    document,
    close: once(async () => {
      ending.abort();
      stopForgetting();
      await scheduler?.close();
      await manager.close();
      await scheduler?.close();
      await pool.close();
      metrics.close();
    }),
  };
}

function defaultRunner({ stores, state }: ExportServiceOptions, backends: Backends): JobRunner {
  return createInProcessRunner({ stores, backends, folder: join(state.folder, IMPORTS_FOLDER) });
}

interface ManagerTools {
  readonly runner: JobRunner;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

function managerOf(
  { state, limits = {} }: ExportServiceOptions,
  { logger, ...tools }: ManagerTools,
  onEnd: (record: Parameters<Scheduler['ended']>[0]) => void,
): JobManager {
  return createJobManager({
    ...tools,
    jobs: state.jobs,
    concurrency: limits.concurrency ?? 2,
    maxQueued: limits.queued ?? 100,
    maxAttempts: limits.attempts ?? 5,
    onError: (err, job) => logger.error({ err, job }, 'A job failed'),
    onEnd,
  });
}

function forgetRegularly({ jobs }: ServiceState, clock: Clock, age: number): () => void {
  let stop = (): void => {};
  const forget = (): void => {
    jobs.forget(clock.now() - age);
    stop = clock.after(FORGET_EVERY_MS, forget);
  };
  forget();
  return () => stop();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return async () => {
    done ??= work();
    return done;
  };
}
