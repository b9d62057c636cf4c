import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { VecportError } from '@vecport/abstractions';
import express, { type Express } from 'express';
import { pino } from 'pino';
import { openAuditFile } from './auth/audit-file.js';
import { watchApiKeys } from './auth/key-file.js';
import type { Backend } from './backends/backend.js';
import { createExportService, type ExportService } from './create-export-service.js';
import { gatherLines } from './gather-lines.js';
import type { JobRunner } from './jobs/job-runner.js';
import type { AskCluster } from './operations/cluster-operations.js';
import { ProblemError, problemBody } from './problems/problem-error.js';
import type { ServiceConfiguration } from './service-configuration.js';
import { openState } from './state/open-state.js';
import type { StoreSet } from './stores/store-pool.js';

/** How a service is run alone. */
export interface RunOptions {
  /** Where it keeps its state, its API keys and its audit log. */
  readonly folder: string;
  /** 0 stands for any free one. */
  readonly port: number;
  /** The address to listen at. */
  readonly host: string;
  readonly stores: StoreSet;
  readonly backends: readonly Backend[];
  readonly configuration: ServiceConfiguration;
  /** Runs the jobs; in this process if not said. */
  readonly runner?: JobRunner | undefined;
  /** See `ExportServiceOptions`. */
  readonly cluster?: AskCluster | undefined;
  /** Gets the lines of the log, each a JSON object: some at once, ten times a second at most. */
  readonly log: (lines: string) => void;
}

/** A service that accepts requests. */
export interface RunningExportService {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Whether requests without credentials are refused: then there must be keys or issuers for it to be of use. */
  readonly closedToAnonymous: boolean;
  /** Accept no more requests, stop jobs where they can be gone on with, and release everything. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 5000;
const LOG_EVERY_MS = 100;
/** In milliseconds. */
const TIMEOUTS = {
  /** Longer than readers and proxies keep an idle connection, so that none is closed while a request is on its way. */
  keepAliveTimeout: 65_000,
  /** Who sends a request byte by byte is cut off; an answer may take as long as it likes. */
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5000,
} as const;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Run a service in this process. Requests without credentials are allowed from this machine alone, and only while it
 * listens to nobody else and there are no keys.
 * @throws VecportError `conflict` when the port is taken or another service uses the folder.
 */
export async function runService(options: RunOptions): Promise<RunningExportService> {
  const { folder, configuration, stores, backends, host, port } = options;
  const state = openState(folder);
  const audit = openAuditFile(join(folder, 'audit.ndjson'));
  const lines = gatherLines(options.log, LOG_EVERY_MS);
  let service: ExportService | undefined;
  try {
    const logger = pino({ level: 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines);
    const keys = watchApiKeys(folder, (err) => logger.error({ err }, 'The API keys cannot be read'));
    const { auth = {} } = configuration;
    const anonymous = auth.anonymous ?? (LOOPBACK.has(host) ? undefined : 'none');
    const open = (auth.keys?.length ?? 0) + (auth.oidc?.length ?? 0) + keys().length === 0;
    service = createExportService({
      stores,
      backends,
      state,
      auth: { ...auth, anonymous },
      keys,
      runner: options.runner,
      cluster: options.cluster,
      limits: configuration.limits,
      audit: audit.write,
      logger,
    });
    const server = await listen(appOf(service, configuration), host, port);
    const running = service;
    return {
      url: urlOf(server, host),
      closedToAnonymous: (anonymous ?? (open ? 'local' : 'none')) === 'none',
      close: async () => {
        const closed = closeServer(server);
        await running.close();
        await closed;
        audit.close();
        state.close();
        lines.flush();
      },
    };
  } catch (error) {
    await service?.close();
    audit.close();
    state.close();
    lines.flush();
    throw error;
  }
}

function appOf({ router }: ExportService, { trustedProxies = 0 }: ServiceConfiguration): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trustedProxies);
  app.use(router);
  app.use((_request, response) => {
    const body = problemBody(new ProblemError('not-found', 'There is nothing here; see /docs/.'));
    response.status(404).type('application/problem+json').send(JSON.stringify(body));
  });
  return app;
}

async function listen(app: Express, host: string, port: number): Promise<Server> {
  const server = createServer(TIMEOUTS, app);
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      throw new VecportError('invalid-argument', `Cannot listen at ${host}: ${code}.`, { cause });
    throw new VecportError('conflict', `The port ${port} is taken.`, {
      advice: 'Choose a free one with --port.',
      cause,
    });
  }
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Running requests may finish for a while. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}
