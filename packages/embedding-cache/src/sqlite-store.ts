import { type BigIntStats, constants, statSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { VecportError } from '@vecport/abstractions';
import { type EmbeddingTables, embeddingTables } from './embedding-tables.js';
import { makeFolder } from './make-folder.js';
import { guard, isBusy } from './store-error.js';

/** The database of a cache. */
export interface SqliteStore {
  readonly tables: EmbeddingTables;
  /**
   * Run a step in a transaction that no other process writes during, all of it or nothing. It is on
   * disk when this returns.
   *
   * @throws VecportError `storage` when the file was removed or replaced since it was opened: SQLite
   * would go on writing where nobody finds it.
   */
  write<T>(step: () => T): T;
  close(): void;
}

const DATABASE_FILE = 'embeddings.sqlite';

/** Of the tables, in `PRAGMA user_version`; 0 is that of a new file. */
const SCHEMA_VERSION = 1;

/** `models` has a row for each model with embeddings. Its ids are UTF-8, as SQLite's own texts may end at a NUL. */
const SCHEMA = `
  CREATE TABLE models (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, dimension INTEGER NOT NULL) STRICT;
  CREATE TABLE embeddings (
    model INTEGER NOT NULL REFERENCES models, hash BLOB NOT NULL, numbers BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (model, hash)
  ) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** In one statement, so that both are of one moment. */
const STATE = `
  SELECT user_version AS version, (SELECT count(*) FROM sqlite_schema) AS tables FROM pragma_user_version`;

/** How long a call waits for another process that writes. */
const BUSY_TIMEOUT_MS = 5000;

const RETRY_MS = 10;

/** Of a connection; `fullfsync` is for macOS, where a sync alone does not reach the disk. */
const SETTINGS = `
  PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
`;

/** Open or make the database in a folder. */
export async function openStore(folder: string): Promise<SqliteStore> {
  return guard(folder, 'open', async () => {
    await makeFolder(folder);
    // With the dot, a file in the place of the folder is no folder rather than one without rights.
    await access(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
    const path = join(folder, DATABASE_FILE);
    const database = new DatabaseSync(path);
    try {
      database.exec(SETTINGS);
      // Asked first, so that a database that is refused stays as it is.
      const made = hasTables(database, folder);
      await startLog(database, folder);
      if (!made) makeTables(database, folder);
      return {
        tables: embeddingTables(database),
        write: writer(database, folder, path),
        close: () => database.close(),
      };
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

// SQLite does not wait by itself for another process that makes the same change to a new file.
async function startLog(database: DatabaseSync, folder: string): Promise<void> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
      if (mode === 'wal') return;
      throw new VecportError('storage', `The file system of ${folder} lacks what a write-ahead log needs.`, {
        advice: 'Keep the embedding cache on a local disk.',
      });
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    await delay(RETRY_MS);
  }
}

function makeTables(database: DatabaseSync, folder: string): void {
  inTransaction(database, () => {
    // Another process may have been faster.
    if (!hasTables(database, folder)) database.exec(SCHEMA);
  });
}

/** False for a new database; throws for one that is not ours. */
function hasTables(database: DatabaseSync, folder: string): boolean {
  const { version, tables } = database.prepare(STATE).get() ?? {};
  if (version === SCHEMA_VERSION) return true;
  if (version !== 0) throw otherVersion(folder, Number(version));
  if (tables !== 0) throw foreignDatabase(folder);
  return false;
}

function otherVersion(folder: string, version: number): VecportError {
  return new VecportError(
    'not-supported',
    `The embedding cache in ${folder} has version ${version}; this program knows version ${SCHEMA_VERSION}.`,
    { advice: 'Update @vecport/embedding-cache, or use another folder.' },
  );
}

function foreignDatabase(folder: string): VecportError {
  return new VecportError('corrupt-data', `${DATABASE_FILE} in ${folder} is no embedding cache.`, {
    advice: 'Use another folder.',
  });
}

function writer(database: DatabaseSync, folder: string, path: string): SqliteStore['write'] {
  const opened = statSync(path, { bigint: true });
  function checkInPlace(): void {
    const now = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (now === undefined || !isSameFile(now, opened)) throw removedStore(folder);
  }
  return (step) => {
    checkInPlace();
    const result = inTransaction(database, step);
    // Again: what was committed to a file removed meanwhile is not stored.
    checkInPlace();
    return result;
  };
}

function inTransaction<T>(database: DatabaseSync, step: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = step();
    database.exec('COMMIT');
    return result;
  } finally {
    // SQLite ends some failed transactions by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

function isSameFile(left: BigIntStats, right: BigIntStats): boolean {
  return left.ino === right.ino && left.dev === right.dev;
}

function removedStore(folder: string): VecportError {
  return new VecportError('storage', `The files of the embedding cache in ${folder} were removed while it was open.`, {
    advice: 'Open it again.',
  });
}
