import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { VecportError } from '@vecport/abstractions';
import { type JobTable, jobTable } from './job-table.js';
import { type ScheduleTable, scheduleTable } from './schedule-table.js';

/** What the service remembers: jobs and schedules. Every change is on disk when the call returns, unless it says else. */
export interface ServiceState {
  readonly jobs: JobTable;
  readonly schedules: ScheduleTable;
  /** A folder for what jobs remember besides. */
  readonly folder: string;
  /** Whether it can be read and written now. */
  isHealthy(): boolean;
  close(): void;
}

const SCHEMA_VERSION = 1;
const DATABASE_FILE = 'service.sqlite';

const SCHEMA = `
  CREATE TABLE jobs (
    kind TEXT NOT NULL, backend TEXT NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, schedule TEXT,
    started INTEGER NOT NULL, completed INTEGER, record TEXT NOT NULL,
    PRIMARY KEY (kind, backend, id)
  ) STRICT;
  CREATE INDEX jobs_by_schedule ON jobs (schedule, started) WHERE schedule IS NOT NULL;
  CREATE INDEX jobs_by_status ON jobs (status);
  CREATE TABLE schedules (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Open or make the state in a folder. One service at a time may use it: a second one is refused.
 * @throws VecportError `conflict` when another service has it open, `not-supported` for one of a newer version.
 */
export function openState(folder: string): ServiceState {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, DATABASE_FILE));
  try {
    prepare(database, folder);
    return {
      jobs: jobTable(database),
      schedules: scheduleTable(database),
      folder,
      isHealthy: () => canWrite(database),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync, folder: string): void {
  try {
    // Exclusive: the lock is kept until the process ends, however it does.
    database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT;',
    );
  } catch (cause) {
    if (!String(cause).includes('locked')) throw cause;
    throw new VecportError('conflict', `Another service uses the state in ${folder}.`, {
      advice: 'Give each service a folder of its own.',
      cause,
    });
  }
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === 0) database.exec(SCHEMA);
  else if (version !== SCHEMA_VERSION) {
    throw new VecportError('not-supported', `The state in ${folder} is of version ${version}.`, {
      advice: 'Update @vecport/export-service, or use another folder.',
    });
  }
}

function canWrite(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN IMMEDIATE; COMMIT;');
    return true;
  } catch {
    return false;
  }
}
