import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { VecportError } from '@vecport/abstractions';
import express, { type Express } from 'express';
import { destination, pino } from 'pino';
import type { Audit } from './auth/audit.js';
import type { Backend } from './backends/backend.js';
import { createExportService, type ExportService } from './create-export-service.js';
import { ProblemError, problemBody } from './problems/problem-error.js';
import { readApiKeys, type ServiceConfiguration } from './service-configuration.js';
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
  /** Gets each line of the log, a JSON object. */
  readonly log: (line: string) => void;
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
/** Longer than readers and proxies keep an idle connection, so that none is closed while a request is on its way. */
const KEEP_ALIVE_MS = 65_000;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Run a service in this process. Requests without credentials are allowed from this machine alone, and only while it
 * listens to nobody else and there are no keys.
 * @throws VecportError `conflict` when the port is taken or another service uses the folder.
 */
export async function runService(options: RunOptions): Promise<RunningExportService> {
  const { folder, configuration, stores, backends, host, port } = options;
  const state = openState(folder);
  let service: ExportService | undefined;
  try {
    const logger = pino(
      { level: 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
      {
        write: options.log,
      },
    );
    const keys = [...(configuration.auth?.keys ?? []), ...(await readApiKeys(folder))];
    const oidc = configuration.auth?.oidc ?? [];
    const local = LOOPBACK.has(host) && keys.length + oidc.length === 0;
    const anonymous = configuration.auth?.anonymous ?? (local ? 'local' : 'none');
    service = createExportService({
      stores,
      backends,
      state,
      auth: { keys, oidc, anonymous },
      limits: configuration.limits,
      audit: auditFile(join(folder, 'audit.ndjson')),
      logger,
    });
    const server = await listen(appOf(service, configuration), host, port);
    const running = service;
    return {
      url: urlOf(server, host),
      closedToAnonymous: anonymous === 'none',
      close: async () => {
        const closed = closeServer(server);
        await running.close();
        await closed;
        state.close();
      },
    };
  } catch (error) {
    await service?.close();
    state.close();
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

/** Every decision is in the file before it has an effect. */
function auditFile(path: string): Audit {
  const file = destination({ dest: path, append: true, sync: true, mkdir: true, mode: 0o600 });
  return (entry) => file.write(`${JSON.stringify(entry)}\n`);
}

async function listen(app: Express, host: string, port: number): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
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
