import type { DatabaseSync } from 'node:sqlite';
import { parseJson, stringifyJson } from '@vecport/abstractions';
import type { Grant } from '../auth/grants.js';
import type { JobStatus } from '../contract/names.js';
import type { ScheduleRequestBody } from '../contract/schedule-schemas.js';

/** A schedule as it is remembered. Times are milliseconds since 1970. */
export interface ScheduleRecord {
  readonly id: string;
  readonly request: ScheduleRequestBody;
  readonly source: string;
  /** Who made it. */
  readonly owner: string;
  /** What its maker was allowed then: its runs may do no more. */
  readonly grants: readonly Grant[];
  readonly createdAt: number;
  readonly nextRunAt?: number | undefined;
  readonly lastRun?: {
    readonly id: string;
    readonly at: number;
    readonly status?: JobStatus | undefined;
    readonly error?: string | undefined;
  };
  readonly skippedRuns: number;
  readonly missedRuns: number;
}

/** The remembered schedules. */
export interface ScheduleTable {
  get(id: string): ScheduleRecord | undefined;
  /** By id. */
  all(): readonly ScheduleRecord[];
  /** Insert or replace. */
  put(record: ScheduleRecord): void;
  delete(id: string): void;
}

/** The schedules in a database. */
export function scheduleTable(database: DatabaseSync): ScheduleTable {
  const get = database.prepare('SELECT record FROM schedules WHERE id = ?');
  const all = database.prepare('SELECT record FROM schedules ORDER BY id');
  const put = database.prepare(
    'INSERT INTO schedules (id, record) VALUES (?, ?) ON CONFLICT DO UPDATE SET record = excluded.record',
  );
  const remove = database.prepare('DELETE FROM schedules WHERE id = ?');
  return {
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? undefined : recordOf(row);
    },
    all: () => all.all().map((row) => recordOf(row)),
    put: (record) => void put.run(record.id, stringifyJson(record)),
    delete: (id) => void remove.run(id),
  };
}

// Only this package writes the table, and its version was checked.
function recordOf(row: Readonly<Record<string, unknown>>): ScheduleRecord {
  return parseJson(String(row['record'])) as unknown as ScheduleRecord;
}
