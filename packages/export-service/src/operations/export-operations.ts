import { setImmediate } from 'node:timers/promises';
import { isVecportError, parseFilter } from '@vecport/abstractions';
import { type DatasetAddress, shownPath } from '../backends/backends.js';
import type { ExportList, ExportRequestBody, ExportStatus, ListQuery } from '../contract/export-schemas.js';
import { encodingFor, layoutOf } from '../contract/formats.js';
import type { BackendName } from '../contract/names.js';
import type { LiveJob } from '../jobs/job-manager.js';
import { statusOf } from '../jobs/job-status.js';
import { sameRequest } from '../jobs/task-key.js';
import { ProblemError } from '../problems/problem-error.js';
import type { ExportRecord, JobKey, JobRecord } from '../state/job-record.js';
import { type Caller, denied, lacking, notFound, type Subject } from './caller.js';
import { authorizeExport, checkLists, chooseClasses, storeOf } from './choose-classes.js';
import type { ServiceParts } from './service-parts.js';

/** What can be done with exports. Every call is decided about and audited. */
export interface ExportOperations {
  /** Begin an export, or answer what became of the same one. `schedule` is the one that begins it. */
  start(caller: Caller, backend: BackendName, body: ExportRequestBody, schedule?: string): Promise<ExportStatus>;
  /** @throws ProblemError `not-found`, also for what the caller may not see. */
  find(caller: Caller, backend: BackendName, id: string, operation: string): LiveJob;
  list(caller: Caller, backend: BackendName, query: ListQuery): Promise<ExportList>;
  cancel(caller: Caller, backend: BackendName, id: string): Promise<ExportStatus>;
}

const DEFAULT_LIMIT = 100;
/** Jobs that are looked at before others are answered. */
const LOOKED_AT_ONCE = 100;

/** Exports of a service. */
export function exportOperations(parts: ServiceParts): ExportOperations {
  const { manager, state } = parts;
  // Ids whose request is being looked at: of two at the same time, the second is told that the first is under way.
  const starting = new Set<string>();
  return {
    start: async (caller, backend, body, schedule) => {
      const subject: Subject = { operation: 'startExport', target: `export/${backend}/${body.id}` };
      checkRequest(body);
      const store = storeOf(parts, body.source, 'source');
      authorizeExport(caller, store, body, subject);
      const address = parts.backends.address(backend, body.config, body.id);
      const lock = `${backend} ${body.id}`;
      if (starting.has(lock)) throw inProgress(body.id);
      starting.add(lock);
      try {
        return await startChecked(parts, { caller, address, store, body, schedule, subject });
      } finally {
        starting.delete(lock);
      }
    },
    find: (caller, backend, id, operation) => {
      const job = manager.get({ kind: 'export', backend, id });
      const subject: Subject = { operation, target: `export/${backend}/${id}` };
      if (job === undefined || !maySee(caller, job.record)) {
        caller.deny(subject, job === undefined ? 'it does not exist' : 'READ is missing');
        throw notFound(`export '${id}' in ${backend}`);
      }
      caller.allow({ ...subject, store: job.record.store, classes: job.record.classes });
      return job;
    },
    list: async (caller, backend, { status, limit = DEFAULT_LIMIT, after }) => {
      caller.allow({ operation: 'listExports', target: `export/${backend}` });
      const found: ExportStatus[] = [];
      let looked = 0;
      for (const record of state.jobs.list({ kind: 'export', backend, status, after })) {
        // Others are answered meanwhile, however many there are that may not be seen.
        if (++looked % LOOKED_AT_ONCE === 0) await setImmediate();
        if (!maySee(caller, record)) continue;
        if (found.length === limit) return { exports: found, next: found.at(-1)?.id };
        const live = manager.get({ kind: 'export', backend, id: record.address.id });
        found.push(statusOf(live?.record ?? record, live?.rate) as ExportStatus);
      }
      return { exports: found };
    },
    cancel: async (caller, backend, id) => {
      const key: JobKey = { kind: 'export', backend, id };
      const job = manager.get(key);
      const subject: Subject = { operation: 'cancelExport', target: `export/${backend}/${id}` };
      authorizeCancel(caller, job, subject, `export '${id}' in ${backend}`);
      return statusOf(await manager.cancel(key)) as ExportStatus;
    },
  };
}

/**
 * Refuse to cancel what the caller may not see (as if it were not there), and what somebody else began without the
 * right to manage it. @throws ProblemError
 */
export function authorizeCancel(
  caller: Caller,
  job: LiveJob | undefined,
  subject: Subject,
  what: string,
): asserts job is LiveJob {
  if (job === undefined || !maySee(caller, job.record)) {
    caller.deny(subject, job === undefined ? 'it does not exist' : 'READ is missing');
    throw notFound(what);
  }
  const { store, classes, owner } = job.record;
  if (owner !== caller.principal.name && lacking(caller, 'manage', store, classes).length > 0) {
    caller.deny({ ...subject, store, classes }, 'manage is missing');
    throw denied('Only who started it or may manage its classes can cancel it.');
  }
  caller.allow({ ...subject, store, classes });
}

