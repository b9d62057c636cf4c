import { parseFilter } from '@vecport/abstractions';
import { mayUseAll, mayUseSome } from '../auth/grants.js';
import { encodingFor } from '../contract/formats.js';
import type { ScheduleList, ScheduleRequestBody, ScheduleStatus } from '../contract/schedule-schemas.js';
import { sameRequest } from '../jobs/task-key.js';
import { ProblemError } from '../problems/problem-error.js';
import { runTimes } from '../schedules/next-run.js';
import type { Scheduler } from '../schedules/scheduler.js';
import type { ScheduleRecord } from '../state/schedule-table.js';
import { unknownStore } from '../stores/store-pool.js';
import { type Caller, denied, lacking, notFound, type Subject } from './caller.js';
import { checkLists, storeOf } from './choose-classes.js';
import type { ServiceParts } from './service-parts.js';

/** What can be done with schedules. Every call is decided about and audited. */
export interface ScheduleOperations {
  create(caller: Caller, body: ScheduleRequestBody): ScheduleStatus;
  /** @throws ProblemError `not-found`, also for what the caller may not see. */
  find(caller: Caller, id: string): ScheduleStatus;
  list(caller: Caller): ScheduleList;
  /** Its exports stay. */
  remove(caller: Caller, id: string): void;
}

/** Schedules of a service. */
export function scheduleOperations(parts: ServiceParts, scheduler: Pick<Scheduler, 'wake'>): ScheduleOperations {
  const { state } = parts;
  const findVisible = (caller: Caller, id: string, operation: string): ScheduleRecord => {
    const record = state.schedules.get(id);
    const subject: Subject = { operation, target: `schedule/${id}` };
    if (record === undefined || !maySee(caller, record)) {
      caller.deny(subject, record === undefined ? 'it does not exist' : 'manage is missing');
      throw notFound(`schedule '${id}'`);
    }
    caller.allow({ ...subject, store: record.source, classes: namedBy(record.request) });
    return record;
  };
  return {
    create: (caller, body) => {
      const record = newRecord(parts, caller, body);
      const before = state.schedules.get(body.id);
      if (before !== undefined) {
        if (maySee(caller, before) && sameRequest(before.request, body)) return statusOf(before);
        throw new ProblemError('id-already-used', `The id '${body.id}' is used for another schedule.`);
      }
      state.schedules.put(record);
      scheduler.wake();
      return statusOf(record);
    },
    find: (caller, id) => statusOf(findVisible(caller, id, 'getSchedule')),
    list: (caller) => {
      caller.allow({ operation: 'listSchedules', target: 'schedule' });
      const seen = state.schedules.all().filter((record) => maySee(caller, record));
      return { schedules: seen.map(statusOf) };
    },
    remove: (caller, id) => {
      findVisible(caller, id, 'deleteSchedule');
      for (const { schedule: _schedule, ...record } of state.jobs.ofSchedule(id)) {
        const key = { kind: record.kind, backend: record.address.backend, id: record.address.id } as const;
        if (!parts.manager.isActive(key)) state.jobs.put(record);
      }
      state.schedules.delete(id);
      scheduler.wake();
    },
  };
}

function newRecord(parts: ServiceParts, caller: Caller, body: ScheduleRequestBody): ScheduleRecord {
  const choice = body.export ?? {};
  checkLists(choice);
  if (choice.filter !== undefined) parseFilter(choice.filter);
  encodingFor(choice);
  if (body.mode === 'incremental' && (choice.layout ?? 'native') !== 'native') {
    throw new ProblemError('invalid-request', 'export.layout: increments are made in the layout native.');
  }
  const source = storeOf(parts, choice.source, 'export.source');
  authorize(caller, source, body);
  parts.backends.address(body.backend, choice.config, body.id);
  if (!parts.stores.names.includes(source)) throw unknownStore(source);
  const now = parts.clock.now();
  const nextRunAt = runTimes(body.cron, body.timeZone ?? 'UTC', now).after(now);
  return {
    id: body.id,
    request: body,
    source,
    owner: caller.principal.name,
    grants: caller.principal.grants,
    createdAt: now,
    ...(nextRunAt === undefined ? {} : { nextRunAt }),
    skippedRuns: 0,
    missedRuns: 0,
  };
}

function authorize(caller: Caller, source: string, body: ScheduleRequestBody): void {
  const subject: Subject = { operation: 'createSchedule', target: `schedule/${body.id}`, store: source };
  const named = namedBy(body);
  const missing = lacking(caller, 'manage', source, named);
  if (missing.length === 0 && mayUseSome(caller.principal, 'manage', source)) {
    caller.allow({ ...subject, classes: named });
    return;
  }
  caller.deny({ ...subject, classes: named }, 'manage is missing');
  throw denied(missing.length === 0 ? 'manage is missing.' : `manage is missing on: ${missing.join(', ')}.`);
}

/** Its maker; who may manage the classes it names; and, when it names none, who may manage all. */
function maySee(caller: Caller, { owner, source, request }: ScheduleRecord): boolean {
  if (owner === caller.principal.name) return true;
  const include = request.export?.include ?? [];
  if (include.length === 0) return mayUseAll(caller.principal, 'manage');
  return lacking(caller, 'manage', source, include).length === 0;
}

function namedBy({ export: choice = {} }: ScheduleRequestBody): readonly string[] {
  return [...(choice.include ?? []), ...(choice.exclude ?? [])];
}

function statusOf(record: ScheduleRecord): ScheduleStatus {
  const { request, lastRun, nextRunAt } = record;
  const { id, cron, timeZone = 'UTC', backend, mode = 'full', missed = 'run', fullEvery, keep } = request;
  return {
    id,
    cron,
    timeZone,
    backend,
    mode,
    missed,
    ...(fullEvery === undefined ? {} : { fullEvery }),
    ...(keep === undefined ? {} : { keep }),
    source: record.source,
    classes: request.export?.include ?? [],
    createdAt: new Date(record.createdAt).toISOString(),
    ...(nextRunAt === undefined ? {} : { nextRunAt: new Date(nextRunAt).toISOString() }),
    ...(lastRun === undefined ? {} : { lastRun: { ...lastRun, at: new Date(lastRun.at).toISOString() } }),
    skippedRuns: record.skippedRuns,
    missedRuns: record.missedRuns,
  };
}
