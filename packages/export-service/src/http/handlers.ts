import type { Request, Response } from 'express';
import type { Authenticate } from '../auth/authenticate.js';
import { mayUseSome } from '../auth/grants.js';
import type { Clock } from '../clock.js';
import type { LiveJob } from '../jobs/job-manager.js';
import type { ServiceMetrics } from '../metrics.js';
import { type Caller, denied } from '../operations/caller.js';
import type { ClusterOperations } from '../operations/cluster-operations.js';
import { type ExportOperations, maySee } from '../operations/export-operations.js';
import type { ImportOperations } from '../operations/import-operations.js';
import type { ScheduleOperations } from '../operations/schedule-operations.js';
import { ProblemError } from '../problems/problem-error.js';
import type { Parsed } from './endpoint.js';
import type { Endpoints, OperationId } from './endpoints.js';
import { sendEvents } from './event-stream.js';
import { createSeats } from './seats.js';
import { sendJson } from './send-json.js';

type Field<O extends OperationId, K extends string> =
  Endpoints[O] extends Readonly<Record<K, infer S>> ? Parsed<S> : undefined;

/** A checked request. */
export interface Call<O extends OperationId> {
  readonly params: Field<O, 'params'>;
  readonly query: Field<O, 'query'>;
  readonly body: Field<O, 'body'>;
  readonly caller: Caller;
  readonly request: Request;
  readonly response: Response;
}

/** Answers a checked request: with the value to send, or with `undefined` when it has sent the answer itself. */
type Handler<O extends OperationId> = (
  call: Call<O>,
) => Promise<Field<O, 'answer'> | undefined> | Field<O, 'answer'> | undefined;

/** An answer for everything that can be requested. */
export type Handlers = { readonly [O in OperationId]: Handler<O> };

/** What handlers work with. */
export interface HandlerParts {
  readonly exports: ExportOperations;
  readonly imports: ImportOperations;
  readonly schedules: ScheduleOperations;
  readonly cluster: ClusterOperations;
  readonly metrics: ServiceMetrics;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly maxStreams: number;
  /** Aborted when the service ends. */
  readonly signal: AbortSignal;
  readonly isReady: () => boolean;
}

/** The handlers of a service. */
export function createHandlers(parts: HandlerParts): Handlers {
  const { exports, imports, schedules, cluster, metrics } = parts;
  const stream = eventSender(parts);
  return {
    startExport: async ({ caller, params, body }) => exports.start(caller, params.backend, body),
    listExports: async ({ caller, params, query }) => exports.list(caller, params.backend, query),
    getExport: ({ caller, params: { backend, id }, response }) =>
      sendText(response, exports.find(caller, backend, id, 'getExport').text()),
    cancelExport: async ({ caller, params: { backend, id } }) => exports.cancel(caller, backend, id),
    exportEvents: async ({ caller, params: { backend, id }, request, response }) =>
      stream({ request, response, caller }, exports.find(caller, backend, id, 'exportEvents')),
    startImport: async ({ caller, params: { backend, id }, body }) => imports.start(caller, backend, id, body),
    getImport: ({ caller, params: { backend, id }, response }) =>
      sendText(response, imports.find(caller, backend, id, 'getImport').text()),
    cancelImport: async ({ caller, params: { backend, id } }) => imports.cancel(caller, backend, id),
    importEvents: async ({ caller, params: { backend, id }, request, response }) =>
      stream({ request, response, caller }, imports.find(caller, backend, id, 'importEvents')),
    createSchedule: ({ caller, body }) => schedules.create(caller, body),
    listSchedules: ({ caller }) => schedules.list(caller),
    getSchedule: ({ caller, params: { id } }) => schedules.find(caller, id),
    deleteSchedule: ({ caller, params: { id }, response }) => {
      schedules.remove(caller, id);
      response.status(204).end();
      return undefined;
    },
    getCluster: async ({ caller }) => cluster.status(caller),
    metrics: async ({ caller, response }) => {
      const subject = { operation: 'metrics', target: 'metrics' };
      if (!mayUseSome(caller.principal, 'metrics', '')) {
        caller.deny(subject, 'metrics is missing');
        throw denied('The right metrics is missing.');
      }
      caller.allow(subject);
      response.type(metrics.contentType).send(await metrics.text());
      return undefined;
    },
    health: () => ({ status: 'ok' }),
    ready: () => {
      if (!parts.isReady()) throw new ProblemError('shutting-down', 'Jobs cannot be started now.', { retryAfter: 10 });
      return { status: 'ok' };
    },
  };
}

type StreamCall = Pick<Call<OperationId>, 'request' | 'response' | 'caller'>;

/** Sends the events of a job, of so many jobs at the same time. */
function eventSender(parts: HandlerParts) {
  const { metrics, signal, maxStreams, authenticate } = parts;
  const seats = createSeats(maxStreams);
  return async ({ request, response, caller }: StreamCall, job: LiveJob): Promise<undefined> => {
    // A key may be removed, and a token expire, while the stream is open.
    const mayFollow = async (): Promise<boolean> => {
      const principal = await authenticate(request);
      return principal !== undefined && maySee({ principal }, job.record);
    };
    if (signal.aborted) throw new ProblemError('shutting-down', 'The service is shutting down.', { retryAfter: 10 });
    const leave = seats.take(caller.principal.name);
    metrics.streams(1);
    try {
      await sendEvents(request, response, job, { ...parts, mayFollow });
    } finally {
      leave();
      metrics.streams(-1);
    }
    return undefined;
  };
}

/** The status of a job is asked for often, and is text already. */
function sendText(response: Response, json: string): undefined {
  sendJson(response, 200, json);
}
