import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'node:util';
import type { Connection } from '@lancedb/lancedb';
import { VecportError } from '@vecport/abstractions';
import type { Schema } from 'apache-arrow';
import { PROVIDER } from './config.js';
import { invalidArgument, lanceCall } from './errors.js';

const TABLE_NAME = /^[A-Za-z0-9_.-]+$/;

/**
 * Make an empty table, or fail and change nothing. LanceDB itself lets two that make the same table
 * at the same moment both succeed, the later replacing the table of the earlier. So the table's
 * folder is taken first, which only one can do; LanceDB then finds it empty and uses it.
 * `path` is unknown for a connection of the application's own: there LanceDB's own check remains.
 */
export async function createTable(
  connection: Connection,
  path: string | undefined,
  name: string,
  schema: Schema,
): Promise<void> {
  if (!TABLE_NAME.test(name)) {
    throw invalidArgument(`'${name}' cannot be the name of a table.`, 'Use letters A to Z, digits, _, - and dots.');
  }
  const folder = path === undefined ? undefined : join(path, `${name}.lance`);
  if (folder !== undefined) await takeFolder(folder, name);
  try {
    const table = await lanceCall(async () => connection.createEmptyTable(name, schema));
    table.close();
  } catch (error) {
    // Only an empty folder is removed; the error that matters is the one above.
    if (folder !== undefined) await rmdir(folder).catch(() => undefined);
    throw error;
  }
}

async function takeFolder(folder: string, name: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (cause) {
    const exists = types.isNativeError(cause) && 'code' in cause && cause.code === 'EEXIST';
    if (exists)
      throw new VecportError('already-exists', `There is a table '${name}' already.`, { provider: PROVIDER, cause });
    throw new VecportError('storage', `The folder '${folder}' cannot be made: ${String(cause)}`, {
      provider: PROVIDER,
      cause,
    });
  }
}