/** Whether a job is about nothing but what the caller may read. */
export function maySee(caller: Pick<Caller, 'principal'>, { store, classes }: JobRecord): boolean {
  return lacking(caller, 'read', store, classes).length === 0;
}

interface Start {
  readonly caller: Caller;
  readonly address: DatasetAddress;
  readonly store: string;
  readonly body: ExportRequestBody;
  readonly schedule: string | undefined;
  readonly subject: Subject;
}

async function startChecked(parts: ServiceParts, start: Start): Promise<ExportStatus> {
  const { caller, address, store, body, schedule, subject } = start;
  const classes = await chooseClasses(parts, caller, store, body);
  caller.allow({ ...subject, store, classes });
  const key: JobKey = { kind: 'export', backend: address.backend, id: address.id };
  const before = parts.manager.get(key)?.record;
  if (before !== undefined) {
    const answer = answerAgain(parts, start, before, key);
    if (answer !== undefined) return answer;
  }
  await checkSince(parts, caller, start);
  await checkTarget(parts, address, before !== undefined);
  const record: ExportRecord = {
    kind: 'export',
    address,
    store,
    classes: before?.classes ?? classes,
    request: body,
    owner: caller.principal.name,
    ...(schedule === undefined ? {} : { schedule }),
    status: 'STARTED',
    startedAt: parts.clock.now(),
    attempts: 0,
    progress: {},
  };
  return statusOf(parts.manager.start(record)) as ExportStatus;
}

/** What a request for an id that was used gets; `undefined` when the job is to be gone on with. */
function answerAgain(
  { manager }: ServiceParts,
  { caller, body, store }: Start,
  before: JobRecord,
  key: JobKey,
): ExportStatus | undefined {
  if (manager.isActive(key)) throw inProgress(body.id);
  const same = before.store === store && sameRequest(before.request, body) && maySee(caller, before);
  if (!same) {
    throw new ProblemError('id-already-used', `The id '${body.id}' was used for another export; choose another one.`);
  }
  return before.status === 'SUCCESS' ? (statusOf(before) as ExportStatus) : undefined;
}

function checkRequest(body: ExportRequestBody): void {
  checkLists(body);
  if (body.filter !== undefined) parseFilter(body.filter);
  encodingFor(body);
  if (body.since === body.id) throw new ProblemError('invalid-request', 'since: an export cannot follow itself.');
}

/** An increment needs a complete export that the caller may see. */
async function checkSince({ manager }: ServiceParts, caller: Caller, { address, body }: Start): Promise<void> {
  if (body.since === undefined) return;
  const parent = manager.get({ kind: 'export', backend: address.backend, id: body.since });
  const there =
    parent !== undefined &&
    maySee(caller, parent.record) &&
    parent.record.status === 'SUCCESS' &&
    shownPath({ ...address, id: body.since }) === shownPath(parent.record.address);
  if (!there)
    throw new ProblemError('invalid-request', `since: there is no complete export '${body.since}' beside it.`);
  if (parent.record.kind === 'export' && layoutOf(parent.record.request) !== 'native') {
    throw new ProblemError('invalid-request', `since: '${body.since}' is not of the layout native.`);
  }
}

/**
 * That the place can be written, and nothing is there that would be mixed up with the export.
 * @throws ProblemError `write-to-backend-failed`, `backend-not-available`, `target-not-empty`, `export-already-in-progress`.
 */
async function checkTarget({ backends }: ServiceParts, address: DatasetAddress, begun: boolean): Promise<void> {
  try {
    const storage = await backends.open(address);
    const lock = await storage.lock('.vecport.lock');
    try {
      if (begun) return;
      for await (const _entry of storage.list('')) {
        throw new ProblemError('target-not-empty', `${shownPath(address)} is not empty; choose another id or path.`);
      }
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw backendProblem(error, address, (text) => backends.scrub(text));
  }
}

/** What a failure of a backend means to a client. */
export function backendProblem(error: unknown, address: DatasetAddress, scrub: (text: string) => string): unknown {
  if (!isVecportError(error)) return error;
  const reason = scrub(error.reason);
  switch (error.code) {
    case 'conflict':
      return new ProblemError('export-already-in-progress', `Another program writes to ${shownPath(address)}.`);
    case 'unavailable':
    case 'timeout':
    case 'rate-limited':
    case 'not-supported':
      return new ProblemError('backend-not-available', `backend not available: ${reason}`, { cause: error });
    default:
      return new ProblemError('write-to-backend-failed', `write to backend failed: ${reason}`, { cause: error });
  }
}

function inProgress(id: string): ProblemError {
  return new ProblemError(
    'export-already-in-progress',
    `export already in progress: '${id}'. Wait for its completion or use another id.`,
  );
}
