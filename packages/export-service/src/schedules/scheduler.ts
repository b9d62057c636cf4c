import type { Audit } from '../auth/audit.js';
import type { ExportRequestBody } from '../contract/export-schemas.js';
import type { Caller } from '../operations/caller.js';
import type { ExportOperations } from '../operations/export-operations.js';
import type { ServiceParts } from '../operations/service-parts.js';
import { problemOf } from '../problems/problem-of.js';
import { type JobRecord, keyOf } from '../state/job-record.js';
import type { ScheduleRecord } from '../state/schedule-table.js';
import { runTimes } from './next-run.js';
import { nextParent, outdated } from './retention.js';

/** Starts the exports of schedules when they are due. */
export interface Scheduler {
  /** Look at what is due: runs that were missed as well. Called once at the start, and whenever schedules change. */
  wake(): void;
  /** An export ended: what its schedule remembers of it, and which of its exports are not needed any more. */
  ended(record: JobRecord): void;
  /** Start nothing any more; resolves when what was begun is done. */
  close(): Promise<void>;
}

/** Every so many runs of an incremental schedule one is full, if nobody says how many. */
const FULL_EVERY = 7;
/** A run that begins later than this was missed, in milliseconds. */
const TOLERANCE_MS = 60_000;
/** A clock that goes back by less is set right, in milliseconds. */
const SET_RIGHT_MS = 60 * 60_000;
/** A timer is never longer than this: clocks are set, machines sleep. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** What a scheduler works with. */
export interface SchedulerParts extends Pick<ServiceParts, 'state' | 'clock' | 'manager' | 'runner'> {
  readonly exports: ExportOperations;
  readonly audit: Audit;
  readonly onError: (error: unknown, schedule: string) => void;
}

/** The scheduler of a service. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { state, clock } = parts;
  const working = new Set<Promise<void>>();
  let cancelTimer = (): void => {};
  let closed = false;

  const track = (work: Promise<void>, schedule: string): void => {
    const tracked = work
      .catch((error: unknown) => parts.onError(error, schedule))
      .finally(() => working.delete(tracked));
    working.add(tracked);
  };
  const wake = (): void => {
    if (closed) return;
    cancelTimer();
    const now = clock.now();
    for (const record of state.schedules.all()) {
      backInTime(parts, record, now);
      if (record.nextRunAt !== undefined && record.nextRunAt <= now) track(runDue(parts, record, now), record.id);
    }
    const next = state.schedules.all().flatMap(({ nextRunAt }) => nextRunAt ?? []);
    if (next.length > 0) cancelTimer = clock.after(Math.min(Math.min(...next) - now, LONGEST_WAIT_MS), wake);
  };
  return {
    wake,
    ended: (record) => {
      if (record.schedule !== undefined) track(cleanUp(parts, record, record.schedule), record.schedule);
    },
    close: async () => {
      closed = true;
      cancelTimer();
      await Promise.all(working);
    },
  };
}

/**
 * When the clock was set back, runs are due before the one that is remembered as the next. Set right by a little, it
 * brings no run again that was done.
 */
function backInTime({ state }: SchedulerParts, { nextRunAt, ...record }: ScheduleRecord, now: number): void {
  const { lastRun, request } = record;
  const done = lastRun !== undefined && lastRun.at - now < SET_RIGHT_MS ? Math.max(lastRun.at, now) : now;
  const next = runTimes(request.cron, request.timeZone ?? 'UTC', now).after(done);
  if (nextRunAt === undefined || next === undefined || next >= nextRunAt || nextRunAt <= now) return;
  state.schedules.put({ ...record, nextRunAt: next });
}

/** The time of the next run is remembered before anything is begun: a run is begun once at most. */
async function runDue(parts: SchedulerParts, due: ScheduleRecord, now: number): Promise<void> {
  const { state, manager } = parts;
  const { request, nextRunAt = now } = due;
  const times = runTimes(request.cron, request.timeZone ?? 'UTC', now);
  const late = now - nextRunAt > TOLERANCE_MS;
  const missed = late ? 1 + times.between(nextRunAt, now) : 0;
  const last = due.lastRun?.id;
  const busy = last !== undefined && manager.isActive({ kind: 'export', backend: request.backend, id: last });
  const skip = late && request.missed === 'skip';
  const record: ScheduleRecord = {
    ...due,
    nextRunAt: times.after(now),
    missedRuns: due.missedRuns + missed,
    skippedRuns: due.skippedRuns + (busy && !skip ? 1 : 0),
  };
  state.schedules.put(record);
  if (!busy && !skip) await begin(parts, record, late ? now : nextRunAt);
}

async function begin(parts: SchedulerParts, record: ScheduleRecord, at: number): Promise<void> {
  const { exports, state } = parts;
  const body = requestOf(parts, record, at);
  const remember = (lastRun: NonNullable<ScheduleRecord['lastRun']>): void => {
    // It may have been changed or removed meanwhile.
    const current = state.schedules.get(record.id);
    if (current !== undefined) state.schedules.put({ ...current, lastRun });
  };
  try {
    const { status } = await exports.start(callerOf(parts, record), record.request.backend, body, record.id);
    const now = parts.manager.get({ kind: 'export', backend: record.request.backend, id: body.id })?.record;
    remember({ id: body.id, at, status: now?.status ?? status });
  } catch (error) {
    remember({ id: body.id, at, error: problemOf(error).message });
    parts.onError(error, record.id);
  }
}

function requestOf({ state }: SchedulerParts, { id, request, source }: ScheduleRecord, at: number): ExportRequestBody {
  const time = new Date(at)
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
    .toLowerCase();
  const choice = { ...request.export, source, id: `${id}-${time}` };
  if (request.mode !== 'incremental') return choice;
  const since = nextParent(state.jobs.ofSchedule(id), request.fullEvery ?? FULL_EVERY);
  return { ...choice, layout: 'native', ...(since === undefined ? {} : { since }) };
}

/** A run may do what the maker of its schedule was allowed. */
function callerOf({ audit, clock }: SchedulerParts, { id, owner, grants }: ScheduleRecord): Caller {
  const log =
    (decision: 'allowed' | 'denied'): Caller['deny'] =>
    (subject, reason) =>
      audit({
        time: new Date(clock.now()).toISOString(),
        requestId: `schedule-${id}`,
        principal: owner,
        ...subject,
        operation: 'schedule',
        decision,
        ...(reason === undefined ? {} : { reason }),
      });
  return {
    principal: { name: owner, grants },
    allow: (subject) => log('allowed')(subject, ''),
    deny: log('denied'),
  };
}

async function cleanUp(parts: SchedulerParts, ended: JobRecord, id: string): Promise<void> {
  const { state, manager, runner } = parts;
  const schedule = state.schedules.get(id);
  if (schedule === undefined) {
    const { schedule: _removed, ...record } = ended;
    state.jobs.put(record);
    return;
  }
  const { lastRun, request } = schedule;
  if (lastRun?.id === ended.address.id) {
    state.schedules.put({ ...schedule, lastRun: { ...lastRun, status: ended.status } });
  }
  if (request.keep === undefined || ended.status !== 'SUCCESS') return;
  for (const old of outdated(state.jobs.ofSchedule(id), request.keep)) {
    if (manager.isActive(keyOf(old))) continue;
    await runner.removeDataset(old.address);
    state.jobs.delete(keyOf(old));
  }
}
