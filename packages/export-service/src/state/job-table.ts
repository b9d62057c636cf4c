import type { DatabaseSync } from 'node:sqlite';
import { parseJson, stringifyJson } from '@vecport/abstractions';
import type { JobStatus } from '../contract/names.js';
import { type JobKey, type JobRecord, keyOf } from './job-record.js';

/** Which jobs are listed. */
interface JobQuery {
  readonly kind: JobKey['kind'];
  readonly backend: string;
  readonly status?: JobStatus | undefined;
  /** Behind this id. */
  readonly after?: string | undefined;
}

/** The remembered jobs. */
export interface JobTable {
  get(key: JobKey): JobRecord | undefined;
  /** Insert or replace. */
  put(record: JobRecord): void;
  /** The same, without waiting for the disk: what was noted last may be lost when the machine loses its power. */
  note(record: JobRecord): void;
  delete(key: JobKey): void;
  /** By id. Read one by one: the caller may stop. */
  list(query: JobQuery): Iterable<JobRecord>;
  /** Those that have no final status, the oldest first. */
  unfinished(): readonly JobRecord[];
  /** Exports of a schedule, the newest first. */
  ofSchedule(schedule: string): readonly JobRecord[];
  /** Forget final jobs that were completed before a time and belong to no schedule. Gives how many. */
  forget(before: number): number;
  /** How many there are of each kind and status. */
  counts(): readonly { readonly kind: string; readonly status: string; readonly count: number }[];
}

const PUT = `
  INSERT INTO jobs (kind, backend, id, status, schedule, started, completed, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET status = excluded.status, schedule = excluded.schedule, started = excluded.started,
    completed = excluded.completed, record = excluded.record`;

/** The jobs in a database. */
export function jobTable(database: DatabaseSync): JobTable {
  const get = database.prepare('SELECT record FROM jobs WHERE kind = ? AND backend = ? AND id = ?');
  const put = database.prepare(PUT);
  const remove = database.prepare('DELETE FROM jobs WHERE kind = ? AND backend = ? AND id = ?');
  const page = database.prepare(
    `SELECT id, record FROM jobs WHERE kind = ? AND backend = ? AND id > ? AND (status = ? OR ? = '') ORDER BY id LIMIT ${PAGE}`,
  );
  const unfinished = database.prepare(
    "SELECT record FROM jobs WHERE status IN ('STARTED', 'TRANSFERRING') ORDER BY started",
  );
  const ofSchedule = database.prepare('SELECT record FROM jobs WHERE schedule = ? ORDER BY started DESC, id DESC');
  const forget = database.prepare('DELETE FROM jobs WHERE completed < ? AND schedule IS NULL');
  const counts = database.prepare('SELECT kind, status, count(*) AS count FROM jobs GROUP BY kind, status');
  const write = (record: JobRecord): void => {
    const { kind, backend, id } = keyOf(record);
    const { status, schedule = null, startedAt, completedAt = null } = record;
    put.run(kind, backend, id, status, schedule, startedAt, completedAt, stringifyJson(record));
  };
  return {
    get: ({ kind, backend, id }) => recordIn(get.get(kind, backend, id)),
    put: write,
    note: (record) => {
      // Of a log that is written ahead, the database stays whole either way.
      database.exec('PRAGMA synchronous = NORMAL');
      try {
        write(record);
      } finally {
        database.exec('PRAGMA synchronous = FULL');
      }
    },
    delete: ({ kind, backend, id }) => void remove.run(kind, backend, id),
    list: function* ({ kind, backend, status = '', after = '' }) {
      for (let behind = after; ; ) {
        const rows = page.all(kind, backend, behind, status, status);
        yield* rows.map((row) => recordOf(row));
        if (rows.length < PAGE) return;
        behind = String(rows.at(-1)?.['id']);
      }
    },
    unfinished: () => unfinished.all().map((row) => recordOf(row)),
    ofSchedule: (schedule) => ofSchedule.all(schedule).map((row) => recordOf(row)),
    forget: (before) => Number(forget.run(before).changes),
    counts: () =>
      counts
        .all()
        .map((row) => ({ kind: String(row['kind']), status: String(row['status']), count: Number(row['count']) })),
  };
}

const PAGE = 200;

function recordIn(row: Readonly<Record<string, unknown>> | undefined): JobRecord | undefined {
  return row === undefined ? undefined : recordOf(row);
}

// Only this package writes the table, and its version was checked.
function recordOf(row: Readonly<Record<string, unknown>>): JobRecord {
  return parseJson(String(row['record'])) as unknown as JobRecord;
}
