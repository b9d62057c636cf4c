import { DatabaseSync } from 'node:sqlite';
import { type Job, jobSchema } from './job.js';

/** Jobs that are remembered when nobody says how many. */
const KEPT = 200;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS jobs (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, job TEXT NOT NULL) STRICT;
`;

/** The jobs of this application, those of earlier processes included. */
export interface JobStore {
  get(id: string): Job | undefined;
  /** Latest first. */
  list(limit: number): readonly Job[];
  /** Write a job, new or changed; durable when it returns. */
  save(job: Job): void;
  /** Say of all jobs that seem to run that they were interrupted: nothing runs when an application starts. */
  interruptAll(at: Date): void;
  /** A second call does nothing. */
  close(): void;
}

/** Open the SQLite database at `path`, making it if there is none. The oldest jobs beyond `kept` are forgotten. */
export function openJobStore(path: string, kept = KEPT): JobStore {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const get = database.prepare('SELECT job FROM jobs WHERE id = ?');
  const list = database.prepare('SELECT job FROM jobs ORDER BY number DESC LIMIT ?');
  const save = database.prepare(
    'INSERT INTO jobs (id, job) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET job = excluded.job',
  );
  const forget = database.prepare('DELETE FROM jobs WHERE number <= (SELECT max(number) FROM jobs) - ?');
  const store: JobStore = {
    get: (id) => {
      const row = get.get(id);
      return row === undefined ? undefined : jobOf(row);
    },
    list: (limit) => list.all(limit).map(jobOf),
    save: (job) => {
      save.run(job.id, JSON.stringify(job));
      forget.run(kept);
    },
    interruptAll: (at) => {
      for (const job of store.list(kept)) {
        if (job.status === 'running') store.save({ ...job, status: 'interrupted', endedAt: at.toISOString() });
      }
    },
    close: () => {
      if (database.isOpen) database.close();
    },
  };
  return store;
}

function jobOf(row: Readonly<Record<string, unknown>>): Job {
  return jobSchema.parse(JSON.parse(String(row['job'])));
}
