import { type CallOptions, type ClientOptions, send, sendForJson } from './exchange.js';
import { type EventOptions, followEvents } from './follow-events.js';
import type {
  BackendName,
  ClusterStatus,
  ExportList,
  ExportRequest,
  ExportStatus,
  ImportRequest,
  ImportStatus,
  JobEvent,
  ListQuery,
  ScheduleList,
  ScheduleRequest,
  ScheduleStatus,
} from './types.js';

/** Jobs of one kind: how they are looked at and ended. */
export interface JobCalls<Status> {
  status(backend: BackendName, id: string, options?: CallOptions): Promise<Status>;
  /** Follow it to its end. */
  events(backend: BackendName, id: string, options?: EventOptions): AsyncIterable<JobEvent<Status>>;
  /** Its final status. What it is (a failure, too) is not judged. */
  wait(backend: BackendName, id: string, options?: EventOptions): Promise<Status>;
  cancel(backend: BackendName, id: string, options?: CallOptions): Promise<Status>;
}

/** The service, as programs use it. Every call throws `ExportServiceError` when the service refuses it. */
export interface ExportClient {
  readonly exports: JobCalls<ExportStatus> & {
    /** Begin an export. The same request again goes on with one that failed, or tells what became of it. */
    start(backend: BackendName, request: ExportRequest, options?: CallOptions): Promise<ExportStatus>;
    /** Some exports, by id. */
    list(backend: BackendName, query?: ListQuery, options?: CallOptions): Promise<ExportList>;
  };
  readonly imports: JobCalls<ImportStatus> & {
    /** Write a complete export into a store. */
    start(backend: BackendName, id: string, request?: ImportRequest, options?: CallOptions): Promise<ImportStatus>;
  };
  readonly schedules: {
    create(request: ScheduleRequest, options?: CallOptions): Promise<ScheduleStatus>;
    get(id: string, options?: CallOptions): Promise<ScheduleStatus>;
    list(options?: CallOptions): Promise<ScheduleList>;
    /** Its exports stay. */
    remove(id: string, options?: CallOptions): Promise<void>;
  };
  /** What the cluster of the service does; for administrators. */
  cluster(options?: CallOptions): Promise<ClusterStatus>;
}

/**
 * A client of a service. It keeps no connection of its own; there is nothing to close.
 * @example
 * const client = createExportClient({ url: 'http://localhost:8080', token: process.env.VECPORT_KEY });
 * await client.exports.start('s3', { id: 'monday', include: ['Article'] });
 * const { status, error } = await client.exports.wait('s3', 'monday');
 */
export function createExportClient(options: ClientOptions): ExportClient {
  return {
    exports: {
      ...jobCalls<ExportStatus>(options, 'export'),
      start: async (backend, body, { signal } = {}) =>
        sendForJson(options, { method: 'POST', path: ['v1', 'export', backend], body, signal }),
      list: async (backend, query = {}, { signal } = {}) =>
        sendForJson(options, { method: 'GET', path: ['v1', 'export', backend], query: { ...query }, signal }),
    },
    imports: {
      ...jobCalls<ImportStatus>(options, 'import'),
      start: async (backend, id, body = {}, { signal } = {}) =>
        sendForJson(options, { method: 'POST', path: ['v1', 'import', backend, id], body, signal }),
    },
    schedules: {
      create: async (body, { signal } = {}) =>
        sendForJson(options, { method: 'POST', path: ['v1', 'schedules'], body, signal }),
      get: async (id, { signal } = {}) =>
        sendForJson(options, { method: 'GET', path: ['v1', 'schedules', id], signal }),
      list: async ({ signal } = {}) => sendForJson(options, { method: 'GET', path: ['v1', 'schedules'], signal }),
      remove: async (id, { signal } = {}) => {
        await send(options, { method: 'DELETE', path: ['v1', 'schedules', id], signal });
      },
    },
    cluster: async ({ signal } = {}) => sendForJson(options, { method: 'GET', path: ['v1', 'cluster'], signal }),
  };
}

function jobCalls<Status>(options: ClientOptions, kind: 'export' | 'import'): JobCalls<Status> {
  const pathOf = (backend: BackendName, id: string): readonly string[] => ['v1', kind, backend, id];
  const events: JobCalls<Status>['events'] = (backend, id, eventOptions = {}) =>
    followEvents<Status>(options, [...pathOf(backend, id), 'events'], eventOptions);
  return {
    status: async (backend, id, { signal } = {}) =>
      sendForJson(options, { method: 'GET', path: pathOf(backend, id), signal }),
    events,
    wait: async (backend, id, eventOptions) => {
      for await (const { type, status } of events(backend, id, eventOptions)) if (type === 'end') return status;
      throw new TypeError('The stream of events ended before the job did.');
    },
    cancel: async (backend, id, { signal } = {}) =>
      sendForJson(options, { method: 'DELETE', path: pathOf(backend, id), signal }),
  };
}
