import { randomBytes } from 'node:crypto';
import type { Connection, Table } from '@lancedb/lancedb';
import { type StoreDriver, VecportError } from '@vecport/abstractions';
import type { LanceClient } from './client.js';
import { closeHandle } from './close-handle.js';
import { PROVIDER } from './config.js';
import { lanceCall } from './errors.js';
import { readForeignLayout, withIndexMetrics } from './foreign-layout.js';
import { planTable, readOwnLayout, schemaOf, type TableLayout } from './layout.js';
import { createCollection, TRAITS } from './repository.js';

/** A folder of tables as a store: every table is a collection. */
export function createStore(client: LanceClient): StoreDriver {
  // Weak, so that a program that opens a collection for every request does not keep them all.
  const tables = new Set<WeakRef<Table>>();
  const openTable = async (name: string): Promise<Table> => {
    const connection = await client.existing();
    if (connection === undefined) throw notFound(name);
    return lanceCall(async () => connection.openTable(name));
  };
  return {
    version: client.version,
    traits: TRAITS,
    collections: async ({ signal }) => {
      signal?.throwIfAborted();
      const connection = await client.existing();
      const names = connection === undefined ? [] : await lanceCall(async () => allNames(connection));
      return names.toSorted().map((name) => ({ name }));
    },
    collection: async (name, { signal }) => {
      signal?.throwIfAborted();
      const table = await openTable(name);
      for (const known of tables) if (known.deref() === undefined) tables.delete(known);
      tables.add(new WeakRef(table));
      const layout = await lanceCall(async () => readLayout(client, name, table));
      return createCollection({ arrow: client.arrow, table, layout, openTable: async () => openTable(name) });
    },
    create: async (description, { signal }) => {
      signal?.throwIfAborted();
      const layout = planTable(description, randomBytes(4).toString('hex'));
      await client.createTable(description.name, schemaOf(client.arrow, layout));
    },
    drop: async (name, { signal }) => {
      signal?.throwIfAborted();
      const connection = await client.existing();
      if (connection === undefined) throw notFound(name);
      await lanceCall(async () => connection.dropTable(name));
    },
    close: async () => {
      for (const known of tables) {
        const table = known.deref();
        if (table !== undefined) await closeHandle(table);
      }
      await client.close();
    },
  };
}

async function readLayout({ arrow }: LanceClient, name: string, table: Table): Promise<TableLayout> {
  const schema = await table.schema();
  return readOwnLayout(name, schema) ?? (await withIndexMetrics(table, readForeignLayout(arrow, name, schema)));
}

async function allNames(connection: Connection): Promise<string[]> {
  const names: string[] = [];
  for (
    let page = await connection.tableNames();
    page.length > 0;
    page = await connection.tableNames({ startAfter: names.at(-1) ?? '' })
  ) {
    names.push(...page);
  }
  return names;
}

function notFound(name: string): VecportError {
  return new VecportError('not-found', `There is no table '${name}': the folder does not exist.`, {
    provider: PROVIDER,
    advice: 'Check the path of the store.',
  });
}
