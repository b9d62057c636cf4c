import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Connection } from '@lancedb/lancedb';
import { schemeOf } from '@vecport/abstractions';
import type * as Arrow from 'apache-arrow';
import { closeHandle } from './close-handle.js';
import { createTable } from './create-table.js';
import { lanceCall, notSupported } from './errors.js';

/** The Apache Arrow library, loaded when the store is opened. */
export type ArrowLibrary = typeof Arrow;

/** An open folder of tables. */
export interface LanceClient {
  readonly arrow: ArrowLibrary;
  /** Version of the LanceDB package; unknown for an injected connection. */
  readonly version?: string | undefined;
  /** The connection, or `undefined` while there is no folder yet: reading never makes one. */
  existing(): Promise<Connection | undefined>;
  /** Make an empty table, and the folder if it is not there. @throws VecportError `already-exists`. */
  createTable(name: string, schema: Arrow.Schema): Promise<void>;
  /** Closes the connection unless it was injected. */
  close(): Promise<void>;
}

/**
 * Open a local folder. The native library is loaded here and not before; every read sees all writes
 * that were finished before it, also those of other processes.
 * @throws VecportError `storage` when the path is there and is no readable folder, `not-supported`
 * for URLs of object stores and of LanceDB's cloud.
 */
export async function openFolder(path: string): Promise<LanceClient> {
  if (schemeOf(path) !== undefined)
    throw notSupported(`'${path}' is not a local folder.`, 'Give the path of a folder.');
  const [lancedb, arrow] = await Promise.all([import('@lancedb/lancedb'), import('apache-arrow')]);
  let connection: Promise<Connection> | undefined;
  const connect = async (): Promise<Connection> => {
    // A failed attempt is not kept: the next call may find the folder in order.
    connection ??= lanceCall(async () => lancedb.connect(path, { readConsistencyInterval: 0 })).catch(
      (error: unknown) => {
        connection = undefined;
        throw error;
      },
    );
    return connection;
  };
  const existing = async (): Promise<Connection | undefined> => ((await isThere(path)) ? connect() : undefined);
  const opened = await existing();
  await lanceCall(async () => opened?.tableNames({ limit: 1 }));
  return {
    arrow,
    version: installedVersion(),
    existing,
    createTable: async (name, schema) => createTable(await connect(), path, name, schema),
    close: async () => {
      const open = await connection?.catch(() => undefined);
      if (open !== undefined) await closeHandle(open);
    },
  };
}

/** A connection the application made, and will close. Connect with `readConsistencyInterval: 0`, or reads may be late. */
export async function useConnection(connection: Connection): Promise<LanceClient> {
  return {
    arrow: await import('apache-arrow'),
    existing: async () => connection,
    createTable: async (name, schema) => createTable(connection, undefined, name, schema),
    close: async () => undefined,
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

function installedVersion(): string | undefined {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@lancedb/lancedb'));
  return (require(join(folder, '..', 'package.json')) as { readonly version?: string }).version;
}
